"""What becomes of a coupon?

Steps on a locked member's desk. What a step may do is asked of the rules first; where the answer is
no, a step that would take value (`redeem`) says so, and the others are called by mistake.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from db.connection import Tx
from db.queries import coupons as queries
from domain.coupons import rules
from domain.coupons.model import STOCK, USABLE, Coupon, Owned, State
from domain.ledger.steps import Desk
from domain.programme.views import versions


async def held(tx: Tx, member_id: UUID, ids: Sequence[UUID] | None = None) -> list[Owned]:
    """The member's coupons with what they say; `ids` None: those neither used nor gone.

    Of `ids` those that are the member's, in whatever state; `Owned.held(now)` is for pricing.
    """
    found = queries.in_hand(tx, member_id) if ids is None else queries.by_id(tx, member_id, ids)
    return await owned(tx, [Coupon(**row) for row in await found])


async def of_checkout(tx: Tx, member_id: UUID, checkout_id: UUID) -> list[Owned]:
    """What a checkout has reserved or used."""
    found = await queries.of_checkout(tx, member_id, checkout_id)
    return await owned(tx, [Coupon(**row) for row in found])


async def owned(tx: Tx, found: Iterable[Coupon]) -> list[Owned]:
    """Coupons with what they say."""
    published = await versions(tx)
    owned: list[Owned] = []
    for coupon in found:
        face = published.numbered(coupon.programme_version).programme.coupon(coupon.template)
        assert face is not None, "a version doesn't change"
        owned.append(Owned(coupon, face))
    return owned


def reserve(desk: Desk, coupon: Coupon, checkout_id: UUID) -> None:
    """Keep it for a checkout. What `held` doesn't call usable now can't be: a mistake."""
    assert rules.may_reserve(coupon, desk.now), coupon
    coupon.checkout_id = checkout_id
    _become(desk, coupon, State.RESERVED)


def release(desk: Desk, coupon: Coupon) -> None:
    """The checkout doesn't need it: usable as before, unless it lapsed or was revoked meanwhile."""
    assert coupon.state == State.RESERVED, coupon
    coupon.checkout_id = None
    _become(desk, coupon, rules.released(coupon, desk.now))


def redeem(desk: Desk, coupon: Coupon, checkout_id: UUID) -> bool:
    """Use it up for a checkout that was paid in time; doing it again changes nothing.

    False, with nothing changed, where another checkout has it or it is gone: what was paid stands,
    and staff must know that the coupon is overused.
    """
    if coupon.state in {State.REDEEMED, State.FORFEITED}:
        return coupon.checkout_id == checkout_id
    if not rules.may_redeem(coupon, checkout_id):
        return False
    coupon.checkout_id, coupon.redeemed_at = checkout_id, desk.now
    _become(desk, coupon, State.REDEEMED)
    return True


def give_back(desk: Desk, coupon: Coupon, *, days_left: int = 0) -> None:
    """Return a used coupon with its original expiry, but at least `days_left` days from now.

    `days_left` is `checkout.cancelled_days_left` where the shop cancelled, else 0. One that has
    expired by then stays so; one that was revoked while it was in use is revoked now.
    """
    assert coupon.state == State.REDEEMED, coupon
    state, coupon.expires_at = rules.given_back(coupon, desk.now, days_left=days_left)
    coupon.checkout_id, coupon.redeemed_at = None, None
    coupon.returned_at = desk.now
    _become(desk, coupon, state)


def forfeit(desk: Desk, coupon: Coupon) -> None:
    """A used coupon whose template says so doesn't come back."""
    assert coupon.state == State.REDEEMED, coupon
    _become(desk, coupon, State.FORFEITED)


def expire(desk: Desk, coupon: Coupon) -> None:
    """Post that a usable coupon wasn't used in time."""
    assert coupon.state_at(desk.now) == State.EXPIRED, coupon
    _become(desk, coupon, State.EXPIRED)


def revoke(desk: Desk, coupon: Coupon) -> None:
    """Take it away: at once, or as soon as it comes back where it is reserved or used.

    A payment that is under way is honoured. One that has expired or is gone stays what it is.
    """
    state = coupon.state_at(desk.now)
    if state in {State.FORFEITED, State.EXPIRED, State.REVOKED}:
        return
    coupon.revoked_at = coupon.revoked_at or desk.now
    _become(desk, coupon, State.REVOKED if state in USABLE else state)


async def revoke_of_source(tx: Tx, desk: Desk, source_type: str, source_id: str) -> None:
    """Take away all that came of one thing."""
    for row in await queries.of_source(tx, desk.member.member_id, source_type, source_id):
        revoke(desk, Coupon(**row))


def _become(desk: Desk, coupon: Coupon, state: State) -> None:
    before = State(coupon.state)
    assert state == before or state in rules.FOLLOWING[before], (before, state)
    if state != before:
        coupon.state, coupon.changed_at = state, desk.now
    if state == State.REVOKED and coupon.is_counted:
        desk.changes.count(STOCK, coupon.template, -1)
    desk.changes.put("coupon", coupon)
