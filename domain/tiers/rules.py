"""What is a member's score, which tier does it reach, and how far is it to the next?"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from domain.programme.model import Programme, Tier
from domain.tiers.model import (
    ScoreParts,
    Standing,
    TierDecision,
    TierPeriod,
    TierProgress,
    WindowFacts,
)
from kit.calendar import month_window
from kit.money import exponent

_SCORE_FULL = 1_000
_PERCENT = 100


def orders_counted(orders: Iterable[tuple[date, int]], programme: Programme) -> int:
    """How many orders count for frequency, given each one's programme day and eligible net left.

    Those with at least `order_min` left after refunds, at most `orders_per_day` of one day.
    """
    policy = programme.tiers.score
    by_day = Counter(day for day, left_minor in orders if left_minor >= policy.order_min_minor)
    return sum(min(count, policy.orders_per_day) for count in by_day.values())


def score(facts: WindowFacts, programme: Programme) -> ScoreParts:
    """floor(0.6 S + 0.4 F) plus the interaction points, in whole numbers all the way.

    ¥3,333 and 3 orders: S = 166.65, F = 60, floor(99.99 + 24) = 123, of which floor(99.99) = 99 is
    spend and the weighted rest, 24, frequency. Under the basis `growth` it is GROWTH that counts.
    """
    if programme.tiers.basis == "growth":
        return ScoreParts(facts.purchase_growth, 0, facts.interaction_growth, facts)
    weighing = _Weighing.of(programme)
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


def counting(
    standing: Standing, all_orders: ScoreParts, settled: ScoreParts, *, now: datetime
) -> ScoreParts:
    """The score that counts for reaching a tier: the settled one for a while after a fall."""
    until = standing.settled_only_until
    return settled if until is not None and now < until else all_orders


def assess(
    standing: Standing,
    all_orders: ScoreParts,
    settled: ScoreParts,
    *,
    programme: Programme,
    now: datetime,
    refunded: bool,
) -> TierDecision:
    """Confirm, fall, upgrade, in this order.

    An upgrade goes at once as far up as the score reaches and opens a period at `now`; it is
    provisional unless the settled score reaches it too. With `refunded`, a provisional tier whose
    threshold the score no longer reaches falls to the highest that it does, never below a
    confirmed one; the former period resumes, and for the length of a period the member's orders
    count only once settled.
    """
    ladder = _Ladder(programme, ladder_rank(tier_for(settled, programme), programme), now)
    after, confirmed = ladder.confirm(standing)
    if refunded:
        after = ladder.fall(after, ladder_rank(tier_for(all_orders, programme), programme))
    counted = counting(after, all_orders, settled, now=now)
    after = ladder.upgrade(after, ladder_rank(tier_for(counted, programme), programme))
    before_rank, after_rank = ladder.rank(standing.period), ladder.rank(after.period)
    change = "upgrade" if after_rank > before_rank else "fall" if after_rank < before_rank else None
    return TierDecision(
        standing=after,
        change=change,
        from_tier=standing.tier_code,
        to_tier=after.tier_code,
        confirmed=confirmed,
        inputs={
            "score": counted.score,
            "spend_score": counted.spend_score,
            "frequency_score": counted.frequency_score,
            "interaction_score": counted.interaction_score,
            "settled_score": settled.score,
            "basis": programme.tiers.basis,
            "refunded": refunded,
        },
        outcome={
            "change": change,
            "from_tier": standing.tier_code,
            "to_tier": after.tier_code,
            "confirmed": list(confirmed),
            "period": after.period.document(),
        },
    )


def progress(standing: Standing, parts: ScoreParts, programme: Programme) -> TierProgress:
    """How far it is to the next tier, from the score that counts (`counting`)."""
    tiers = programme.tiers
    tier = tiers.tier(standing.tier_code)
    above = tiers.ladder[tiers.rank(tier.code) + 1 :]
    next_tier = above[0] if above else None
    threshold = tiers.threshold(next_tier) if next_tier else 0
    return TierProgress(
        parts=parts,
        tier=tier,
        next_tier=next_tier,
        score_to_next=max(0, threshold - parts.score) if next_tier else None,
        yuan_to_next=_yuan_missing(parts, threshold, programme) if next_tier else None,
        orders_to_next=_orders_missing(parts, threshold, programme) if next_tier else None,
        keep_score=tiers.keep(tier),
        period_ends_at=standing.period.ends_at,
        state=standing.state,
    )


def ladder_rank(tier: Tier, programme: Programme) -> int:
    return programme.tiers.rank(tier.code)


@dataclass(frozen=True, slots=True)
class _Weighing:
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


def _yuan_missing(parts: ScoreParts, threshold: int, programme: Programme) -> int | None:
    unit = 10 ** exponent(programme.currency)
    if programme.tiers.basis == "growth":
        per_yuan = programme.growth.per_yuan
        return _ceiling(max(0, threshold - parts.score), per_yuan) if per_yuan else None
    weighing = _Weighing.of(programme)
    wanted = (threshold - parts.interaction_score) * weighing.point
    wanted -= weighing.orders(parts.facts.orders_counted)
    missing_minor = _missing(
        wanted, parts.facts.spend_minor, weighing.per_minor, most=weighing.spend_full_minor
    )
    return None if missing_minor is None else _ceiling(missing_minor, unit)


def _orders_missing(parts: ScoreParts, threshold: int, programme: Programme) -> int | None:
    if programme.tiers.basis == "growth":
        return None
    weighing = _Weighing.of(programme)
    wanted = (threshold - parts.interaction_score) * weighing.point
    wanted -= weighing.spend(parts.facts.spend_minor)
    return _missing(
        wanted, parts.facts.orders_counted, weighing.per_order, most=weighing.orders_full
    )


def _missing(wanted: int, has: int, each: int, *, most: int) -> int | None:
    """How many more it takes until so many times `each` is `wanted`; None above `most`."""
    if wanted <= 0:
        return 0
    needed = _ceiling(wanted, each) if each else most + 1
    return max(0, needed - has) if needed <= most else None


def _ceiling(amount: int, each: int) -> int:
    return -(-amount // each)


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Moves of a standing at `now`, when the settled score reaches `settled_rank`."""

    programme: Programme
    settled_rank: int
    now: datetime

    def rank(self, period: TierPeriod) -> int:
        return self.programme.tiers.rank(period.tier_code)

    def confirm(self, standing: Standing) -> tuple[Standing, tuple[str, ...]]:
        confirmed = [
            period.tier_code
            for period in (*standing.former, standing.period)
            if period.provisional and self.rank(period) <= self.settled_rank
        ]
        periods = [
            replace(period, provisional=False) if period.tier_code in confirmed else period
            for period in (*standing.former, standing.period)
        ]
        return self._stand(standing, periods), tuple(confirmed)

    def fall(self, standing: Standing, reached_rank: int) -> Standing:
        """To the highest tier reached; one between two periods takes that of the fallen one."""
        if not standing.period.provisional or self.rank(standing.period) <= reached_rank:
            return standing
        periods = [*standing.former, standing.period]
        kept = [
            period
            for period in periods
            if not period.provisional or self.rank(period) <= reached_rank
        ]
        if self.rank(kept[-1]) < reached_rank:
            fallen = periods[len(kept)]
            kept.append(self._period(reached_rank, fallen.opened_at, fallen.ends_at))
        until = self._after_a_period()
        return self._stand(replace(standing, settled_only_until=until), kept)

    def upgrade(self, standing: Standing, reached_rank: int) -> Standing:
        if reached_rank <= self.rank(standing.period):
            return standing
        opened = self._period(reached_rank, self.now, self._after_a_period())
        return self._stand(standing, [*standing.former, standing.period, opened])

    def _after_a_period(self) -> datetime:
        programme = self.programme
        return month_window(
            self.now,
            programme.tiers.period_months,
            programme.zone,
            day_start_hour=programme.day_start_hour,
        )

    def _period(
        self, rank: int, opened_at: datetime | None, ends_at: datetime | None
    ) -> TierPeriod:
        return TierPeriod(
            tier_code=self.programme.tiers.ladder[rank].code,
            provisional=rank > self.settled_rank,
            opened_at=opened_at,
            ends_at=ends_at,
        )

    def _stand(self, standing: Standing, periods: list[TierPeriod]) -> Standing:
        """What lies beneath a confirmed period can't come back."""
        confirmed = [index for index, period in enumerate(periods) if not period.provisional]
        *former, period = periods[confirmed[-1] :]
        return replace(standing, period=period, former=tuple(former))
