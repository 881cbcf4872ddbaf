"""May this code bind this member?"""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from domain.programme.model import Programme
from domain.referrals.errors import (
    AlreadyBound,
    BindingTooLate,
    CircularReferral,
    OwnCode,
    SameContact,
    SameDevice,
    SamePayment,
)
from domain.referrals.model import Invitee, Inviter, Mark, MarkKind
from kit.errors import Refusal

_SAME: dict[MarkKind, type[Refusal]] = {
    "device": SameDevice,
    "contact": SameContact,
    "payment": SamePayment,
}
_CODE_LENGTH_MAX = 32
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def read_code(typed: str) -> str | None:
    """The referral code that was meant, None where it can't be one.

    Case, hyphens and spaces don't matter; O is read as 0, I and L as 1.
    """
    code = typed.upper().translate(_READ_AS)
    can_be = 1 <= len(code) <= _CODE_LENGTH_MAX and code.isascii() and code.isalnum()
    return code if can_be else None


def require_bindable(
    inviter: Inviter, invitee: Invitee, now: datetime, *, programme: Programme
) -> None:
    """Refuses, in this order.

    OWN_CODE, CIRCULAR, ALREADY_BOUND, TOO_LATE, SAME_DEVICE, SAME_CONTACT, SAME_PAYMENT. A check at
    the time of binding is advice where both sides can act at once; the award asks again.
    """
    refusal = (
        _refusal_by_relation(inviter, invitee)
        or _refusal_by_time(invitee, now, programme)
        or same_person(inviter.marks, invitee.marks)
    )
    if refusal is not None:
        raise refusal


def same_person(one: AbstractSet[Mark], other: AbstractSet[Mark]) -> Refusal | None:
    """Why these two are taken to be one person: a device, a contact, a means of payment."""
    kinds = {mark.kind for mark in one & other}
    return next((refusal() for kind, refusal in _SAME.items() if kind in kinds), None)


def _refusal_by_relation(inviter: Inviter, invitee: Invitee) -> Refusal | None:
    if inviter.member_id == invitee.member_id:
        return OwnCode()
    if invitee.member_id in inviter.inviters:
        return CircularReferral()
    return None if invitee.inviter_id is None else AlreadyBound()


def _refusal_by_time(invitee: Invitee, now: datetime, programme: Programme) -> Refusal | None:
    days = programme.referral.bind_days
    is_late = now >= invitee.joined_at + timedelta(days=days) or invitee.first_paid_at is not None
    return BindingTooLate(days=days) if is_late else None
