"""Does restoring a missed day pay what it made due, and never more?"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checkins.errors import DayNotMissed, MakeUpLimitReached, MakeUpTooLate
from domain.checkins.model import DayRecord, MakeUpState, MemberDays, Streak
from domain.checkins.rules import make_up
from domain.programme.model import Programme
from kit.calendar import ZoneChange

DEFAULT = Programme()
JOINED_ON = date(2026, 1, 1)


def november(day: int) -> date:
    return date(2026, 11, day)


def noon(day: int) -> datetime:
    return datetime(2026, 11, day, 4, tzinfo=UTC)


def records(*days: int, programme=DEFAULT, start=0) -> tuple[DayRecord, ...]:
    """Days checked in on, each paid what its streak made due; `start`: the streak before."""
    found: list[DayRecord] = []
    for day in sorted(days):
        goes_on = found and november(day) - found[-1].day == timedelta(days=1)
        streak_days = found[-1].streak_days + 1 if goes_on else start + 1 if not found else 1
        points = programme.check_in.bonus_points(streak_days)
        found.append(DayRecord(day=november(day), streak_days=streak_days, milestone_points=points))
    return tuple(found)


def restored(found, missed: int, *, today: int, made_up=0, programme=DEFAULT, **more):
    state = MakeUpState(
        days=more.get("days", MemberDays("Asia/Shanghai")),
        joined_on=more.get("joined_on", JOINED_ON),
        records=found,
        made_up_this_month=made_up,
        badges=more.get("badges", frozenset()),
    )
    return make_up(state, november(missed), noon(today), programme=programme)


def test_restoring_a_day_pays_the_milestone_that_it_made_due():
    decision = restored(records(11, 12, 13, 14, 16, 17, 18), 15, today=18)
    assert (decision.points_awarded, decision.price_points) == (20, 50)
    assert decision.streak == Streak(november(18), 8)
    assert decision.streaks == (
        (november(15), 5),
        (november(16), 6),
        (november(17), 7),
        (november(18), 8),
    )
    assert decision.inputs == {"day": "2026-11-15", "price_points": 50, "paid_points": 0}
    assert decision.outcome == {"points": 20, "streak_days": 8, "badges": [], "coupons": []}


def test_the_restored_day_itself_is_never_paid():
    decision = restored(records(*range(9, 15)), 15, today=15 + 1)
    assert decision.streak == Streak(november(15), 7)
    assert decision.points_awarded == 0


def test_a_milestone_that_has_moved_is_not_paid_twice():
    """The seven days after the gap paid 20 on the 15th; with the gap closed, the 14th is due."""
    found = records(*range(1, 8), *range(9, 16))
    decision = restored(found, 8, today=15)
    assert (decision.points_awarded, decision.streak.days) == (0, 15)


def test_what_was_paid_too_much_is_not_asked_back():
    found = records(14, *range(16, 23), start=1)
    assert found[-1].milestone_points == 20
    assert restored(found, 15, today=22).points_awarded == 0


def test_a_badge_is_awarded_by_a_restored_streak_once():
    found = records(14, 16, start=27)
    decision = restored(found, 15, today=16)
    assert (decision.points_awarded, decision.badges) == (100, ("CHECKIN_30",))
    assert restored(found, 15, today=16, badges=frozenset({"CHECKIN_30"})).badges == ()


def test_a_restored_streak_gives_a_coupon_once():
    milestone = {"every_days": 3, "coupon": "TEA_5"}
    programme = Programme.of({"check_in": {"milestones": [milestone]}})
    found = records(14, 16, programme=programme)
    assert restored(found, 15, today=16, programme=programme).coupons == ("TEA_5",)
    given_before = (*found[:-1], DayRecord(day=november(16), streak_days=1, coupons=("TEA_5",)))
    assert restored(given_before, 15, today=16, programme=programme).coupons == ()


def test_a_second_missed_day_still_ends_the_streak():
    decision = restored(records(12, 14, 16, 17), 13, today=17)
    assert decision.streak == Streak(november(14), 3)
    assert decision.streaks == ((november(13), 2), (november(14), 3))


def test_what_an_earlier_make_up_paid_is_not_paid_again():
    found = list(records(12, 13, 15, 17, 18, 19, start=1))
    first = restored(tuple(found), 16, today=19)
    assert first.points_awarded == 0
    by_day = dict(first.streaks)
    found = [
        DayRecord(day=record.day, streak_days=by_day.get(record.day, record.streak_days))
        for record in found
    ]
    found.append(DayRecord(day=november(16), streak_days=2, made_up=True))
    second = restored(tuple(found), 14, today=19)
    assert (second.points_awarded, second.streak.days) == (20, 9)
    paid = DayRecord(day=november(16), streak_days=2, milestone_points=20, made_up=True)
    assert restored((*found[:-1], paid), 14, today=19).points_awarded == 0


def test_a_day_before_the_first_check_in_can_be_restored():
    decision = restored(records(16), 15, today=16)
    assert decision.streak == Streak(november(16), 2)


@pytest.mark.parametrize("missed", [14, 16, 17, 20])
def test_a_day_that_was_not_missed_can_not_be_restored(missed):
    with pytest.raises(DayNotMissed) as refusal:
        restored(records(14), missed, today=16)
    assert refusal.value.facts == {"day": november(missed)}


def test_a_day_before_joining_can_not_be_restored():
    with pytest.raises(DayNotMissed):
        restored((), 14, today=16, joined_on=november(15))


def test_the_seventh_day_back_can_be_restored_and_the_eighth_can_not():
    assert restored((), 9, today=16).streak == Streak(november(9), 1)
    with pytest.raises(MakeUpTooLate) as refusal:
        restored((), 8, today=16)
    assert refusal.value.facts == {"day": november(8), "days_back": 7}


def test_three_days_a_month_can_be_restored():
    assert restored((), 15, today=16, made_up=2).points_awarded == 0
    with pytest.raises(MakeUpLimitReached) as refusal:
        restored((), 15, today=16, made_up=3)
    assert refusal.value.facts == {"limit": 3, "resets_on": date(2026, 12, 1)}


def test_a_skipped_date_is_neither_missed_nor_part_of_the_streak():
    change = ZoneChange("Etc/GMT+12", "Pacific/Kiritimati", datetime(2026, 11, 14, 13, tzinfo=UTC))
    days = MemberDays("Pacific/Kiritimati", change=change)
    with pytest.raises(DayNotMissed):
        restored(records(14), 15, today=17, days=days)
    decision = restored(records(14, 17), 16, today=17, days=days)
    assert decision.streaks == ((november(16), 2), (november(17), 3))
    before = restored(records(13, 16), 14, today=16, days=days)
    assert before.streak == Streak(november(16), 3)


@given(st.sets(st.integers(1, 21), min_size=1), st.integers(14, 20))
def test_points_after_a_make_up_are_those_of_the_streak_without_a_gap_or_more(used, missed):
    found = records(*used)
    if missed in used:
        return
    decision = restored(found, missed, today=21)
    streaks = dict(decision.streaks)
    affected = [record for record in found if record.day in streaks]
    due = sum(DEFAULT.check_in.bonus_points(streaks[record.day]) for record in affected)
    paid = sum(record.milestone_points for record in affected)
    assert paid + decision.points_awarded == max(due, paid)
    assert all(day >= november(missed) for day in streaks)
