"""What may become of a coupon?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from domain.coupons.model import USABLE, Coupon, State

FOLLOWING: Mapping[State, frozenset[State]] = {
    State.ISSUED: frozenset({State.RESERVED, State.REDEEMED, State.EXPIRED, State.REVOKED}),
    State.RETURNED: frozenset({State.RESERVED, State.REDEEMED, State.EXPIRED, State.REVOKED}),
    State.RESERVED: frozenset(
        {State.REDEEMED, State.ISSUED, State.RETURNED, State.EXPIRED, State.REVOKED}
    ),
    State.REDEEMED: frozenset({State.RETURNED, State.FORFEITED, State.EXPIRED, State.REVOKED}),
    State.EXPIRED: frozenset({State.REDEEMED}),
    State.FORFEITED: frozenset(),
    State.REVOKED: frozenset(),
}
"""What each state may become. EXPIRED becomes REDEEMED by a payment that was made in time."""


def may_reserve(coupon: Coupon, now: datetime) -> bool:
    """Whether a checkout may have it: usable now, and begun."""
    begun = coupon.starts_at is None or now >= coupon.starts_at
    return begun and coupon.state_at(now) in USABLE


def may_redeem(coupon: Coupon, checkout_id: UUID) -> bool:
    """Whether that checkout may use it up.

    It may what it has reserved, however long that took, and what nobody else has: a payment made in
    time is honoured, though its reservation was released and the coupon has expired meanwhile.
    """
    if coupon.state == State.RESERVED:
        return coupon.checkout_id == checkout_id
    return State.REDEEMED in FOLLOWING[State(coupon.state)]


def released(coupon: Coupon, now: datetime) -> State:
    """What a reserved coupon is without its checkout: revoked, expired, or as it was before."""
    if coupon.revoked_at is not None:
        return State.REVOKED
    if coupon.expires_at is not None and now >= coupon.expires_at:
        return State.EXPIRED
    return State.ISSUED if coupon.returned_at is None else State.RETURNED


def given_back(coupon: Coupon, now: datetime, *, days_left: int) -> tuple[State, datetime | None]:
    """What a used coupon becomes when it comes back, and when it expires.

    Its expiry is the original one, or `days_left` days from now where that is later: 0 by a
    member's own return, so that one which has expired stays so.
    """
    expires_at = coupon.expires_at
    if expires_at is not None and days_left:
        expires_at = max(expires_at, now + timedelta(days=days_left))
    if coupon.revoked_at is not None:
        return State.REVOKED, coupon.expires_at
    if expires_at is not None and now >= expires_at:
        return State.EXPIRED, expires_at
    return State.RETURNED, expires_at
