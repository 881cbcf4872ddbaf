"""What do a shop's customers do, and what does it come to by the rules alone, without a database?

A model of the intake: events of one member in the order of their arrival, on `domain.points.rules`.
Nobody here buys enough to leave the lowest tier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from domain.intake.model import (
    EVENT_TYPES,
    Fact,
    OrderCompleted,
    OrderPaid,
    OrderRefunded,
    Payload,
    ReviewApproved,
)
from domain.intake.rules import order_facts
from domain.points.model import InteractionFacts, Purchase, RefundFacts, RefundLine
from domain.points.rules import cap_keys, earn, interact, pending_until, refund_step
from domain.programme.model import Programme
from kit.calendar import day_of
from tests.support.world import a_member

SOURCE = "shop"
RULE = {
    "code": "FRESH",
    "name": {"zh-CN": "生鲜双倍", "en": "Fresh food counts double"},
    "match": {"category": ["fresh"]},
    "multiplier": "2",
    "cap_points": {"day": 60},
}


def with_a_capped_rule(programme: Programme) -> Programme:
    """So that what an order earns depends on what came before it, and on its refunds."""
    document = programme.document()
    document["points"]["rules"] = [RULE]
    return Programme.of(document)


def shopping(random: Random, subjects: Sequence[str], events_min: int, now: datetime) -> list[Fact]:
    """Events in the order in which a shop sends them: some before their order, some twice."""
    sent: list[tuple[float, Fact]] = []
    number = 0
    while len(sent) < events_min:
        number += 1
        sent += _story(random, random.choice(subjects), number, now)
    return [fact for _, fact in sorted(sent, key=lambda placed: placed[0])]


async def customers(count: int) -> list[str]:
    """The shop's ids of so many new members."""
    subjects = [f"customer-{number}" for number in range(count)]
    for subject in subjects:
        await a_member(external_id=subject)
    return subjects


def an_order(chance: Random, subject: str, now: datetime) -> list[Fact]:
    """Paid and completed just now, and large enough to count for a referral."""
    order = _order(chance, f"order of {subject}", now)
    order["lines"][0] |= {"amountMinor": 5_000, "discountMinor": 0}
    paid = _fact("order.paid", f"paid {subject}", now, subject, order)
    data = {"orderId": order["orderId"]}
    return [paid, _fact("order.completed", f"completed {subject}", now, subject, data)]


def _story(random: Random, subject: str, number: int, now: datetime) -> list[tuple[float, Fact]]:
    """An order with what becomes of it, or a review, each event with its place in the stream."""
    place = random.random()
    days_ago = random.choice((40, 10))
    paid_at = now - timedelta(days=days_ago, minutes=-random.randrange(36 * 60))
    order = _order(random, f"o{number}", paid_at)
    if random.random() < 0.1:
        data = {"reviewId": f"r{number}", "photos": random.randrange(2)}
        return [(place, _fact("review.approved", f"r{number}", paid_at, subject, data))]
    paid = _fact("order.paid", f"o{number}", paid_at, subject, order)
    told = [(place, paid)]
    if random.random() < 0.05:
        again = _fact("order.paid", f"o{number} again", paid_at, subject, order)
        told.append((place + 0.01, again))
    later = [_completed(number, random, subject, paid_at)] if random.random() < 0.3 else []
    later += _refunds(number, random, subject, paid_at, order) if random.random() < 0.4 else []
    for fact in later:
        is_early = random.random() < 0.2
        told.append((place + random.random() * (-0.1 if is_early else 0.1), fact))
    return told


def _order(random: Random, order_id: str, paid_at: datetime) -> dict[str, Any]:
    lines = [
        {
            "lineId": f"{number}",
            "sku": f"sku-{random.randrange(50)}",
            "category": random.choice(("fresh", "dry", "frozen")),
            "quantity": random.randrange(1, 4),
            "amountMinor": random.randrange(500, 4_000),
            "discountMinor": random.randrange(0, 500),
        }
        for number in range(random.randrange(1, 4))
    ]
    return {
        "orderId": order_id,
        "paidAt": paid_at.isoformat(),
        "currency": "CNY",
        "lines": lines,
        "shippingMinor": 600,
    }


def _completed(number: int, random: Random, subject: str, paid_at: datetime) -> Fact:
    at = paid_at + timedelta(minutes=random.randrange(1, 8 * 24 * 60))
    return _fact("order.completed", f"c{number}", at, subject, {"orderId": f"o{number}"})


def _refunds(
    number: int, random: Random, subject: str, paid_at: datetime, order: dict[str, Any]
) -> list[Fact]:
    """The whole order at once, or some of one line in steps."""
    at = paid_at + timedelta(minutes=random.randrange(1, 8 * 24 * 60))
    order_id = order["orderId"]
    if random.random() < 0.3:
        data = {"orderId": order_id, "refundId": "whole"}
        return [_fact("order.refunded", f"w{number}", at, subject, data)]
    line = random.choice(order["lines"])
    most = (line["amountMinor"] - line["discountMinor"]) // 3
    return [
        _fact(
            "order.refunded",
            f"p{number}.{step}",
            at,
            subject,
            {
                "orderId": order_id,
                "refundId": f"part {step}",
                "lines": [{"lineId": line["lineId"], "amountMinor": random.randrange(most)}],
            },
        )
        for step in range(random.randrange(1, 4))
    ]


def _fact(kind: str, event_id: str, at: datetime, subject: str, data: dict[str, Any]) -> Fact:
    return Fact(event_id, SOURCE, kind, at, subject, data)


@dataclass
class Bought:
    purchase: Purchase
    paid_at: datetime
    settles_at: datetime


@dataclass
class Expected:
    """What one member's events come to; `besides`: what they have from elsewhere."""

    programme: Programme
    besides_points: int = 0
    besides_growth: int = 0
    orders: dict[str, Bought] = field(default_factory=dict[str, Bought])
    refunds: int = 0
    reviews: int = 0
    interaction_points: int = 0
    _early: dict[str, list[tuple[Fact, Payload]]] = field(default_factory=dict)
    _used: dict[tuple[str, str], int] = field(default_factory=dict)

    def available(self, now: datetime) -> int:
        settled = (one for one in self.orders.values() if one.settles_at <= now)
        bought = sum(one.purchase.points_left for one in settled)
        return self.besides_points + self.interaction_points + bought

    def pending(self, now: datetime) -> int:
        waiting = (one for one in self.orders.values() if one.settles_at > now)
        return sum(one.purchase.points_left for one in waiting)

    @property
    def growth(self) -> int:
        bought = sum(one.purchase.growth_left for one in self.orders.values())
        return self.besides_growth + self.interaction_points + bought

    def take(self, fact: Fact) -> None:
        payload = EVENT_TYPES[fact.type].payload.model_validate(fact.data)
        match payload:
            case OrderPaid(order_id=order_id):
                if order_id in self.orders:
                    return
                self._paid(payload)
                for waiting in self._early.pop(order_id, ()):
                    self._follow(*waiting)
            case OrderCompleted() | OrderRefunded():
                if payload.order_id in self.orders:
                    self._follow(fact, payload)
                else:
                    self._early.setdefault(payload.order_id, []).append((fact, payload))
            case ReviewApproved():
                self._review(fact, payload)

    def _paid(self, payload: OrderPaid) -> None:
        facts = order_facts(payload)
        tier = self.programme.tiers.ladder[0]
        earned = earn(
            facts,
            self.programme,
            tier,
            day=self._day(facts.paid_at),
            caps_used={(code, period): used for (code, period), used in self._used.items()},
            first_order=not self.orders,
        )
        for use in earned.cap_uses:
            self._use(use.rule, use.period_key, use.points)
        settles_at = pending_until(facts.paid_at, tier, self.programme)
        self.orders[payload.order_id] = Bought(earned.purchase, facts.paid_at, settles_at)

    def _follow(self, fact: Fact, payload: Payload) -> None:
        if isinstance(payload, OrderCompleted):
            bought = self.orders[payload.order_id]
            bought.settles_at = max(fact.time, bought.paid_at)
            return
        assert isinstance(payload, OrderRefunded)
        bought = self.orders[payload.order_id]
        lines = tuple(RefundLine(line.line_id, line.amount_minor) for line in payload.lines)
        step = refund_step(bought.purchase, RefundFacts(payload.refund_id, lines))
        bought.purchase = step.purchase
        self.refunds += 1
        for rule in self.programme.points.rules:
            for period in cap_keys(rule, self._day(bought.paid_at)).values():
                self._use(rule.code, period, -step.rule_points_freed.get(rule.code, 0))

    def _review(self, fact: Fact, payload: ReviewApproved) -> None:
        day = self._day(fact.time).isoformat()
        facts = InteractionFacts(
            kind="review",
            reference=payload.review_id,
            counted_today=self._used.get(("review", day), 0),
            with_photo=payload.photos > 0,
        )
        decided = interact(facts, self.programme, self.programme.tiers.ladder[0])
        if decided.growth:
            self._use("review", day, 1)
        self.reviews += 1
        self.interaction_points += decided.points

    def _day(self, at: datetime):
        return day_of(at, self.programme.zone, self.programme.day_start_hour)

    def _use(self, code: str, period: str, amount: int) -> None:
        self._used[code, period] = max(0, self._used.get((code, period), 0) + amount)


def expected(facts: Iterable[Fact], programme: Programme) -> dict[str, Expected]:
    """By subject."""
    members: dict[str, Expected] = {}
    for fact in facts:
        members.setdefault(fact.subject, Expected(programme)).take(fact)
    return members
