"""What happens to a member when an order is paid, completed or refunded? Called on an open dossier."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.effects.model import Effect, GrantGrowth, GrantPoints, TakeBackGrowth, TakeBackPoints
from domain.ledger.model import Decision
from domain.members.rules import zone_at
from domain.orders.model import Dossier, Key, OrderSeen, PurchaseRow
from domain.points.model import (
    EarnDecision,
    OrderFacts,
    RefundDecision,
    RefundFacts,
)
from domain.points.rules import cap_keys, earn, expires_at, inactive_at, pending_until, refund_step
from domain.programme.model import Programme
from domain.rewards.steps import issue
from kit.calendar import day_of
from kit.ids import new_id

USAGE = "rule:"


def paid(dossier: Dossier, source: str, facts: OrderFacts) -> PurchaseRow:
    """Grant what the order earns under the version of its payment, pending until its window ends.

    Refuses CURRENCY_NOT_SUPPORTED.
    """
    published = dossier.versions.at(facts.paid_at)
    programme = published.programme
    tier = dossier.tier_under(programme, facts.paid_at)
    zone = zone_at(dossier.desk.member, facts.paid_at)
    earned = earn(
        facts,
        programme,
        tier,
        day=day_of(facts.paid_at, zone, programme.day_start_hour),
        caps_used=_caps_used(dossier),
        first_order=not dossier.has_ordered,
    )
    decision = dossier.desk.decide(
        f"order:{source}:{facts.order_id}",
        "purchase",
        published.version,
        inputs=earned.inputs,
        outcome=earned.outcome,
        occurred_at=facts.paid_at,
    )
    settles_at = pending_until(facts.paid_at, tier, programme)
    row = _row(dossier, source, facts, earned, decision, tier.code, settles_at)
    row.lot_id = _grant(dossier, row, decision, programme)
    for use in earned.cap_uses:
        dossier.use(USAGE + use.rule, use.period_key, use.points)
    _remember(dossier, row, programme)
    dossier.has_ordered = True
    return row


def completed(dossier: Dossier, key: Key, at: datetime) -> PurchaseRow:
    """The return window is over: the order's points become available at `at`."""
    row = dossier.purchases[key]
    if row.completed_at is not None:
        return row
    row.completed_at = row.settles_at = max(at, row.paid_at)
    if row.lot_id is not None:
        programme = dossier.versions.numbered(row.programme_version).programme
        book = dossier.desk.points
        ends = expires_at(row.settles_at, programme) or inactive_at(row.settles_at, programme)
        book.reschedule(book.lots[row.lot_id], row.settles_at, ends)
    _put(dossier, row)
    return row


def refunded(dossier: Dossier, key: Key, facts: RefundFacts, at: datetime) -> RefundDecision:
    """Take back the refund's share of what the order gave. Refuses what `refund_step` refuses."""
    row = dossier.purchases[key]
    step = refund_step(row.purchase(), facts)
    decision = dossier.desk.decide(
        f"refund:{row.source}:{row.order_id}:{facts.refund_id}",
        "refund",
        row.programme_version,
        inputs=step.inputs,
        outcome=step.outcome,
        occurred_at=at,
    )
    effects: list[Effect] = []
    if step.points_taken and row.lot_id is not None:
        effects.append(TakeBackPoints(row.lot_id, step.points_taken, "refund"))
    if step.growth_taken:
        effects.append(TakeBackGrowth(step.growth_taken, "purchase"))
    issue(
        dossier.desk,
        decision,
        effects,
        programme=dossier.versions.numbered(row.programme_version).programme,
        source_type="order",
        source_id=row.order_id,
        occurred_at=at,
    )
    _apply_refund(dossier, row, step)
    _free_caps(dossier, row, step.rule_points_freed)
    _put_refund(dossier, row, facts, step, decision)
    return step


def _caps_used(dossier: Dossier) -> dict[tuple[str, str], int]:
    return {
        (code.removeprefix(USAGE), period): points
        for (code, period), points in dossier.usage.items()
        if code.startswith(USAGE)
    }


def _row(  # noqa: PLR0913  the columns
    dossier: Dossier,
    source: str,
    facts: OrderFacts,
    earned: EarnDecision,
    decision: Decision,
    tier_code: str,
    settles_at: datetime,
) -> PurchaseRow:
    programme = dossier.versions.numbered(decision.programme_version).programme
    bought = earned.purchase
    return PurchaseRow(
        member_id=dossier.desk.member.member_id,
        id=new_id(),
        source=source,
        order_id=facts.order_id,
        paid_at=facts.paid_at,
        day=day_of(facts.paid_at, programme.zone, programme.day_start_hour),
        currency=facts.currency,
        lines=[line.document() for line in bought.lines],
        net_minor=sum(line.net_minor for line in bought.lines),
        base_minor=earned.base_minor,
        base_left_minor=bought.base_left_minor,
        eligible_left_minor=bought.eligible_left_minor,
        points=earned.points,
        points_left=bought.points_left,
        growth=earned.growth,
        growth_left=bought.growth_left,
        lot_id=None,
        tier_code=tier_code,
        settles_at=settles_at,
        completed_at=None,
        decision_id=decision.id,
        programme_version=decision.programme_version,
    )


def _grant(
    dossier: Dossier, row: PurchaseRow, decision: Decision, programme: Programme
) -> UUID | None:
    effects: list[Effect] = []
    if row.points:
        ends = expires_at(row.settles_at, programme) or inactive_at(row.paid_at, programme)
        effects.append(GrantPoints(row.points, "purchase", row.settles_at, ends))
    if row.growth:
        effects.append(GrantGrowth(row.growth, "purchase"))
    issued = issue(
        dossier.desk,
        decision,
        effects,
        programme=programme,
        source_type="order",
        source_id=row.order_id,
        occurred_at=row.paid_at,
    )
    return issued.lots[0].id if issued.lots else None


def _remember(dossier: Dossier, row: PurchaseRow, programme: Programme) -> None:
    key = row.source, row.order_id
    dossier.purchases[key] = row
    dossier.orders[key] = OrderSeen(
        member_id=row.member_id,
        id=row.id,
        source=row.source,
        order_id=row.order_id,
        paid_at=row.paid_at,
        day=row.day,
        base_left_minor=row.base_left_minor,
        eligible_left_minor=row.eligible_left_minor,
        growth_left=row.growth_left,
        settles_at=row.settles_at,
    )
    _put(dossier, row)
    active_until = inactive_at(row.paid_at, programme)
    if active_until is not None:
        dossier.desk.points.extend(active_until)


def _put(dossier: Dossier, row: PurchaseRow) -> None:
    seen = dossier.orders.get((row.source, row.order_id))
    if seen is not None:
        seen.base_left_minor = row.base_left_minor
        seen.eligible_left_minor = row.eligible_left_minor
        seen.growth_left = row.growth_left
        seen.settles_at = row.settles_at
    dossier.desk.changes.put("purchase", row)


def _apply_refund(dossier: Dossier, row: PurchaseRow, step: RefundDecision) -> None:
    left = step.purchase
    row.lines = [line.document() for line in left.lines]
    row.points_left = left.points_left
    row.growth_left = left.growth_left
    row.base_left_minor = left.base_left_minor
    row.eligible_left_minor = left.eligible_left_minor
    _put(dossier, row)


def _free_caps(dossier: Dossier, row: PurchaseRow, freed: Mapping[str, int]) -> None:
    programme = dossier.versions.numbered(row.programme_version).programme
    zone = zone_at(dossier.desk.member, row.paid_at)
    day = day_of(row.paid_at, zone, programme.day_start_hour)
    for rule in programme.points.rules:
        for period in cap_keys(rule, day).values() if freed.get(rule.code) else ():
            dossier.use(USAGE + rule.code, period, -freed[rule.code])


def _put_refund(
    dossier: Dossier,
    row: PurchaseRow,
    facts: RefundFacts,
    step: RefundDecision,
    decision: Decision,
) -> None:
    dossier.desk.changes.put(
        "refund",
        {
            "member_id": row.member_id,
            "id": new_id(),
            "purchase_id": row.id,
            "refund_id": facts.refund_id,
            "occurred_at": decision.occurred_at,
            "lines": [
                {"line_id": line.line_id, "amount_minor": line.amount_minor} for line in facts.lines
            ],
            "points": step.points_taken,
            "growth": step.growth_taken,
            "decision_id": decision.id,
        },
    )
