"""Which verbs bind a friend to who invited them, pay both once, and undo that?"""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Protocol

from db.jobs import Claim
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
from domain.referrals.steps import QUALIFY, REVERSE

__all__ = [
    "AWARD_INVITEE",
    "AWARD_INVITER",
    "BOUND",
    "HANDLERS",
    "REVERSE_INVITER",
    "award_invitee",
    "award_inviter",
    "bind",
    "confirm_bound",
    "enrol",
    "lapse",
    "qualify",
    "register",
    "reverse",
    "reverse_inviter",
]


class _Effect(Protocol):
    def __call__(self, claim: Claim, *, now: datetime) -> Awaitable[None]: ...


HANDLERS: Mapping[str, _Effect] = {
    BOUND: confirm_bound,
    QUALIFY: qualify,
    AWARD_INVITER: award_inviter,
    AWARD_INVITEE: award_invitee,
    REVERSE: reverse,
    REVERSE_INVITER: reverse_inviter,
}
"""The effect of each kind of job."""
