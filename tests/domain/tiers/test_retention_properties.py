"""Does keeping and losing tiers hold for any history and any schedule of the nights?"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.programme.model import MakeUpAction, Programme
from domain.tiers.model import CountedDeed, History, Standing, TierFloor, TierPeriod
from domain.tiers.rules import compose, effective_tier, made_up, next_step, retained
from tests.support.programmes import changed

DEFAULT = Programme()
GROWTH = changed(tiers={"basis": "growth"})
DAY = timedelta(days=1)
OPENED = datetime(2026, 11, 21, 4, tzinfo=UTC)
END = datetime(2027, 11, 21, 16, tzinfo=UTC)
ANCHORED_ENDS = {datetime(2026 + year, 11, 21, 16, tzinfo=UTC) for year in range(1, 6)}
CODES = [tier.code for tier in DEFAULT.tiers.ladder]


@dataclass(frozen=True)
class Order:
    """An order of so much GROWTH, which is sent back on `refunded_at`."""

    paid_at: datetime
    growth_left: int
    refunded_at: datetime | None = None
    base_left_minor: int = 0
    eligible_left_minor: int = 0
    day: date = date(2027, 1, 1)

    @property
    def settles_at(self):
        return self.paid_at + 15 * DAY

    def seen_at(self, now):
        gone = self.refunded_at is not None and self.refunded_at <= now
        return replace(self, growth_left=0) if gone else self


def history_at(orders, now):
    return History(tuple(order.seen_at(now) for order in orders if order.paid_at <= now))


def on(tier):
    period = TierPeriod(tier_code=tier, opened_at=OPENED, ends_at=END, anchored_at=OPENED)
    return Standing(period=period)


@dataclass(frozen=True)
class Recorded:
    """A step, when it was recorded, and the standing before."""

    kind: str
    at: datetime
    now: datetime
    before: Standing
    after: Standing


def lived(standing, orders, nights):
    """Every step of a member whose events are worked off at once, with these nights."""
    events = {order.paid_at for order in orders} | {
        order.refunded_at for order in orders if order.refunded_at
    }
    steps = []
    for now in sorted(events | set(nights)):
        known = now - timedelta(microseconds=1)
        for until, seen, may_tell in ((now, known, False), (now, now, True)):
            history = history_at(orders, seen)
            while step := next_step(
                standing, history, GROWTH, until=until, now=now, may_tell=may_tell
            ):
                steps.append(Recorded(step.kind, step.at, now, standing, step.standing))
                standing = step.standing
    return steps, standing


def moments(first, last):
    return st.integers(0, (last - first) // timedelta(hours=1)).map(
        lambda hours: first + hours * timedelta(hours=1)
    )


LAST = END + 500 * DAY
# Around what keeps each tier, and far from it.
growths = st.sampled_from([1, 400, 800, 2_000, 3_900, 4_000, 9_600, 16_000, 20_000])
kept_orders = st.lists(st.builds(Order, moments(OPENED, LAST), growths), max_size=6)


@st.composite
def returned_orders(draw):
    near = st.lists(st.builds(Order, moments(END - 60 * DAY, END + 60 * DAY), growths), max_size=4)
    orders = draw(near) + draw(
        st.lists(st.builds(Order, moments(OPENED, LAST), growths), max_size=4)
    )
    return [
        replace(order, refunded_at=order.paid_at + draw(st.integers(1, 60)) * DAY)
        if draw(st.booleans())
        else order
        for order in orders
    ]


@st.composite
def nights_at_intervals(draw, most_days):
    nights, at = [], END - 31 * DAY
    while at < LAST:
        nights.append(at)
        at += draw(st.integers(1, most_days)) * DAY
    return nights


EVERY_NIGHT = [END - 31 * DAY + night * DAY for night in range(540)]
tiers = st.sampled_from(["SILVER", "GOLD", "PLATINUM", "DIAMOND"])
DECIDED = {"kept", "downgraded", "recovered", "unrecovered"}


def decided(steps):
    return [(step.kind, step.at, step.after.period) for step in steps if step.kind in DECIDED]


@given(tiers, kept_orders, nights_at_intervals(most_days=3))
@settings(max_examples=60, deadline=None)
def test_nights_that_are_up_to_three_days_late_come_to_the_same_end(tier, orders, nights):
    in_time, _ = lived(on(tier), orders, EVERY_NIGHT)
    late, _ = lived(on(tier), orders, [*nights, EVERY_NIGHT[-1]])
    assert decided(late) == decided(in_time)


@given(tiers, returned_orders(), nights_at_intervals(most_days=40))
@settings(max_examples=100, deadline=None)
def test_a_night_that_runs_twice_does_nothing(tier, orders, nights):
    once = lived(on(tier), orders, nights)
    standing = once[1]
    last = max([*nights, *(order.refunded_at or order.paid_at for order in orders)])
    again = next_step(standing, history_at(orders, last), GROWTH, until=last, now=last)
    assert again is None


@given(tiers, returned_orders(), nights_at_intervals(most_days=60))
@settings(max_examples=150, deadline=None)
def test_nobody_is_downgraded_without_the_warning_and_a_whole_grace(tier, orders, nights):
    steps, _ = lived(on(tier), orders, nights)
    for index, step in enumerate(steps):
        if step.kind != "downgraded":
            continue
        of_period = [
            before for before in steps[:index] if before.before.period == step.before.period
        ]
        warned = min(before.now for before in of_period if before.kind == "warned")
        grace = min(before.now for before in of_period if before.kind == "grace")
        assert step.at - warned >= 27 * DAY
        assert step.at - grace >= 12 * DAY


@given(tiers, kept_orders)
@settings(max_examples=60, deadline=None)
def test_in_time_and_without_refunds_no_end_ever_moves(tier, orders):
    steps, _ = lived(on(tier), orders, EVERY_NIGHT)
    warnings = [step.after.warning for step in steps if step.kind == "warned"]
    assert all(warning is not None and not warning.moved for warning in warnings)


@given(tiers, returned_orders(), nights_at_intervals(most_days=60))
@settings(max_examples=100, deadline=None)
def test_an_end_moves_for_a_reason_and_the_next_period_keeps_to_the_anchor(tier, orders, nights):
    steps, _ = lived(on(tier), orders, nights)
    for step in steps:
        warning, ends_at = step.after.warning, step.after.period.ends_at
        if warning is not None and ends_at is not None:
            assert warning.moved == (warning.ends_at != ends_at)
        if step.kind == "warned" and ends_at is not None:
            assert warning is not None
            in_time = step.now - (ends_at - 30 * DAY) <= 3 * DAY
            was_short = retained(
                step.before, history_at(orders, step.now), GROWTH, until=ends_at - 30 * DAY
            ).score < GROWTH.tiers.keep(GROWTH.tiers.tier(step.after.tier_code))
            if in_time and was_short and step.before.warning is None:
                assert not warning.moved
            elif step.before.warning is None:
                assert warning.ends_at == step.now + 30 * DAY
        if step.kind in {"kept", "downgraded"} and step.after.tier_code != "NORMAL":
            assert step.after.period.opened_at == step.before.period.ends_at
            if step.before.period.anchored_at == OPENED:
                assert ends_at in ANCHORED_ENDS


@given(tiers, returned_orders(), nights_at_intervals(most_days=30), st.sampled_from(CODES[1:]))
@settings(max_examples=60, deadline=None)
def test_the_effective_tier_is_never_below_the_earned_one_and_a_floor_changes_nothing_of_it(
    tier, orders, nights, floor
):
    beneath = TierFloor(tier_code=floor, starts_at=OPENED, ends_at=END + 100 * DAY)
    steps, after = lived(replace(on(tier), floor=beneath), orders, nights)
    rank = DEFAULT.tiers.rank
    for step in steps:
        assert rank(effective_tier(step.after, DEFAULT)) >= rank(step.after.tier_code)
    without, bare = lived(on(tier), orders, nights)
    assert decided(steps) == decided(without)
    assert replace(after, floor=None) == bare


actions = st.lists(
    st.builds(
        MakeUpAction,
        kind=st.sampled_from(["check_in", "review", "share", "quiz", "post"]),
        keep_percent=st.integers(1, 40),
        per_day=st.integers(1, 3),
        most=st.integers(1, 30),
    ),
    max_size=5,
    unique_by=lambda action: action.kind,
)


@given(actions, tiers, st.integers(1, 700), st.integers(0, 15), st.integers(0, 100))
def test_make_up_tasks_cover_the_gap_as_far_as_they_may_and_can_be_done(
    found, tier_code, gap, days, percent
):
    policy = DEFAULT.tiers.model_copy(
        update={"makeup_actions": tuple(found), "makeup_max_percent": percent}
    )
    tier = policy.tier(tier_code)
    tasks = compose(policy, tier, gap=gap, days=days)
    together = sum(task.points for task in tasks)
    by_kind = {action.kind: action for action in found}
    feasible = sum(
        min(action.most, action.per_day * days)
        * max(1, policy.keep(tier) * action.keep_percent // 100)
        for action in found
    )
    assert together <= policy.makeup_max(tier)
    assert together >= min(gap, policy.makeup_max(tier), feasible)
    for task in tasks:
        action = by_kind[task.kind]
        assert 0 < task.target <= min(action.most, action.per_day * days)
        assert 0 < task.points <= task.target * task.each


deeds = st.lists(
    st.tuples(
        st.sampled_from(["check_in", "review", "share", "quiz", "post"]),
        st.integers(0, 15 * 24 * 60 - 1),
        st.integers(0, 60),
    ),
    max_size=40,
    unique_by=lambda found: found[1],
)
GRACE = END - 15 * DAY


def deed(kind, at):
    return CountedDeed(kind, at, at.date())


def graced(tier, orders):
    standing = on(tier)
    for until in (END - 30 * DAY, GRACE):
        while step := next_step(
            standing, history_at(orders, until), GROWTH, until=until, now=until
        ):
            standing = step.standing
    return standing


@given(tiers, st.integers(0, 3_000), deeds)
@settings(max_examples=150, deadline=None)
def test_no_action_gives_points_twice(tier, growth, done):
    orders = [Order(OPENED + DAY, growth)] if growth else []
    standing = graced(tier, orders)
    if standing.warning is None:
        return
    counted = [
        CountedDeed(
            kind,
            GRACE + minute * timedelta(minutes=1),
            (GRACE + minute * timedelta(minutes=1)).date(),
        )
        for kind, minute, _ in done
    ]
    interactions = [
        (found.at, worth) for found, (_, _, worth) in zip(counted, done, strict=True) if worth
    ]
    history = replace(history_at(orders, END), interactions=interactions, deeds=counted)
    found = retained(standing, history, GROWTH, until=END)
    each = {task.kind: task.each for task in standing.warning.tasks}
    assert found.score <= growth + sum(max(each.get(kind, 0), worth) for kind, _, worth in done)
    assert found.score >= growth + sum(worth for _, _, worth in done)
    assert found.made_up <= GROWTH.tiers.makeup_max(GROWTH.tiers.tier(tier))
    done_for = made_up(standing.warning, counted, until=END)
    of_tasks = [found for one in done_for for found in one.deeds]
    assert len(of_tasks) == len(set(of_tasks))


@given(tiers, st.integers(0, 30))
def test_who_does_all_tasks_that_cover_the_gap_keeps_the_tier(tier_code, percent):
    tier = GROWTH.tiers.tier(tier_code)
    keep = GROWTH.tiers.keep(tier)
    orders = [Order(OPENED + DAY, keep - max(1, keep * percent // 100))]
    standing = graced(tier_code, orders)
    assert standing.warning is not None
    tasks = standing.warning.tasks
    assert sum(task.points for task in tasks) >= standing.warning.gap
    done = [
        CountedDeed(
            task.kind, GRACE + day * DAY + timedelta(minutes=number), (GRACE + day * DAY).date()
        )
        for number, task in enumerate(tasks)
        for day in range(task.target)
    ]
    history = replace(history_at(orders, END), deeds=done)
    step = next_step(standing, history, GROWTH, until=END, now=END)
    assert step is not None
    assert (step.kind, step.standing.period.helped) == ("kept", True)
