"""Is a tier confirmed, does it fall, is a higher one reached?"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.programme.model import Programme
from domain.tiers.model import ScoreParts, Standing, TierDecision, TierPeriod
from domain.tiers.rules.scoring import ladder_rank, tier_for
from kit.calendar import month_window


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

    An upgrade goes at once as far up as the score reaches, opens a period at `now` and ends what
    was at stake; it is provisional unless the settled score reaches it too. With `refunded`, a
    provisional tier whose threshold the score no longer reaches falls to the highest that it does,
    never below a confirmed one; the former period resumes, and for the length of a period the
    member's orders count only once settled.
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


def effective_tier(standing: Standing, programme: Programme) -> str:
    """The code of the tier that a member has: the earned one, or the floor above it."""
    if standing.floor is None:
        return standing.tier_code
    codes = (standing.tier_code, standing.floor.tier_code)
    return max(codes, key=programme.tiers.rank)


def is_held(standing: Standing, programme: Programme) -> bool:
    """Whether the floor is what gives the member their tier."""
    return effective_tier(standing, programme) != standing.tier_code


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
            between = self._period(reached_rank, fallen.opened_at, fallen.ends_at)
            kept.append(replace(between, anchored_at=fallen.anchored_at))
        until = self._after_a_period()
        return self._stand(replace(standing, settled_only_until=until), kept)

    def upgrade(self, standing: Standing, reached_rank: int) -> Standing:
        if reached_rank <= self.rank(standing.period):
            return standing
        opened = replace(
            self._period(reached_rank, self.now, self._after_a_period()), anchored_at=self.now
        )
        periods = [*standing.former, standing.period, opened]
        return self._stand(standing.without_stakes(), periods)

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
