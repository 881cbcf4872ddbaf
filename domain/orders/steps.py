"""What happens when an order is paid, completed, refunded or never completed?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from domain.effects.model import Effect, GrantGrowth, GrantPoints, TakeBackGrowth, TakeBackPoints
from domain.ledger.model import Decision, Lot
from domain.members.rules import day_at, is_birthday_month
from domain.orders.model import Dossier, Key, OrderReview, OrderSeen, PurchaseRow
from domain.points.model import (
    EarnDecision,
    OrderFacts,
    RefundDecision,
    RefundFacts,
)
from domain.points.rules import cap_keys, earn, expires_at, inactive_at, pending_until, refund_step
from domain.programme.model import Programme, Tier
from domain.rewards.steps import issue
from kit.calendar import day_of
from kit.ids import new_id

USAGE = "rule:"
_BY_WORD_ONLY = datetime.max.replace(tzinfo=UTC)
# What no id of a shop's can hold, so that two happenings never have one key.
_APART = "\x1f"


def paid(dossier: Dossier, source: str, facts: OrderFacts, *, told_at: datetime) -> PurchaseRow:
    """Grant what the order earns under the version of its payment, pending until its window ends.

    Where silence cancels, it counts from when the shop told of the order, so that what is told late
    can still be completed. Refuses CURRENCY_NOT_SUPPORTED.
    """
    published = dossier.versions.at(facts.paid_at)
    programme = published.programme
    tier = dossier.tier_under(programme, facts.paid_at)
    day, member = _member_day(dossier, facts.paid_at, programme), dossier.desk.member
    earned = earn(
        facts,
        programme,
        tier,
        day=day,
        caps_used=_caps_used(dossier),
        first_order=not dossier.has_ordered,
        birthday_month=is_birthday_month(member, day, day_start_hour=programme.day_start_hour),
    )
    decision = dossier.desk.decide(
        _APART.join(("order", source, facts.order_id)),
        "purchase",
        published.version,
        inputs=earned.inputs,
        outcome=earned.outcome,
        occurred_at=facts.paid_at,
    )
    spoken_at = max(facts.paid_at, told_at) if _is_by_word_only(programme) else facts.paid_at
    row = _Earning(dossier, source, facts, tier).row(
        earned, decision, settles_at=pending_until(spoken_at, tier, programme)
    )
    _remember(dossier, row)
    row.lot_id = _grant(dossier, row, decision, programme)
    for use in earned.cap_uses:
        dossier.use(USAGE + use.rule, use.period_key, use.points)
    dossier.has_ordered = True
    return row


def completed(dossier: Dossier, key: Key, at: datetime) -> PurchaseRow:
    """The order's points become available at `at`, unless their window ended before.

    What silence has cancelled stays cancelled.
    """
    row = dossier.purchases[key]
    if row.completed_at is not None:
        return row
    row.completed_at = max(at, row.paid_at)
    row.settles_at = min(row.settles_at, row.completed_at)
    if row.lot_id is not None:
        programme = _programme_of(dossier, row)
        book = dossier.desk.points
        lot = book.lots[row.lot_id]
        ends = expires_at(row.settles_at, programme) or lot.expires_at
        book.reschedule(lot, row.settles_at, ends)
    _release_reviews(dossier, row)
    _put(dossier, row)
    return row


def refunded(dossier: Dossier, key: Key, facts: RefundFacts, at: datetime) -> RefundDecision:
    """Take back the refund's share of what the order gave. Refuses what `refund_step` refuses."""
    row = dossier.purchases[key]
    step = refund_step(row.purchase(), facts)
    decision = dossier.desk.decide(
        _APART.join(("refund", row.source, row.order_id, facts.refund_id)),
        "refund",
        row.programme_version,
        inputs=step.inputs,
        outcome=step.outcome,
        occurred_at=at,
    )
    _take_back(dossier, row, facts, step, decision)
    return step


def reviewed_from(dossier: Dossier, row: PurchaseRow, at: datetime) -> datetime | None:
    """From when on a review of the order counts that was approved at `at`; None: at once."""
    if awaits_word(dossier, row):
        return _BY_WORD_ONLY
    return row.settles_at if row.settles_at > at else None


def goes_with(dossier: Dossier, row: PurchaseRow, lots: Sequence[Lot], growth: int) -> None:
    """Let what a review gave wait for the order, and be taken back with it."""
    for lot in lots:
        if awaits_word(dossier, row):
            dossier.desk.points.reschedule(lot, None, lot.expires_at)
        dossier.reviews.append(OrderReview(row.id, lot.id, growth))


def _release_reviews(dossier: Dossier, row: PurchaseRow) -> None:
    programme, book = _programme_of(dossier, row), dossier.desk.points
    for review in dossier.reviews:
        lot = book.lots[review.lot_id]
        if review.purchase_id == row.id and lot.activated_at is None:
            at = max(row.settles_at, lot.occurred_at)
            book.reschedule(lot, at, expires_at(at, programme) or lot.expires_at)


def _reviews_undone(dossier: Dossier, row: PurchaseRow, decision: Decision) -> list[Effect]:
    """Of an order that is sent back whole, what its reviews gave."""
    gone = [review for review in dossier.reviews if review.purchase_id == row.id]
    dossier.reviews = [review for review in dossier.reviews if review.purchase_id != row.id]
    effects: list[Effect] = []
    for review in gone:
        lot = dossier.desk.points.lots[review.lot_id]
        effects.append(TakeBackPoints(lot.id, lot.granted, decision.kind))
        effects.append(TakeBackGrowth(review.growth, "interaction"))
        dossier.interactions.append((decision.occurred_at, -review.growth))
    return effects


def awaits_word(dossier: Dossier, row: PurchaseRow) -> bool:
    """Whether only the shop's order.completed can make the order count, until `settles_at`."""
    return row.completed_at is None and _is_by_word_only(_programme_of(dossier, row))


def fallen_silent(dossier: Dossier, until: datetime) -> list[PurchaseRow]:
    """Orders at hand that the shop had not completed by their date, the earliest first."""
    silent = [
        row
        for row in dossier.purchases.values()
        if row.settles_at <= until and awaits_word(dossier, row) and _has_anything_left(row)
    ]
    return sorted(silent, key=lambda row: (row.settles_at, row.id))


def cancelled(dossier: Dossier, row: PurchaseRow) -> None:
    """Take back all that is left of a silent order, dated when silence decided."""
    facts = RefundFacts(refund_id="")
    step = refund_step(row.purchase(), facts)
    policy = _programme_of(dossier, row).points
    decision = dossier.desk.decide(
        _APART.join(("silence", row.source, row.order_id)),
        "silence",
        row.programme_version,
        inputs={**step.inputs, "silence_days": policy.silence_days},
        outcome=step.outcome,
        occurred_at=row.settles_at,
    )
    _take_back(dossier, row, facts, step, decision)


def _is_by_word_only(programme: Programme) -> bool:
    policy = programme.points
    return policy.completion == "completed_only" and policy.silence == "cancel"


def _has_anything_left(row: PurchaseRow) -> bool:
    return any((row.points_left, row.growth_left, row.base_left_minor, row.eligible_left_minor))


def _take_back(
    dossier: Dossier,
    row: PurchaseRow,
    facts: RefundFacts,
    step: RefundDecision,
    decision: Decision,
) -> None:
    effects: list[Effect] = []
    if step.points_taken and row.lot_id is not None:
        effects.append(TakeBackPoints(row.lot_id, step.points_taken, decision.kind))
    if step.growth_taken:
        effects.append(TakeBackGrowth(step.growth_taken, "purchase"))
    if step.purchase.is_sent_back:
        effects += _reviews_undone(dossier, row, decision)
    issue(
        dossier.desk,
        decision,
        effects,
        programme=_programme_of(dossier, row),
        source_type="order",
        source_id=row.order_id,
        occurred_at=decision.occurred_at,
    )
    _apply_refund(dossier, row, step)
    _free_caps(dossier, row, step.rule_points_freed)
    _put_refund(dossier, row, facts, step, decision)


def _programme_of(dossier: Dossier, row: PurchaseRow) -> Programme:
    return dossier.versions.numbered(row.programme_version).programme


def _member_day(dossier: Dossier, at: datetime, programme: Programme) -> date:
    return day_at(dossier.desk.member, at, day_start_hour=programme.day_start_hour)


def _caps_used(dossier: Dossier) -> dict[tuple[str, str], int]:
    return {
        (code.removeprefix(USAGE), period): points
        for (code, period), points in dossier.usage.items()
        if code.startswith(USAGE)
    }


@dataclass(frozen=True, slots=True)
class _Earning:
    """An order that has just earned under `tier`."""

    dossier: Dossier
    source: str
    facts: OrderFacts
    tier: Tier

    def row(self, earned: EarnDecision, decision: Decision, *, settles_at: datetime) -> PurchaseRow:
        facts, bought = self.facts, earned.purchase
        programme = self.dossier.versions.numbered(decision.programme_version).programme
        return PurchaseRow(
            member_id=self.dossier.desk.member.member_id,
            id=new_id(),
            source=self.source,
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
            tier_code=self.tier.code,
            settles_at=settles_at,
            completed_at=None,
            decision_id=decision.id,
            programme_version=decision.programme_version,
        )


def _grant(
    dossier: Dossier, row: PurchaseRow, decision: Decision, programme: Programme
) -> UUID | None:
    effects: list[Effect] = []
    book, by_word_only = dossier.desk.points, awaits_word(dossier, row)
    active_until = inactive_at(dossier.latest(row.paid_at), programme)
    ends = expires_at(row.settles_at, programme) or active_until
    if row.points:
        activates_at = _BY_WORD_ONLY if by_word_only else row.settles_at
        effects.append(GrantPoints(row.points, "purchase", activates_at, ends))
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
    if active_until is not None:
        book.extend(active_until)
    for lot in issued.lots if by_word_only else ():
        book.reschedule(lot, None, ends)
    return issued.lots[0].id if issued.lots else None


def _remember(dossier: Dossier, row: PurchaseRow) -> None:
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
    programme = _programme_of(dossier, row)
    day = _member_day(dossier, row.paid_at, programme)
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
