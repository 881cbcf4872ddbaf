"""How does a coupon come to a member: by a deed that gives it, or because they ask for it?"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.changes import value_of
from db.connection import Tx
from db.queries import coupons as queries
from domain.activity.model import Traits
from domain.coupons import rules
from domain.coupons.model import STOCK, Coupon, Prospect, Source, State
from domain.ledger.model import Decision
from domain.ledger.steps import Desk
from domain.programme.model import CouponTemplate, Programme
from domain.programme.rules.limits import limit_window
from kit.ids import new_id

ORDERS_MAX = 50
"""How many orders a member's stage is told from."""


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
    left_out: list[dict[str, object]] = []
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
            name = face.name.model_dump(mode="json", by_alias=True)
            left_out.append({"template": face.code, "name": name, "reason": refusal.code})
    if left_out:
        decision.outcome["coupons_left_out"] = left_out
    return given


async def _kept(tx: Tx, desk: Desk, source: Source) -> list[Coupon]:
    found = await queries.in_use_but_revoked(tx, desk.member.member_id, source.type, source.id)
    return [Coupon(**row) for row in found]


async def look(tx: Tx, desk: Desk, face: CouponTemplate, programme: Programme) -> Prospect:
    """A template as it stands for the desk's member, with what is on the desk already."""
    found = await prospects(tx, desk.member.member_id, [face], programme, now=desk.now)
    prospect = found[face.code]
    return replace(
        prospect,
        issued=prospect.issued + desk.changes.counted(STOCK, face.code),
        used=prospect.used + _on_the_desk(desk, face.code),
    )


async def prospects(
    tx: Tx,
    member_id: UUID | None,
    faces: Sequence[CouponTemplate],
    programme: Programme,
    *,
    now: datetime,
) -> dict[str, Prospect]:
    """Templates by their code, as they stand for a member; for nobody as for who has nothing."""
    limits = {face.code: face.limit for face in faces}
    found = await queries.prospects(
        tx,
        member_id,
        {
            code: None if limit is None else limit_window(limit, programme, now)[0]
            for code, limit in limits.items()
        },
        orders_max=ORDERS_MAX if any(asks_stage(face) for face in faces) else 0,
    )
    traits = Traits(
        found["tier"] or programme.tiers.ladder[0].code,
        frozenset(found["tags"]),
        tuple(datetime.fromisoformat(at) for at in found["orders"]),
    )
    return {
        face.code: Prospect(
            face,
            traits,
            issued=found["issued"].get(face.code, 0),
            used=found["used"].get(face.code, 0),
        )
        for face in faces
    }


def asks_stage(face: CouponTemplate) -> bool:
    """Whether its audience may depend on orders."""
    return bool(face.audience.stages or face.audience.segments)


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
    is_counted: bool | None = None,
) -> Coupon:
    """Issue a coupon that may be issued, good from now on or in its window, under a new code.

    It is taken from the template's stock; not where a voucher says whether it was (`is_counted`).
    """
    code = rules.code_of(secrets.token_bytes(rules.RANDOM_BYTES))
    starts_at, expires_at = rules.validity(face, desk.now)
    if is_counted is None:
        is_counted = face.stock is not None
        if is_counted:
            desk.changes.count(STOCK, face.code, 1, bound=face.stock)
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
    code = code or rules.code_of(secrets.token_bytes(rules.RANDOM_BYTES))
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
