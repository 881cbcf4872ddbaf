"""How does what a member said become value, once, and how is that undone and given again?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.queries.community import merits as queries
from db.queries.community import sharing
from domain.community import rules
from domain.community.model import Merit, MeritKind, MeritState, Post
from domain.effects.model import Effect, TakeBackCommunity, TakeBackGrowth
from domain.ledger.steps import Desk
from domain.members.rules import day_at
from domain.orders.dossiers import ORDER_REVIEW
from domain.orders.pending import is_by_word_only
from domain.programme.model import Gives, Programme, Tier
from domain.programme.views import Published, Versions, versions
from domain.rewards import steps as rewards
from domain.tiers.steps import assess_job

SOURCE = "community"
UNDONE = "community_undone"
HIDDEN, WITHDRAWN, DELETED, RETURNED = "HIDDEN", "WITHDRAWN", "DELETED", "RETURNED"
COMES_BACK = frozenset({HIDDEN, WITHDRAWN})


@dataclass(slots=True)
class Earner:
    """A member at their desk who may earn: their tier, and how often each has counted on a day."""

    desk: Desk
    published: Published
    tier_code: str
    usage: dict[tuple[str, str], int]

    @property
    def programme(self) -> Programme:
        return self.published.programme

    @property
    def tier(self) -> Tier:
        ladder = self.programme.tiers.ladder
        return next((tier for tier in ladder if tier.code == self.tier_code), ladder[0])


def earner_of(desk: Desk, published: Published) -> Earner:
    """Of who has entered."""
    tier_code = desk.also["tier_code"] or published.programme.tiers.ladder[0].code
    return Earner(desk, published, tier_code, usage_of(desk.also["usage"] or ()))


def usage_of(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], int]:
    return {(row["code"], row["period"]): row["amount"] for row in rows}


async def earn(  # noqa: PLR0913  all that decides
    tx: Tx,
    earner: Earner,
    kind: MeritKind,
    *,
    subject_id: UUID,
    source_id: UUID | None = None,
    unpaid_for: str | None = None,
    known: Merit | None = None,
    review: Post | None = None,
) -> Merit:
    """Decide on a merit and give what it gives; one that stays unpaid keeps its reason.

    `known`: the row of it that was UNPAID until now; `review`: the post, where it is one.
    """
    desk, source_id = earner.desk, source_id or subject_id
    at = desk.now
    hour = earner.programme.day_start_hour
    usage = f"interaction:{rules.COUNTED_AS[kind]}"
    day = day_at(desk.member, at, day_start_hour=hour).isoformat()
    used = earner.usage.get((usage, day), 0)
    deserved = rules.deserve(
        *(kind, earner.programme, earner.tier),
        unpaid_for=unpaid_for,
        used_today=used,
        reference=str(subject_id),
        with_photo=review is not None and bool(review.images),
    )
    merit = known or Merit(
        member_id=desk.member.member_id,
        kind=kind,
        subject_id=subject_id,
        source_id=source_id,
        state=MeritState.UNPAID,
        reason=deserved.reason,
        currency=deserved.currency,
        amount=0,
        growth=0,
        times=0,
        decision_id=None,
        happened_at=at,
        changed_at=at,
    )
    if deserved.reason is not None:
        return _put(desk, replace(merit, reason=deserved.reason, changed_at=at))
    earner.usage[usage, day] = used + 1
    row = {"member_id": merit.member_id, "code": usage, "period": day, "amount": used + 1}
    desk.changes.put("usage", row)
    asked = replace(merit, amount=deserved.amount, growth=deserved.growth)
    return await _pay(tx, earner, asked, deserved.inputs, review=review)


async def give_again(tx: Tx, earner: Earner, merit: Merit, *, review: Post | None = None) -> Merit:
    """Pay what was taken back, as much as it was: it has counted on its day already."""
    inputs: dict[str, object] = {
        "merit": merit.kind,
        "reference": str(merit.subject_id),
        "again": merit.times,
    }
    return await _pay(tx, earner, merit, inputs, review=review)


async def _pay(
    tx: Tx, earner: Earner, merit: Merit, inputs: dict[str, object], *, review: Post | None
) -> Merit:
    """What a review gives waits as long as its order does, and is gone with it."""
    desk, times = earner.desk, merit.times + 1
    order = None
    if review is not None and review.purchase_id is not None:
        of = (merit.member_id, review.purchase_id, review.line_id or "")
        order = await sharing.reviewed_order(tx, *of)
        if order is not None and not order["is_kept"]:
            return keep_reason(desk, merit, RETURNED)
    amounts = {"points": 0, "community": 0, "growth": merit.growth}
    amounts["points" if merit.currency == "POINTS" else "community"] = merit.amount
    decision = desk.decide(
        f"{_key(merit)}:{times}",
        "community",
        earner.published.version,
        inputs=inputs,
        outcome={**amounts},
        occurred_at=desk.now,
    )
    waits = order is not None and order["settles_at"] > desk.now
    issued = await rewards.give(
        tx,
        desk,
        decision,
        Gives(points=amounts["points"]),
        programme=earner.programme,
        source_type=SOURCE if order is None else ORDER_REVIEW,
        source_id=_key(merit) if order is None else str(order["id"]),
        growth=merit.growth,
        community=amounts["community"],
        activates_at=order["settles_at"] if order is not None and waits else None,
    )
    if order is not None and order["completed_at"] is None:
        bought_under = (await versions(tx)).numbered(order["programme_version"]).programme
        for lot in issued.lots if is_by_word_only(bought_under) else ():
            desk.points.reschedule(lot, None, lot.expires_at)
    _look_at_tier(desk, merit)
    paid = replace(
        merit,
        state=MeritState.PAID,
        reason=None,
        times=times,
        decision_id=decision.id,
        changed_at=desk.now,
    )
    return _put(desk, paid)


async def take_back(tx: Tx, desk: Desk, merit: Merit, published: Versions, why: str) -> Merit:
    """Undo what a paid merit gave: points from their very lot, then from others, then as debt."""
    assert merit.decision_id is not None, merit.state
    given = await queries.given(tx, merit.member_id, merit.decision_id)
    if merit.kind == MeritKind.REVIEW and merit.amount and not given.lot_ids:
        # The order that it is of was sent back whole, and took with it what its reviews gave.
        gone = replace(merit, state=MeritState.TAKEN_BACK, reason=RETURNED, changed_at=desk.now)
        return _put(desk, gone)
    outcome = {"points": 0, "community": 0, "growth": merit.growth}
    outcome["points" if merit.currency == "POINTS" else "community"] = merit.amount
    decision = desk.decide(
        f"removed\x1f{given.key}",
        "community_undone",
        given.programme_version,
        inputs={"merit": merit.kind, "reference": str(merit.subject_id), "reason": why},
        outcome={**outcome},
        occurred_at=desk.now,
    )
    effects: list[Effect] = await rewards.undoing(tx, desk, given.lot_ids, UNDONE)
    if merit.currency == "COMMUNITY":
        effects.append(TakeBackCommunity(merit.amount, UNDONE))
    if merit.growth:
        effects.append(TakeBackGrowth(merit.growth, "interaction"))
    rewards.issue(
        desk,
        decision,
        effects,
        programme=published.numbered(given.programme_version).programme,
        source_type=SOURCE,
        source_id=_key(merit),
        occurred_at=desk.now,
    )
    _look_at_tier(desk, merit)
    return _put(desk, replace(merit, state=MeritState.TAKEN_BACK, reason=why, changed_at=desk.now))


def keep_reason(desk: Desk, merit: Merit, why: str) -> Merit:
    """Another reason for which it is not paid now."""
    return _put(desk, replace(merit, reason=why, changed_at=desk.now))


def _look_at_tier(desk: Desk, merit: Merit) -> None:
    if merit.growth:
        desk.changes.put("job", assess_job(merit.member_id, desk.now, desk.now))


def _put(desk: Desk, merit: Merit) -> Merit:
    desk.changes.put("community_merit", merit)
    return merit


def _key(merit: Merit) -> str:
    return f"community:{merit.kind}:{merit.subject_id}:{merit.source_id}"
