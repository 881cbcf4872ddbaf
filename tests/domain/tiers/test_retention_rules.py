"""Is nobody downgraded without a warning and a whole grace, and is everybody judged on time?"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.programme.model import Programme
from domain.tiers.model import CountedDeed, History, Standing, TierFloor, TierPeriod
from domain.tiers.rules import due_at, effective_tier, next_step, retained
from tests.support.programmes import changed

DEFAULT = Programme()
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OPENED = datetime(2026, 11, 21, 4, tzinfo=UTC)
END = datetime(2027, 11, 21, 16, tzinfo=UTC)
NEXT_END = datetime(2028, 11, 21, 16, tzinfo=UTC)
WARNS = END - 30 * DAY
GRACE = END - 15 * DAY


@dataclass
class Order:
    paid_at: datetime
    base_left_minor: int
    day: date = date(2027, 1, 1)
    growth_left: int = 0

    @property
    def eligible_left_minor(self):
        return 0

    @property
    def settles_at(self):
        return self.paid_at + 15 * DAY


def orders(*found):
    """Pairs of an instant and a score: ¥33.34 are a point."""
    return History(tuple(Order(at, points * 3_334) for at, points in found))


def on(tier="GOLD", **facts):
    period = TierPeriod(tier_code=tier, opened_at=OPENED, ends_at=END, anchored_at=OPENED, **facts)
    return Standing(period=period)


def stepped(standing, history, *, until, now=None, programme=DEFAULT, may_tell=True):
    """Every step until then, and the standing that they lead to."""
    kinds = []
    while step := next_step(
        standing, history, programme, until=until, now=now or until, may_tell=may_tell
    ):
        kinds.append((step.kind, step.at))
        standing = step.standing
    return kinds, standing


def nightly(standing, history, *, first, last, programme=DEFAULT):
    """As if reviewed once a night."""
    kinds = []
    while first <= last:
        found, standing = stepped(standing, history, until=first, programme=programme)
        kinds += found
        first += DAY
    return kinds, standing


def test_who_has_what_keeps_the_tier_is_kept_without_a_word_before():
    kinds, after = stepped(on(), orders((OPENED + DAY, 240)), until=END)
    assert kinds == [("kept", END)]
    assert after.period == TierPeriod(
        tier_code="GOLD", opened_at=END, ends_at=NEXT_END, anchored_at=OPENED
    )


def test_the_opening_order_doesn_t_count_for_keeping():
    kinds, _ = stepped(on(), orders((OPENED, 300)), until=WARNS)
    assert kinds == [("warned", WARNS)]


def test_what_is_paid_at_the_end_counts_and_what_is_paid_later_doesn_t():
    standing = nightly(on(), orders(), first=WARNS, last=GRACE)[1]
    assert stepped(standing, orders((END, 240)), until=END + DAY)[0][0] == ("kept", END)
    late = orders((END + HOUR, 1))
    assert stepped(standing, late, until=END + DAY)[0] == [("downgraded", END)]


def test_interaction_counts_after_the_opening_like_orders():
    score = changed(tiers={"score": {"interaction_cap": 300}})
    history = History((), [(OPENED, 9_000), (OPENED + DAY, 24_000)])
    assert retained(on(), history, score, until=END).score == 240
    assert stepped(on(), history, until=END, programme=score)[0] == [("kept", END)]


def test_a_member_who_is_short_is_warned_thirty_days_ahead():
    assert stepped(on(), orders(), until=WARNS - HOUR)[0] == []
    step = next_step(on(), orders((OPENED + DAY, 200)), DEFAULT, until=WARNS, now=WARNS)
    assert step is not None
    assert (step.kind, step.score, step.needed, step.gap) == ("warned", 200, 240, 40)
    warning = step.standing.warning
    assert warning is not None
    assert (warning.warned_at, warning.grace_at, warning.ends_at) == (WARNS, GRACE, END)
    assert not warning.moved
    assert step.standing.state == "WARNED"


def test_the_grace_begins_fifteen_days_ahead():
    kinds, after = nightly(on(), orders(), first=WARNS, last=GRACE)
    assert kinds == [("warned", WARNS), ("grace", GRACE)]
    assert after.state == "GRACE"


def test_a_member_who_stays_short_goes_down_one_tier_for_the_next_year():
    kinds, after = nightly(on(), orders(), first=WARNS, last=END)
    assert kinds[-1] == ("downgraded", END)
    assert after.period == TierPeriod(
        tier_code="SILVER", opened_at=END, ends_at=NEXT_END, anchored_at=OPENED
    )
    assert after.state == "RECOVERY"


def test_by_score_it_is_the_highest_tier_whose_keep_is_reached():
    by_score = changed(tiers={"downgrade": "by_score"})
    short = orders((OPENED + DAY, 250))
    after = nightly(on("DIAMOND"), short, first=WARNS, last=END, programme=by_score)[1]
    assert after.tier_code == "GOLD"
    after = nightly(on("DIAMOND"), short, first=WARNS, last=END)[1]
    assert after.tier_code == "PLATINUM"


def test_by_score_nobody_falls_past_a_tier_that_is_for_life():
    ladder = [
        tier | {"may_downgrade": tier["code"] != "SILVER"}
        for tier in DEFAULT.document()["tiers"]["ladder"]
    ]
    by_score = changed(tiers={"downgrade": "by_score", "ladder": ladder})
    after = nightly(on("GOLD"), orders(), first=WARNS, last=END, programme=by_score)[1]
    assert after.tier_code == "SILVER"


def test_nobody_goes_below_the_lowest_tier_which_has_no_period():
    after = nightly(on("SILVER"), orders(), first=WARNS, last=END)[1]
    assert after.period == TierPeriod(tier_code="NORMAL")
    kinds, after = nightly(after, orders(), first=END, last=END + 400 * DAY)
    assert kinds == [("unrecovered", END + 30 * DAY)]
    assert due_at(after, DEFAULT, END + 400 * DAY) is None


def test_a_tier_for_life_is_kept_with_nothing():
    ladder = [tier | {"may_downgrade": False} for tier in DEFAULT.document()["tiers"]["ladder"]]
    for_life = changed(tiers={"ladder": ladder})
    kinds, after = nightly(on(), orders(), first=WARNS, last=END, programme=for_life)
    assert kinds == [("kept", END)]
    assert after.tier_code == "GOLD"


def test_a_provisional_tier_is_not_judged():
    assert stepped(on(provisional=True), orders(), until=END + 40 * DAY)[0] == []


def test_the_warning_is_lifted_when_nothing_is_missing_any_more():
    standing = stepped(on(), orders(), until=WARNS)[1]
    enough = orders((WARNS + DAY, 240))
    kinds, after = stepped(standing, enough, until=WARNS + 2 * DAY)
    assert kinds == [("lifted", WARNS + 2 * DAY)]
    assert after.state == "ACTIVE"
    assert stepped(after, enough, until=END)[0] == [("kept", END)]


@pytest.mark.parametrize(
    ("recorded", "end"), [(WARNS + 3 * DAY, END), (WARNS + 3 * DAY + HOUR, WARNS + 33 * DAY + HOUR)]
)
def test_a_warning_more_than_three_days_late_moves_the_end_to_thirty_days_after(recorded, end):
    kinds, after = stepped(on(), orders(), until=recorded)
    assert kinds == [("warned", recorded)]
    assert after.warning is not None
    assert (after.warning.ends_at, after.warning.moved) == (end, end != END)
    assert after.warning.grace_at == end - 15 * DAY


def test_who_falls_short_later_is_warned_then_and_the_end_moves():
    fell = WARNS + DAY
    after = stepped(on(), orders((OPENED + DAY, 240)), until=WARNS)[1]
    # A refund: the order is now worth less since ever, but so it was not on the day of warning.
    history = History((), [(OPENED + DAY, 24_000), (fell, -24_000)])
    programme = changed(tiers={"score": {"interaction_cap": 300}})
    kinds, after = stepped(after, history, until=fell, programme=programme)
    assert kinds == [("warned", fell)]
    assert after.warning is not None
    assert (after.warning.ends_at, after.warning.moved) == (fell + 30 * DAY, True)


def test_the_end_moves_once_in_a_period():
    late = WARNS + 10 * DAY
    warned = stepped(on(), orders(), until=late)[1]
    lifted = stepped(warned, orders((late, 240)), until=late + DAY)[1]
    kinds, again = stepped(lifted, orders(), until=late + 5 * DAY)
    assert kinds == [("warned", late + 5 * DAY)]
    assert again.warning is not None
    assert again.warning.ends_at == late + 30 * DAY


def test_who_falls_short_again_after_a_timely_warning_is_warned_anew_and_the_end_moves():
    warned = stepped(on(), orders(), until=WARNS)[1]
    lifted = stepped(warned, orders((WARNS, 240)), until=WARNS + DAY)[1]
    again = stepped(lifted, orders(), until=END - DAY)[1]
    assert again.warning is not None
    assert (again.warning.ends_at, again.warning.moved) == (END + 29 * DAY, True)


def test_after_a_moved_end_the_next_period_starts_at_the_original_one():
    late = WARNS + 10 * DAY
    moved = late + 30 * DAY
    for score, kind in ((240, "kept"), (0, "downgraded")):
        history = orders((moved, score))
        kinds, after = nightly(on(), history, first=late, last=moved)
        assert kinds[-1] == (kind, moved)
        assert (after.period.opened_at, after.period.ends_at) == (END, NEXT_END)


def test_a_grace_that_is_recorded_late_is_whole_all_the_same():
    warned = stepped(on(), orders(), until=WARNS)[1]
    late = END + 5 * DAY
    kinds, after = stepped(warned, orders(), until=late)
    assert kinds == [("grace", late)]
    assert after.warning is not None
    assert after.warning.ends_at == late + 15 * DAY
    kinds, after = stepped(after, orders(), until=late + 15 * DAY)
    assert kinds == [("downgraded", late + 15 * DAY)]
    assert after.period.opened_at == END


def test_nothing_that_is_not_told_happens_while_more_facts_are_on_their_way():
    until = END + 40 * DAY
    assert stepped(on(), orders(), until=until, may_tell=False)[0] == []
    enough = orders((OPENED + DAY, 240))
    assert stepped(on(), enough, until=until, may_tell=False)[0] == [("kept", END)]


def test_reaching_the_lost_tier_s_keep_brings_it_back_for_a_year():
    lost = nightly(on(), orders((WARNS, 200)), first=WARNS, last=END)[1]
    at = END + 30 * DAY
    kinds, after = stepped(lost, orders((WARNS, 200), (at, 40)), until=at + DAY)
    assert kinds == [("recovered", at)]
    assert after.period == TierPeriod(
        tier_code="GOLD",
        opened_at=at,
        ends_at=datetime(2028, 12, 22, 16, tzinfo=UTC),
        anchored_at=at,
    )
    assert after.recovery is None


def test_after_thirty_days_a_lost_tier_is_lost():
    lost = nightly(on(), orders(), first=WARNS, last=END)[1]
    at = END + 30 * DAY + HOUR
    kinds, after = stepped(lost, orders((at, 240)), until=at)
    assert kinds == [("unrecovered", END + 30 * DAY)]
    assert after.tier_code == "SILVER"


def test_a_late_run_recovers_as_of_the_order_that_reached_it():
    graced = nightly(on(), orders(), first=WARNS, last=GRACE)[1]
    history = orders((END + 10 * DAY, 240), (END + 20 * DAY, 50))
    kinds, _ = stepped(graced, history, until=END + 60 * DAY)
    assert kinds == [("downgraded", END), ("recovered", END + 10 * DAY)]


def test_months_count_from_the_anchor():
    leap = datetime(2024, 2, 29, 4, tzinfo=UTC)
    ends = [
        datetime(year, 2, day, 16, tzinfo=UTC)
        for year, day in ((2025, 28), (2026, 28), (2027, 28), (2028, 29), (2029, 28))
    ]
    period = TierPeriod(tier_code="GOLD", opened_at=leap, ends_at=ends[0], anchored_at=leap)
    standing = Standing(period=period)
    history = orders(*((end - DAY, 240) for end in ends))
    kinds, after = stepped(standing, history, until=ends[-1])
    assert kinds == [("kept", end) for end in ends]
    assert after.period.ends_at == datetime(2030, 2, 28, 16, tzinfo=UTC)


def test_under_the_basis_growth_it_is_growth_that_keeps():
    growth = changed(tiers={"basis": "growth"})
    history = History((Order(OPENED + DAY, 0, growth_left=3_999),))
    assert stepped(on(), history, until=WARNS, programme=growth)[0] == [("warned", WARNS)]
    history = History((Order(OPENED + DAY, 0, growth_left=3_999),), [(OPENED + DAY, 1)])
    assert stepped(on(), history, until=END, programme=growth)[0] == [("kept", END)]


def test_after_a_fall_only_settled_orders_keep_a_tier():
    standing = replace(on(), settled_only_until=END + DAY)
    assert retained(standing, orders((END - 14 * DAY, 240)), DEFAULT, until=END).score == 0
    assert retained(standing, orders((END - 15 * DAY, 240)), DEFAULT, until=END).score == 240


def test_a_floor_hides_the_earned_tier_which_goes_on_underneath():
    floor = TierFloor(tier_code="DIAMOND", starts_at=OPENED, ends_at=END + DAY)
    standing = replace(on(), floor=floor)
    assert effective_tier(standing, DEFAULT) == "DIAMOND"
    kinds, after = nightly(standing, orders(), first=WARNS, last=END + DAY)
    assert [kind for kind, _ in kinds] == [
        "warned", "floor_ending", "grace", "downgraded", "floor_ended",
    ]  # fmt: skip
    assert dict(kinds)["floor_ending"] == END + DAY - 30 * DAY
    assert (effective_tier(after, DEFAULT), after.floor) == ("SILVER", None)


def test_a_floor_below_the_earned_tier_changes_nothing():
    floor = TierFloor(tier_code="SILVER", starts_at=OPENED, ends_at=None)
    assert effective_tier(replace(on(), floor=floor), DEFAULT) == "GOLD"


def test_a_deed_in_the_grace_counts_once():
    basis = changed(tiers={"basis": "growth"})
    at = GRACE + DAY
    graced = nightly(on("SILVER"), orders(), first=WARNS, last=GRACE, programme=basis)[1]
    assert graced.warning is not None
    (review,) = [task for task in graced.warning.tasks if task.kind == "review"]
    assert review.each == 32
    history = History((), [(at, 20), (at + HOUR, 7)], [CountedDeed("review", at, at.date())])
    found = retained(graced, history, basis, until=END)
    assert (found.plain.score, found.base.score, found.made_up) == (27, 7, 32)
    assert found.score == 39


def test_make_up_tasks_are_not_offered_in_two_periods_running():
    graced = nightly(on(helped=True), orders(), first=WARNS, last=GRACE)[1]
    assert graced.state == "GRACE"
    assert graced.warning is not None
    assert (graced.warning.tasks, graced.warning.gap) == ((), 240)


def test_who_was_helped_is_remembered_for_the_next_period():
    short = orders((OPENED + DAY, 231))
    graced = nightly(on(), short, first=WARNS, last=GRACE)[1]
    deeds = [
        CountedDeed("check_in", GRACE + day * DAY, (GRACE + day * DAY).date()) for day in (1, 2, 3)
    ]
    kinds, after = stepped(graced, replace(short, deeds=deeds), until=END)
    assert kinds == [("kept", END)]
    assert after.period.helped


def test_tasks_are_recomposed_when_the_gap_changes_and_what_is_begun_stays():
    graced = nightly(on(), orders((OPENED + DAY, 200)), first=WARNS, last=GRACE)[1]
    assert graced.warning is not None
    before = {task.kind: task.target for task in graced.warning.tasks}
    assert before == {"check_in": 5, "review": 3}
    deeds = [CountedDeed("review", GRACE + HOUR, GRACE.date())]
    history = replace(orders((OPENED + DAY, 235)), deeds=deeds)
    kinds, after = stepped(graced, history, until=GRACE + 2 * HOUR)
    assert kinds == [("lifted", GRACE + 2 * HOUR)]
    history = replace(orders((OPENED + DAY, 229)), deeds=deeds)
    kinds, after = stepped(graced, history, until=GRACE + 2 * HOUR)
    assert kinds == [("recomposed", GRACE + 2 * HOUR)]
    assert after.warning is not None
    assert {task.kind: task.target for task in after.warning.tasks} == {"review": 3}
