"""What does time do to a standing: warned, in grace, kept, downgraded, recovered?

One step at a time (`next_step`), each dated when it was due, so that a late run comes to the same
end. What a member must be told of is dated when it is recorded: the warning, the grace.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from domain.programme.model import Programme, Tier
from domain.tiers.model import (
    CountedDeed,
    History,
    ScoreParts,
    Standing,
    TierPeriod,
    TierRecovery,
    TierWarning,
)
from domain.tiers.rules.ladder import is_held
from domain.tiers.rules.makeup import compose, feasible, made_up
from domain.tiers.rules.scoring import facts_of, score
from kit.calendar import month_window

LATE = timedelta(days=3)
"""A warning or a grace recorded later than this moves the period's judgement."""

StepKind = Literal[
    "warned",
    "lifted",
    "grace",
    "recomposed",
    "kept",
    "downgraded",
    "recovered",
    "unrecovered",
    "floor_ending",
    "floor_ended",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The standing after it. `at` is when it was due, or recorded where somebody is told."""

    kind: StepKind
    at: datetime
    standing: Standing
    score: int = 0
    needed: int = 0

    @property
    def gap(self) -> int:
        return max(0, self.needed - self.score)


@dataclass(frozen=True, slots=True)
class Retained:
    """What counts for keeping the tier: the better of the plain score and that with the tasks.

    `base` leaves out the GROWTH of deeds that counted for a task, so that none counts twice.
    """

    plain: ScoreParts
    base: ScoreParts
    made_up: int

    @property
    def score(self) -> int:
        return max(self.plain.score, self.base.score + self.made_up)


def needed(tier: Tier, programme: Programme) -> int:
    """What keeps the tier: nothing where it is for life."""
    return programme.tiers.keep(tier) if tier.may_downgrade else 0


def retained(
    standing: Standing, history: History, programme: Programme, *, until: datetime
) -> Retained:
    """The retention score: what came after the period's opening, the opening order excluded."""
    since = standing.period.opened_at
    assert since is not None, "the lowest tier needs nothing"
    plain = _since(standing, history, programme, since=since, until=until)
    if standing.warning is None or not standing.warning.tasks:
        return Retained(plain, plain, 0)
    done = made_up(standing.warning, history.deeds, until=until)
    deeds = [deed for one in done for deed in one.deeds]
    rest = replace(history, interactions=without(history.interactions, deeds))
    base = _since(standing, rest, programme, since=since, until=until)
    return Retained(plain, base, sum(one.points for one in done))


def without(
    interactions: Iterable[tuple[datetime, int]], deeds: Iterable[CountedDeed]
) -> list[tuple[datetime, int]]:
    """The interactions but those of the deeds, which happened at the same instants."""
    instants = {deed.at for deed in deeds}
    return [(at, growth) for at, growth in interactions if at not in instants]


def _since(
    standing: Standing, history: History, programme: Programme, *, since: datetime, until: datetime
) -> ScoreParts:
    settled = standing.settled_only_until is not None and until < standing.settled_only_until
    orders = [
        order
        for order in history.orders
        if since < order.paid_at <= until and (not settled or order.settles_at <= until)
    ]
    growth = sum(growth for at, growth in history.interactions if since < at <= until)
    return score(facts_of(orders, growth, programme), programme)


def falls_to(standing: Standing, reached: int, programme: Programme) -> Tier:
    """Where a member with this retention score goes who doesn't keep the tier."""
    tiers = programme.tiers
    below = tiers.ladder[: tiers.rank(standing.tier_code)]
    if tiers.downgrade == "one":
        return below[-1]
    return [tier for tier in below if needed(tier, programme) <= reached or tier == below[0]][-1]


def due_at(standing: Standing, programme: Programme, now: datetime) -> datetime | None:
    """From when on time alone may change the standing; None: never."""
    tiers, floor = programme.tiers, standing.floor
    instants: list[datetime] = []
    if floor is not None and floor.ends_at is not None:
        ahead = floor.ends_at - timedelta(days=tiers.warn_days)
        is_untold = not floor.told and is_held(standing, programme)
        instants.append(ahead if is_untold else floor.ends_at)
    if standing.recovery is not None:
        instants.append(standing.recovery.by)
    warning, ends_at = standing.warning, standing.period.ends_at
    if not standing.period.provisional and ends_at is not None:
        warns_at = ends_at - timedelta(days=tiers.warn_days)
        if warning is None:
            instants.append(warns_at if now < warns_at else ends_at)
        elif warning.lifted or warning.tasks_from is not None:
            instants.append(warning.ends_at)
        else:
            instants.append(warning.grace_at)
    return min(instants, default=None)


def next_step(
    standing: Standing,
    history: History,
    programme: Programme,
    *,
    until: datetime,
    now: datetime,
    may_tell: bool = True,
) -> Step | None:
    """The earliest change that is due by `until`, recorded `now`; None: there is none.

    Without `may_tell` only what the member was told of can happen: more facts are on their way.
    """
    judging = _Judging(standing, history, programme, until, now, may_tell)
    steps = (judging.floor(), judging.recovery(), judging.period())
    return min((step for step in steps if step), key=lambda step: step.at, default=None)


def passed(standing: Standing, history: History, programme: Programme, now: datetime) -> Standing:
    """The standing as time has left it by `now`, with nobody told of anything yet."""
    while step := next_step(standing, history, programme, until=now, now=now, may_tell=False):
        standing = step.standing
    return standing


def recovered(
    standing: Standing, history: History, programme: Programme, *, until: datetime
) -> ScoreParts:
    """What counts for the tier that was lost, without what make-up tasks added."""
    assert standing.recovery is not None
    since = standing.recovery.since
    return _since(standing, history, programme, since=since, until=until)


@dataclass(frozen=True, slots=True)
class _Judging:
    standing: Standing
    history: History
    programme: Programme
    until: datetime
    now: datetime
    may_tell: bool

    def floor(self) -> Step | None:
        floor = self.standing.floor
        if floor is None or floor.ends_at is None:
            return None
        if self.until >= floor.ends_at:
            after = replace(self.standing, floor=None)
            return Step(kind="floor_ended", at=floor.ends_at, standing=after)
        warns_at = floor.ends_at - timedelta(days=self.programme.tiers.warn_days)
        is_silent = floor.told or not self.may_tell or not is_held(self.standing, self.programme)
        if is_silent or self.until < warns_at:
            return None
        after = replace(self.standing, floor=replace(floor, told=True))
        return Step(kind="floor_ending", at=self.now, standing=after)

    def recovery(self) -> Step | None:
        """The lost tier's score goes on counting: what reaches it first brings the tier back."""
        lost = self.standing.recovery
        if lost is None:
            return None
        until = min(self.until, lost.by)
        for at in self._instants(lost.lost_at, until):
            reached = lost.credit + self._plain(lost.since, at)
            if reached >= lost.needed:
                return self._recovered(lost, at, reached)
        if self.until < lost.by:
            return None
        after = replace(self.standing, recovery=None)
        return Step(kind="unrecovered", at=lost.by, standing=after)

    def _recovered(self, lost: TierRecovery, at: datetime, reached: int) -> Step:
        programme = self.programme
        period = TierPeriod(
            tier_code=lost.tier_code,
            opened_at=at,
            ends_at=month_window(
                at,
                programme.tiers.period_months,
                programme.zone,
                day_start_hour=programme.day_start_hour,
            ),
            anchored_at=at,
            helped=self.standing.period.helped,
        )
        after = replace(self.standing.without_stakes(), period=period, former=())
        return Step(kind="recovered", at=at, standing=after, score=reached, needed=lost.needed)

    def period(self) -> Step | None:
        period, warning = self.standing.period, self.standing.warning
        if period.provisional or period.ends_at is None:
            return None
        if warning is not None and not warning.lifted:
            return self._warned(warning)
        return self._unwarned(period.ends_at)

    def _unwarned(self, ends_at: datetime) -> Step | None:
        warning, starts_at = self.standing.warning, ends_at - self._warn_days
        if self.until < starts_at:
            return None
        judged_at = ends_at if warning is None else warning.ends_at
        if self._is_kept(self.until):
            return self._kept(judged_at) if self.until >= judged_at else None
        if self.until >= judged_at and self._is_kept(judged_at):
            return self._kept(judged_at)
        return self._warn(ends_at, starts_at) if self.may_tell else None

    def _warn(self, ends_at: datetime, starts_at: datetime) -> Step:
        """Warned as of now; the end moves if that is late or the score fell short after its day."""
        before, now = self.standing.warning, self.now
        late = now - starts_at > LATE or self._is_kept(starts_at)
        if before is None:
            moved, judged_at = late, now + self._warn_days if late else ends_at
        elif before.moved and before.ends_at > now:
            moved, judged_at = True, before.ends_at
        else:
            moved, judged_at = True, now + self._warn_days
        grace = timedelta(days=self.programme.tiers.grace_days)
        fresh = TierWarning(warned_at=now, grace_at=judged_at - grace, ends_at=judged_at)
        warning = replace(before or fresh, warned_at=now, lifted=False, moved=moved)
        warning = replace(warning, grace_at=judged_at - grace, ends_at=judged_at)
        return self._step("warned", now, replace(self.standing, warning=warning))

    def _warned(self, warning: TierWarning) -> Step | None:
        if self.until < warning.ends_at:
            return self._awaited(warning) if self.may_tell else None
        if self._is_kept(warning.ends_at):
            return self._kept(warning.ends_at)
        if warning.tasks_from is not None:
            return self._downgraded(warning)
        return self._grace(warning) if self.may_tell else None

    def _awaited(self, warning: TierWarning) -> Step | None:
        if self._is_kept(self.until):
            lifted = replace(self.standing, warning=replace(warning, lifted=True))
            return self._step("lifted", self.until, lifted)
        if warning.tasks_from is not None:
            return self._recomposed(warning)
        return self._grace(warning) if self.until >= warning.grace_at else None

    def _grace(self, warning: TierWarning) -> Step:
        """Tasks are offered; where that is late, the end moves so that the grace is whole."""
        now = self.now
        if now - warning.grace_at > LATE or now >= warning.ends_at:
            whole = now + timedelta(days=self.programme.tiers.grace_days)
            warning = replace(warning, grace_at=now, ends_at=whole, moved=True)
        begun = replace(warning, tasks_from=now)
        return self._step("grace", now, replace(self.standing, warning=self._with_tasks(begun)))

    def _recomposed(self, warning: TierWarning) -> Step | None:
        """Tasks for another gap, as it is without them; what is begun stays."""
        if self._gap() == warning.gap:
            return None
        after = replace(self.standing, warning=self._with_tasks(warning))
        return self._step("recomposed", self.now, after)

    def _with_tasks(self, warning: TierWarning) -> TierWarning:
        gap, period = self._gap(), self.standing.period
        if period.helped:
            return replace(warning, gap=gap)
        begun = made_up(warning, self.history.deeds, until=self.until)
        days = (warning.ends_at - self.now) // timedelta(days=1)
        tasks = compose(feasible(self.programme), self._tier, gap=gap, days=days, begun=begun)
        return replace(warning, tasks=tasks, gap=gap)

    def _gap(self) -> int:
        base = retained(self.standing, self.history, self.programme, until=self.until).base
        return max(0, needed(self._tier, self.programme) - base.score)

    def _kept(self, at: datetime) -> Step:
        helped = self._retained(at).made_up > 0
        return self._step(
            "kept",
            at,
            replace(self.standing, period=self._following(helped=helped), warning=None),
            at,
        )

    def _following(self, *, helped: bool) -> TierPeriod:
        """It starts at the original end, and ends so many months after the anchor."""
        period, programme = self.standing.period, self.programme
        anchor, ended_at = period.anchored_at or period.opened_at, period.ends_at
        assert anchor is not None
        assert ended_at is not None
        months, ends_at = 0, ended_at
        while ends_at <= ended_at:
            months += programme.tiers.period_months
            ends_at = month_window(
                anchor, months, programme.zone, day_start_hour=programme.day_start_hour
            )
        return replace(
            period, opened_at=ended_at, ends_at=ends_at, anchored_at=anchor, helped=helped
        )

    def _downgraded(self, warning: TierWarning) -> Step:
        at, found = warning.ends_at, self._retained(warning.ends_at)
        lower = falls_to(self.standing, found.score, self.programme)
        opened_at = self.standing.period.opened_at
        assert opened_at is not None
        period = replace(self._following(helped=found.made_up > 0), tier_code=lower.code)
        if lower == self.programme.tiers.ladder[0]:
            period = TierPeriod(tier_code=lower.code, helped=period.helped)
        recovery = TierRecovery(
            tier_code=self.standing.tier_code,
            lost_at=at,
            by=at + timedelta(days=self.programme.tiers.recovery_days),
            since=opened_at,
            needed=needed(self._tier, self.programme),
            credit=found.score - found.plain.score,
        )
        after = replace(self.standing, period=period, warning=None, recovery=recovery)
        return self._step("downgraded", at, after, at)

    def _step(
        self, kind: StepKind, at: datetime, after: Standing, until: datetime | None = None
    ) -> Step:
        return Step(
            kind=kind,
            at=at,
            standing=after,
            score=self._retained(until or self.until).score,
            needed=needed(self._tier, self.programme),
        )

    @property
    def _tier(self) -> Tier:
        return self.programme.tiers.tier(self.standing.tier_code)

    @property
    def _warn_days(self) -> timedelta:
        return timedelta(days=self.programme.tiers.warn_days)

    def _retained(self, until: datetime) -> Retained:
        return retained(self.standing, self.history, self.programme, until=until)

    def _is_kept(self, until: datetime) -> bool:
        return self._retained(until).score >= needed(self._tier, self.programme)

    def _plain(self, since: datetime, until: datetime) -> int:
        return _since(self.standing, self.history, self.programme, since=since, until=until).score

    def _instants(self, after: datetime, until: datetime) -> list[datetime]:
        """When something may have begun to count; what is told late counts from the first."""
        instants = {order.paid_at for order in self.history.orders}
        instants |= {order.settles_at for order in self.history.orders}
        instants |= {at for at, _ in self.history.interactions}
        return [after, *sorted(at for at in instants if after < at <= until)]
