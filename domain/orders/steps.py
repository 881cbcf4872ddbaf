"""What happens when an order is paid, completed, refunded or never completed?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.effects.model import Effect, TakeBackGrowth, TakeBackPoints
from domain.ledger.model import Decision, Lot
from domain.members.rules import day_at, is_birthday_month
from domain.orders.model import Dossier, Key, OrderReview, OrderSeen, PurchaseRow
from domain.orders.pending import (
    BY_WORD_ONLY,
    awaits_word,
    grant,
    is_by_word_only,
    programme_of,
    release,
)
from domain.orders.sales import SaleStep
from domain.orders.selling import entered, give_back, pay_cashback
from domain.points.model import (
    EarnDecision,
    OrderFacts,
    RefundDecision,
    RefundFacts,
)
from domain.points.rules import cap_keys, earn, pending_until, refund_step
from domain.programme.model import Programme, Tier
from domain.rewards.steps import issue
from kit.calendar import day_of
from kit.ids import new_id

USAGE = "rule:"
# What no id of a shop's can hold, so that two happenings never have one key.
_APART = "\x1f"


def paid(
    dossier: Dossier,
    source: str,
    facts: OrderFacts,
    *,
    told_at: datetime,
    checkout_id: UUID | None = None,
) -> PurchaseRow:
    """Grant what the order earns under the version of its payment, pending until its window ends.

    Where silence cancels, it counts from when the shop told of the order, so that what is told late
    can still be completed. `checkout_id`: what it was paid through, unless another order was.
    Refuses CURRENCY_NOT_SUPPORTED.
    """
    facts, sale = entered(dossier, (source, facts), checkout_id)
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
    spoken_at = max(facts.paid_at, told_at) if is_by_word_only(programme) else facts.paid_at
    row = _Earning(dossier, source, facts, tier).row(
        earned, decision, settles_at=pending_until(spoken_at, tier, programme)
    )
    row.sale = sale
    _remember(dossier, row)
    row.lot_id = grant(dossier, row, decision, points=row.points, growth=row.growth)
    for use in earned.cap_uses:
        dossier.use(USAGE + use.rule, use.period_key, use.points)
    pay_cashback(dossier, row)
    dossier.has_ordered = True
    return row


def settled(dossier: Dossier, row: PurchaseRow, at: datetime) -> None:
    """The checkout that the order was paid through is paid now: let what depends on it follow.

    Its cashback is granted; of what the order's refunds had come to before, all comes back.
    """
    pay_cashback(dossier, row)
    decision = dossier.desk.decide(
        _APART.join(("settled", row.source, row.order_id)),
        "refund_settled",
        row.programme_version,
        inputs={"order_id": row.order_id},
        outcome={},
        occurred_at=at,
    )
    give_back(dossier, row, decision)
    _put(dossier, row)


def completed(dossier: Dossier, key: Key, at: datetime) -> PurchaseRow:
    """The order's points become available at `at`, unless their window ended before.

    What silence has cancelled stays cancelled.
    """
    row = dossier.purchases[key]
    if row.completed_at is not None:
        return row
    row.completed_at = max(at, row.paid_at)
    row.settles_at = min(row.settles_at, row.completed_at)
    for lot_id in row.lot_ids:
        release(dossier, row, dossier.desk.points.lots[lot_id])
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
        return BY_WORD_ONLY
    return row.settles_at if row.settles_at > at else None


def goes_with(dossier: Dossier, row: PurchaseRow, lots: Sequence[Lot], growth: int) -> None:
    """Let what a review gave wait for the order, and be taken back with it."""
    for lot in lots:
        if awaits_word(dossier, row):
            dossier.desk.points.reschedule(lot, None, lot.expires_at)
        dossier.reviews.append(OrderReview(row.id, lot.id, growth))


def _release_reviews(dossier: Dossier, row: PurchaseRow) -> None:
    for review in dossier.reviews:
        lot = dossier.desk.points.lots[review.lot_id]
        if review.purchase_id == row.id and lot.activated_at is None:
            release(dossier, row, lot)


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
    policy = programme_of(dossier, row).points
    decision = dossier.desk.decide(
        _APART.join(("silence", row.source, row.order_id)),
        "silence",
        row.programme_version,
        inputs={**step.inputs, "silence_days": policy.silence_days},
        outcome=step.outcome,
        occurred_at=row.settles_at,
    )
    _take_back(dossier, row, facts, step, decision)


def _has_anything_left(row: PurchaseRow) -> bool:
    return any((row.points_left, row.growth_left, row.base_left_minor, row.eligible_left_minor))


def _take_back(
    dossier: Dossier,
    row: PurchaseRow,
    facts: RefundFacts,
    step: RefundDecision,
    decision: Decision,
) -> None:
    _apply_refund(dossier, row, step)
    back = give_back(dossier, row, decision, facts)
    effects: list[Effect] = []
    if step.points_taken and row.lot_id is not None:
        effects.append(TakeBackPoints(row.lot_id, step.points_taken, decision.kind))
    if step.cashback_taken and row.cashback_lot_id is not None:
        effects.append(TakeBackPoints(row.cashback_lot_id, step.cashback_taken, decision.kind))
    if step.growth_taken:
        effects.append(TakeBackGrowth(step.growth_taken, "purchase"))
    if step.purchase.is_sent_back:
        effects += _reviews_undone(dossier, row, decision)
    issue(
        dossier.desk,
        decision,
        effects,
        programme=programme_of(dossier, row),
        source_type="order",
        source_id=row.order_id,
        occurred_at=decision.occurred_at,
    )
    _free_caps(dossier, row, step.rule_points_freed)
    dossier.desk.changes.put("refund", _Refund(row, facts, step, back).row(decision))


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
    programme = programme_of(dossier, row)
    day = _member_day(dossier, row.paid_at, programme)
    for rule in programme.points.rules:
        for period in cap_keys(rule, day).values() if freed.get(rule.code) else ():
            dossier.use(USAGE + rule.code, period, -freed[rule.code])


@dataclass(frozen=True, slots=True)
class _Refund:
    """A refund that was made; `back`: what of the order's checkout came back with it."""

    purchase: PurchaseRow
    facts: RefundFacts
    step: RefundDecision
    back: SaleStep | None

    def row(self, decision: Decision) -> dict[str, object]:
        return {
            "member_id": self.purchase.member_id,
            "id": new_id(),
            "purchase_id": self.purchase.id,
            "refund_id": self.facts.refund_id,
            "occurred_at": decision.occurred_at,
            "lines": [
                {"line_id": line.line_id, "amount_minor": line.amount_minor}
                for line in self.facts.lines
            ],
            "points": self.step.points_taken,
            "growth": self.step.growth_taken,
            "decision_id": decision.id,
            "points_restored": self.back.points if self.back else 0,
            "credit_restored_minor": self.back.credit_minor if self.back else 0,
            "gift_charge_minor": self.back.gift_charge_minor if self.back else 0,
        }
