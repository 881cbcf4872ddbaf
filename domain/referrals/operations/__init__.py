"""Which verbs bind a friend to who invited them, pay both once, look twice, and undo that?"""

from domain.referrals.operations.awarding import (
    AWARD_INVITEE,
    AWARD_INVITER,
    award_invitee,
    award_inviter,
    qualify,
)
from domain.referrals.operations.binding import (
    BOUND,
    bind,
    confirm_bound,
    enrol,
    register,
)
from domain.referrals.operations.lapsing import lapse
from domain.referrals.operations.reversing import REVERSE_INVITER, reverse, reverse_inviter
from domain.referrals.operations.reviewing import approve, forget, look, reject
from domain.referrals.steps import QUALIFY, REVERSE

__all__ = [
    "AWARD_INVITEE",
    "AWARD_INVITER",
    "BOUND",
    "QUALIFY",
    "REVERSE",
    "REVERSE_INVITER",
    "approve",
    "award_invitee",
    "award_inviter",
    "bind",
    "confirm_bound",
    "enrol",
    "forget",
    "lapse",
    "look",
    "qualify",
    "register",
    "reject",
    "reverse",
    "reverse_inviter",
]
