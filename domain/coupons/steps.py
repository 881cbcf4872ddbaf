"""How does a coupon come to a member, and what becomes of it?

Steps on a locked member's desk. What a step may do is asked of the rules first; where the answer is
no, a step that would take value (`redeem`) says so, and the others are called by mistake.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from db.changes import value_of
from db.connection import Tx
from db.queries import coupons as queries
from domain.activity.model import Traits
from domain.coupons import rules
from domain.coupons.model import USABLE, Coupon, Owned, Prospect, Source, State
from domain.coupons.rules import RANDOM_BYTES, code_of
from domain.ledger.model import Decision
from domain.ledger.steps import Desk
from domain.programme.model import CouponTemplate, Programme
from domain.programme.rules.limits import limit_window
from domain.programme.views import versions
from kit.ids import new_id

_STOCK = "coupon_stock"
_ORDERS_MAX = 50


async def give(
    tx: Tx,
    desk: Desk,
    decision: Decision,
    faces: Sequence[CouponTemplate],
    *,
    programme: Programme,
    source: Source,
) -> list[Coupon]:
    """Issue what a deed gives; what can't be issued now is left out.

    The decision's outcome says which and why (`coupons_left_out`). One that the same source gave
    before, and that was in use when it was taken away, is the member's again instead of a new one.
    """
    given: list[Coupon] = []
    left_out: list[dict[str, str]] = []
    kept = await _kept(tx, desk, source)
    for face in faces:
        known = next((coupon for coupon in kept if coupon.template == face.code), None)
        if known is not None:
            kept.remove(known)
            known.revoked_at = None
            desk.changes.put("coupon", known)
            continue
        prospect = await look(tx, desk, face, programme)
        refusal = rules.why_not(prospect, programme, now=desk.now)
        if refusal is None:
            given.append(issue(desk, decision, face, source=source))
        else:
            left_out.append({"template": face.code, "reason": refusal.code})
    if left_out:
        decision.outcome["coupons_left_out"] = left_out
    return given


async def _kept(tx: Tx, desk: Desk, source: Source) -> list[Coupon]:
    found = await queries.in_use_but_revoked(tx, desk.member.member_id, source.type, source.id)
    return [Coupon(**row) for row in found]


async def look(tx: Tx, desk: Desk, face: CouponTemplate, programme: Programme) -> Prospect:
    """A template as it stands for the desk's member, with what is on the desk already."""
    since = None if face.limit is None else limit_window(face.limit, programme, desk.now)[0]
    audience = face.audience
    found = await queries.prospects(
        tx,
        desk.member.member_id,
        {face.code: since},
        orders_max=_ORDERS_MAX if audience.stages or audience.segments else 0,
    )
    return Prospect(
        face,
        Traits(
            found["tier"] or programme.tiers.ladder[0].code,
            frozenset(found["tags"]),
            tuple(datetime.fromisoformat(at) for at in found["orders"]),
        ),
        issued=found["issued"].get(face.code, 0) + desk.changes.counted(_STOCK, face.code),
        used=found["used"].get(face.code, 0) + _on_the_desk(desk, face.code),
    )


def _on_the_desk(desk: Desk, template: str) -> int:
    """Coupons that are issued in this transaction."""
    decisions = {value_of(row, "id") for row in desk.changes.rows("decision")}
    return sum(
        value_of(row, "template") == template and value_of(row, "decision_id") in decisions
        for row in desk.changes.rows("coupon")
    )


def issue(
    desk: Desk,
    decision: Decision,
    face: CouponTemplate,
    *,
    source: Source,
    code: str | None = None,
    is_counted: bool = False,
) -> Coupon:
    """Issue a coupon that may be issued, good from now on or in its window.

    Under a new code unless there is one. It is taken from the template's stock, except where it
    was counted before.
    """
    code = code or code_of(secrets.token_bytes(RANDOM_BYTES))
    starts_at, expires_at = rules.validity(face, desk.now)
    if face.stock is not None and not is_counted:
        desk.changes.count(_STOCK, face.code, 1, bound=face.stock)
        is_counted = True
    coupon = Coupon(
        member_id=desk.member.member_id,
        id=new_id(),
        template=face.code,
        code=code,
        state=State.ISSUED,
        source_type=source.type,
        source_id=source.id,
        decision_id=decision.id,
        issued_at=desk.now,
        expires_at=expires_at,
        programme_version=decision.programme_version,
        starts_at=starts_at,
        is_counted=is_counted,
        changed_at=desk.now,
    )
    desk.changes.put("coupon", coupon)
    desk.changes.put("coupon_code", {"code": code, "member_id": desk.member.member_id})
    return coupon


def bring_in(
    desk: Desk,
    decision: Decision,
    face: CouponTemplate,
    *,
    source_id: str,
    code: str | None,
    expires_at: datetime | None,
) -> Coupon:
    """A coupon that another programme issued, with its own code, which must be free, and expiry.

    What it lacks of these it gets as one that is issued here. The template's stock stays.
    """
    code = code or code_of(secrets.token_bytes(RANDOM_BYTES))
    starts_at, ends_at = rules.validity(face, desk.now)
    coupon = Coupon(
        member_id=desk.member.member_id,
        id=new_id(),
        template=face.code,
        code=code,
        state=State.ISSUED,
        source_type="import",
        source_id=source_id,
        decision_id=decision.id,
        issued_at=desk.now,
        expires_at=expires_at or ends_at,
        programme_version=decision.programme_version,
        starts_at=starts_at,
        changed_at=desk.now,
    )
    desk.changes.put("coupon", coupon)
    desk.changes.put("coupon_code", {"code": code, "member_id": desk.member.member_id})
    return coupon


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


def revoke(desk: Desk, coupon: Coupon) -> None:
    """Take it away: at once, or as soon as it comes back where it is reserved or used.

    A payment that is under way is honoured. One that has expired or is gone stays what it is.
    """
    state = coupon.state_at(desk.now)
    if state in {State.FORFEITED, State.EXPIRED, State.REVOKED}:
        return
    coupon.revoked_at = coupon.revoked_at or desk.now
    _become(desk, coupon, State.REVOKED if state in USABLE else state)


async def revoke_of_decision(tx: Tx, desk: Desk, decision_id: UUID) -> None:
    """Take away all that a decision gave."""
    for row in await queries.of_decision(tx, desk.member.member_id, decision_id):
        revoke(desk, Coupon(**row))


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
        desk.changes.count(_STOCK, coupon.template, -1)
    desk.changes.put("coupon", coupon)
