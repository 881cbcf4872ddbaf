"""Does a check-in count once a day, and a streak run on exactly while no day is missed?"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checkins.errors import AlreadyCheckedIn, CheckInTooSoon
from domain.checkins.model import Bonus, CheckInState, LastCheckIn, MemberDays, Streak
from domain.checkins.rules import check_in, status
from domain.programme.model import Programme
from kit.calendar import ZoneChange

DEFAULT = Programme()
SHANGHAI = MemberDays("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
TODAY = date(2026, 11, 21)
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def state(streak_days=0, *, ago=1, days=SHANGHAI, badges=frozenset()) -> CheckInState:
    if not streak_days:
        return CheckInState(days=days, badges=badges)
    day = TODAY - timedelta(days=ago)
    return CheckInState(
        days=days,
        streak=Streak(day, streak_days),
        last=LastCheckIn(day, NOW - timedelta(days=ago), streak_days, 10),
        badges=badges,
    )


def after(before: CheckInState, decision, at: datetime) -> CheckInState:
    return CheckInState(
        days=before.days,
        streak=Streak(decision.day, decision.streak_days),
        last=LastCheckIn(decision.day, at, decision.streak_days, decision.points_awarded),
        badges=before.badges | set(decision.badges),
    )


def test_the_first_check_in_gives_10_points_and_as_much_growth():
    decision = check_in(state(), NOW, DEFAULT)
    assert (decision.day, decision.streak_days) == (TODAY, 1)
    assert (decision.points_awarded, decision.growth, decision.bonuses) == (10, 10, ())


@pytest.mark.parametrize(
    ("streak_days", "points"),
    [(6, 10), (7, 30), (8, 10), (14, 30), (29, 10), (30, 110), (35, 30), (60, 110), (210, 130)],
)
def test_milestones_come_back_and_add_up(streak_days, points):
    assert check_in(state(streak_days - 1), NOW, DEFAULT).points_awarded == points


def test_the_decision_says_which_milestones_were_due():
    decision = check_in(state(209), NOW, DEFAULT)
    assert decision.bonuses == (Bonus(7, 20), Bonus(30, 100))
    assert decision.inputs == {"day": "2026-11-21", "points": 10, "streak_days": 210}
    assert decision.outcome == {
        "points": 130,
        "bonuses": [{"every_days": 7, "points": 20}, {"every_days": 30, "points": 100}],
        "badges": ["CHECKIN_30"],
        "coupons": [],
    }


def test_the_badge_of_30_days_is_awarded_once():
    assert check_in(state(29), NOW, DEFAULT).badges == ("CHECKIN_30",)
    assert check_in(state(59, badges=frozenset({"CHECKIN_30"})), NOW, DEFAULT).badges == ()
    assert check_in(state(28), NOW, DEFAULT).badges == ()


def test_a_milestone_may_be_for_the_first_time_only_and_give_a_coupon():
    milestone = {"every_days": 3, "points": 5, "coupon": "TEA_5", "once": True}
    programme = Programme.of({"check_in": {"milestones": [milestone]}})
    third = check_in(state(2), NOW, programme)
    assert (third.points_awarded, third.coupons) == (15, ("TEA_5",))
    sixth = check_in(state(5), NOW, programme)
    assert (sixth.points_awarded, sixth.coupons) == (10, ())


def test_a_second_check_in_on_the_same_day_is_refused_with_the_first_ones_result():
    with pytest.raises(AlreadyCheckedIn) as refusal:
        check_in(state(3, ago=0), NOW, DEFAULT)
    assert refusal.value.facts == {"day": TODAY, "streak_days": 3, "points_awarded": 10}
    assert refusal.value.message("en") == (
        "Checked in on 2026-11-21 already: day 3 in a row, 10 points."
    )


def test_a_missed_day_begins_the_streak_again():
    assert check_in(state(6, ago=2), NOW, DEFAULT).streak_days == 1
    assert check_in(state(6, ago=400), NOW, DEFAULT).streak_days == 1


def test_a_made_up_yesterday_carries_the_streak():
    restored = CheckInState(
        days=SHANGHAI,
        streak=Streak(TODAY - timedelta(days=1), 6),
        last=LastCheckIn(TODAY - timedelta(days=2), NOW - timedelta(days=2), 5, 10),
    )
    assert check_in(restored, NOW, DEFAULT).points_awarded == 30


def test_the_day_is_the_members_and_begins_at_the_day_start_hour():
    late = datetime(2026, 11, 21, 19, tzinfo=UTC)  # 22 November, 03:00 in Shanghai
    assert check_in(state(), late, DEFAULT).day == date(2026, 11, 22)
    assert check_in(state(days=MemberDays("Asia/Shanghai", 4)), late, DEFAULT).day == TODAY
    assert check_in(state(days=MemberDays("America/New_York")), late, DEFAULT).day == TODAY


def test_the_status_shows_the_streak_until_a_day_is_missed():
    for streak_days, ago, checked_in_today, shown in [
        (0, 0, False, 0),
        (5, 0, True, 5),
        (5, 1, False, 5),
        (5, 2, False, 0),
    ]:
        found = status(state(streak_days, ago=ago), NOW)
        assert (found.day, found.checked_in_today, found.streak_days) == (
            TODAY,
            checked_in_today,
            shown,
        )


def moved(zone_before: str, zone: str, asked_at: str) -> MemberDays:
    change = ZoneChange(zone_before, zone, datetime.fromisoformat(asked_at))
    return MemberDays(zone, change=change)


def checked_in(days: MemberDays, at: datetime, streak_days=1) -> CheckInState:
    day = days.day_of(at)
    return CheckInState(
        days=days, streak=Streak(day, streak_days), last=LastCheckIn(day, at, streak_days, 10)
    )


def test_the_first_check_in_after_a_zone_change_waits_20_hours():
    days = moved("America/Los_Angeles", "Asia/Shanghai", "2026-11-21T20:00+00:00")
    late_evening = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)  # 21 November there
    in_force = datetime(2026, 11, 22, 8, tzinfo=UTC)
    before = checked_in(days, late_evening)
    with pytest.raises(CheckInTooSoon) as refusal:
        check_in(before, in_force, DEFAULT)
    assert refusal.value.facts == {"hours": 20, "available_at": "2026-11-23T03:30:00+00:00"}
    decision = check_in(before, datetime(2026, 11, 23, 3, 30, tzinfo=UTC), DEFAULT)
    assert decision.day == date(2026, 11, 23)


def test_later_check_ins_after_a_zone_change_need_no_rest():
    days = moved("America/Los_Angeles", "Asia/Shanghai", "2026-11-21T20:00+00:00")
    evening = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    decision = check_in(checked_in(days, evening), evening + timedelta(minutes=1), DEFAULT)
    assert (decision.day, decision.streak_days) == (date(2026, 11, 24), 2)


def test_a_zone_change_that_is_not_in_force_yet_asks_for_no_rest():
    days = moved("Asia/Shanghai", "America/Los_Angeles", "2026-11-21T04:00+00:00")
    evening = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
    decision = check_in(checked_in(days, evening), evening + timedelta(minutes=1), DEFAULT)
    assert decision.day == TODAY


def test_a_date_that_a_zone_change_skipped_breaks_no_streak():
    days = moved("Etc/GMT+12", "Pacific/Kiritimati", "2026-11-21T13:00+00:00")
    before = checked_in(days, datetime(2026, 11, 21, 13, tzinfo=UTC), 6)
    decision = check_in(before, datetime(2026, 11, 22, 12, tzinfo=UTC), DEFAULT)
    assert (decision.day, decision.streak_days) == (date(2026, 11, 23), 7)


def test_moving_back_and_forth_uses_no_date_twice():
    days = moved("Asia/Shanghai", "America/Los_Angeles", "2026-11-21T04:00+00:00")
    before = checked_in(days, NOW)
    with pytest.raises(AlreadyCheckedIn):
        check_in(before, datetime(2026, 11, 22, 7, 59, tzinfo=UTC), DEFAULT)
    assert check_in(before, datetime(2026, 11, 22, 8, tzinfo=UTC), DEFAULT).streak_days == 2


@given(
    st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    st.lists(st.timedeltas(timedelta(minutes=1), timedelta(hours=30)), min_size=1, max_size=30),
    st.integers(0, 10),
)
def test_however_a_member_moves_no_date_pays_twice_and_a_move_buys_no_time(zones, steps, at_step):
    asked_at = NOW + sum(steps[:at_step], timedelta())
    now = NOW
    zone_before, zone = zones
    change = ZoneChange(zone_before, zone, asked_at)
    current = state(days=MemberDays(zone, change=change))
    paid: list[tuple[date, datetime]] = []
    for step in steps:
        now += step
        try:
            decision = check_in(current, now, DEFAULT)
        except (AlreadyCheckedIn, CheckInTooSoon):
            continue
        paid.append((decision.day, now))
        current = after(current, decision, now)
    days = [day for day, _ in paid]
    assert days == sorted(set(days))
    for (_, earlier), (_, later) in pairwise(paid):
        if earlier < change.starts_at <= later:
            assert later - earlier >= timedelta(hours=20)
