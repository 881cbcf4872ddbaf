"""What is a score, and what do orders and interactions of a while give?"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from domain.programme.model import Programme, Tier
from domain.tiers.model import CountedOrder, ScoreParts, WindowFacts

_SCORE_FULL = 1_000
_PERCENT = 100


def orders_counted(orders: Iterable[tuple[date, int]], programme: Programme) -> int:
    """How many orders count for frequency, given each one's programme day and eligible net left.

    Those with at least `order_min` left after refunds, at most `orders_per_day` of one day.
    """
    policy = programme.tiers.score
    by_day = Counter(day for day, left_minor in orders if left_minor >= policy.order_min_minor)
    return sum(min(count, policy.orders_per_day) for count in by_day.values())


def facts_of(
    orders: Sequence[CountedOrder], interaction_growth: int, programme: Programme
) -> WindowFacts:
    """What these orders and so much GROWTH of interactions give; never below nothing."""
    return WindowFacts(
        spend_minor=sum(order.base_left_minor for order in orders),
        orders_counted=orders_counted(
            ((order.day, order.eligible_left_minor) for order in orders), programme
        ),
        purchase_growth=sum(order.growth_left for order in orders),
        interaction_growth=max(0, interaction_growth),
    )


def score(facts: WindowFacts, programme: Programme) -> ScoreParts:
    """floor(0.6 S + 0.4 F) plus the interaction points, in whole numbers all the way.

    ¥3,333 and 3 orders: S = 166.65, F = 60, floor(99.99 + 24) = 123, of which floor(99.99) = 99 is
    spend and the weighted rest, 24, frequency. Under the basis `growth` it is GROWTH that counts.
    """
    if programme.tiers.basis == "growth":
        return ScoreParts(facts.purchase_growth, 0, facts.interaction_growth, facts)
    weighing = Weighing.of(programme)
    policy = programme.tiers.score
    spend = weighing.spend(facts.spend_minor)
    spend_score = spend // weighing.point
    both_score = (spend + weighing.orders(facts.orders_counted)) // weighing.point
    interaction = facts.interaction_growth // policy.interaction_growth_per_point
    return ScoreParts(
        spend_score=spend_score,
        frequency_score=both_score - spend_score,
        interaction_score=min(policy.interaction_cap, interaction),
        facts=facts,
    )


def tier_for(parts: ScoreParts, programme: Programme) -> Tier:
    """The highest tier whose threshold is reached."""
    tiers = programme.tiers
    reached = [tier for tier in tiers.ladder if tiers.threshold(tier) <= parts.score]
    return reached[-1] if reached else tiers.ladder[0]


def ladder_rank(tier: Tier, programme: Programme) -> int:
    return programme.tiers.rank(tier.code)


@dataclass(frozen=True, slots=True)
class Weighing:
    """The weighted parts as whole multiples of 1 / `point` of a score point.

    0.6 x 1000 x spend / spend_full = 60 x 1000 x spend x orders_full / (100 x both fulls).
    """

    spend_full_minor: int
    orders_full: int
    per_minor: int
    per_order: int
    point: int

    @classmethod
    def of(cls, programme: Programme) -> Self:
        policy = programme.tiers.score
        return cls(
            spend_full_minor=policy.spend_full_minor,
            orders_full=policy.orders_full,
            per_minor=policy.spend_weight * _SCORE_FULL * policy.orders_full,
            per_order=policy.orders_weight * _SCORE_FULL * policy.spend_full_minor,
            point=_PERCENT * policy.spend_full_minor * policy.orders_full,
        )

    def spend(self, spend_minor: int) -> int:
        return self.per_minor * min(spend_minor, self.spend_full_minor)

    def orders(self, orders: int) -> int:
        return self.per_order * min(orders, self.orders_full)
