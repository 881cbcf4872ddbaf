"""Do days, months and zone changes begin and end where the domain says?"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import calendar
from kit.calendar import ZoneChange

SHANGHAI = "Asia/Shanghai"
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
NAIVE = datetime(2005, 1, 1, tzinfo=UTC).replace(tzinfo=None)
INSTANTS = st.datetimes(min_value=NAIVE, max_value=NAIVE.replace(year=2035), timezones=st.just(UTC))
HOURS = st.integers(0, 23)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@cache
def days_with_a_transition(year: int) -> list[tuple[str, date]]:
    found = []
    for zone in ZONES:
        at, info = datetime(year, 1, 1, tzinfo=UTC), ZoneInfo(zone)
        before = info.utcoffset(at)
        while at.year == year:
            at += timedelta(days=1)
            if (now := info.utcoffset(at)) != before:
                found.append((zone, at.date()))
            before = now
    return found


def test_a_day_in_shanghai_begins_at_16_utc():
    assert calendar.day_start(date(2026, 11, 21), SHANGHAI) == utc("2026-11-20T16:00")
    assert calendar.day_end(date(2026, 11, 21), SHANGHAI) == utc("2026-11-21T16:00")
    assert calendar.day_of(utc("2026-11-20T15:59:59.999999"), SHANGHAI) == date(2026, 11, 20)
    assert calendar.day_of(utc("2026-11-20T16:00"), SHANGHAI) == date(2026, 11, 21)


def test_the_day_start_hour_moves_the_line_between_two_days():
    assert calendar.day_start(date(2026, 11, 21), SHANGHAI, 4) == utc("2026-11-20T20:00")
    assert calendar.day_of(utc("2026-11-20T19:59"), SHANGHAI, 4) == date(2026, 11, 20)
    assert calendar.day_of(utc("2026-11-20T20:00"), SHANGHAI, 4) == date(2026, 11, 21)


def test_a_day_whose_midnight_falls_into_a_gap_begins_where_the_gap_ends():
    start = calendar.day_start(date(2026, 9, 6), "America/Santiago")
    assert start == utc("2026-09-06T04:00")
    assert wall(start, "America/Santiago") == datetime.fromisoformat("2026-09-06T01:00")


def test_a_day_start_hour_inside_a_gap_is_reached_where_the_gap_ends():
    assert calendar.day_start(date(2026, 3, 8), "America/New_York", 2) == utc("2026-03-08T07:00")


def test_a_midnight_that_comes_twice_begins_the_day_the_first_time():
    first = calendar.day_start(date(2026, 11, 1), "America/Havana")
    assert first == utc("2026-11-01T04:00")
    assert calendar.day_of(utc("2026-11-01T05:30"), "America/Havana") == date(2026, 11, 1)


def test_a_day_goes_on_when_clocks_are_set_back_past_its_midnight():
    """St. John's went from 00:01 on 29 October 2006 back to 23:01 on the 28th."""
    zone = "America/St_Johns"
    again = utc("2006-10-29T02:45")
    assert calendar.day_start(date(2006, 10, 29), zone) == utc("2006-10-29T02:30")
    assert wall(again, zone).date() == date(2006, 10, 28)
    assert calendar.day_of(again, zone) == date(2006, 10, 29)


def test_a_date_that_a_zone_skipped_is_nobodys_day():
    """Samoa had no 30 December 2011."""
    zone = "Pacific/Apia"
    line = utc("2011-12-30T10:00")
    assert calendar.day_start(date(2011, 12, 30), zone) == line
    assert calendar.day_end(date(2011, 12, 30), zone) == line
    assert calendar.day_of(line - timedelta(seconds=1), zone) == date(2011, 12, 29)
    assert calendar.day_of(line, zone) == date(2011, 12, 31)


def test_around_every_transition_of_the_year_a_day_begins_at_the_first_instant_of_its_hour():
    cases = days_with_a_transition(2026)
    assert len({zone for zone, _ in cases}) > 150
    for zone, around in cases:
        for day in (around - timedelta(days=1), around, around + timedelta(days=1)):
            for hour in (0, 2):
                start = calendar.day_start(day, zone, hour)
                line = datetime.combine(day, time(hour))
                assert wall(start, zone) >= line
                assert wall(start - timedelta(microseconds=1), zone) < line
                for half_hours in range(1, 53):
                    assert wall(start - timedelta(minutes=30 * half_hours), zone) < line


@given(INSTANTS, st.sampled_from(ZONES), HOURS)
def test_every_instant_lies_in_its_day(at, zone, hour):
    day = calendar.day_of(at, zone, hour)
    assert calendar.day_start(day, zone, hour) <= at < calendar.day_end(day, zone, hour)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)), st.sampled_from(ZONES))
def test_days_never_go_back(at, later, zone):
    assert calendar.day_of(at, zone) <= calendar.day_of(at + later, zone)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -13, date(2024, 12, 15)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_are_added_to_the_anchor_and_clamped_to_the_last_day(day, months, expected):
    assert calendar.add_months(day, months) == expected


def test_24_months_end_with_the_day_of_activation_two_years_on():
    activated_at = utc("2026-11-20T16:00")  # 21 November, 00:00 in Shanghai
    assert calendar.month_window(activated_at, 24, SHANGHAI) == utc("2028-11-21T16:00")
    assert calendar.month_window(utc("2026-11-21T15:59:59"), 24, SHANGHAI) == utc(
        "2028-11-21T16:00"
    )
    assert calendar.month_window(utc("2026-11-21T16:00"), 24, SHANGHAI) == utc("2028-11-22T16:00")


def test_a_month_from_31_january_ends_with_the_last_day_of_february():
    assert calendar.month_window(utc("2026-01-31T04:00"), 1, SHANGHAI) == utc("2026-02-28T16:00")


def test_the_trailing_twelve_months_begin_with_the_first_day_that_still_counts():
    assert calendar.trailing_start(utc("2026-11-21T04:00"), 12, SHANGHAI) == utc("2025-11-20T16:00")
    assert calendar.trailing_start(utc("2028-02-29T04:00"), 12, SHANGHAI) == utc("2027-02-28T16:00")


@given(
    INSTANTS, st.integers(1, 24), st.sampled_from([SHANGHAI, "America/Santiago", "Europe/London"])
)
def test_what_happened_counts_exactly_while_its_months_run(at, months, zone):
    start = calendar.trailing_start(at, months, zone)
    assert calendar.month_window(start, months, zone) > at
    assert calendar.month_window(start - timedelta(microseconds=1), months, zone) <= at


def test_a_period_is_named_after_its_day_its_iso_week_or_its_month():
    day = date(2027, 1, 1)
    assert calendar.period_key("day", day) == "2027-01-01"
    assert calendar.period_key("week", day) == "2026-W53"
    assert calendar.period_key("month", day) == "2027-01"


def test_a_month_has_a_first_and_a_last_day():
    assert calendar.month_days("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-1", "26-01", "2026", "", "二〇二六-01", "0000-01"]
)
def test_what_is_no_month_is_refused(month):
    with pytest.raises(ValueError):  # noqa: PT011  any reason will do
        calendar.month_days(month)


def test_moving_west_the_day_lasts_until_the_next_date_has_come_there():
    change = ZoneChange(SHANGHAI, "America/Los_Angeles", utc("2026-11-21T04:00"))
    assert change.last_day == date(2026, 11, 21)
    assert change.starts_at == utc("2026-11-22T08:00")
    assert change.day_of(utc("2026-11-20T15:00")) == date(2026, 11, 20)
    assert change.day_of(utc("2026-11-22T07:59")) == date(2026, 11, 21)
    assert change.day_of(utc("2026-11-22T08:00")) == date(2026, 11, 22)
    assert change.skipped_days == frozenset()


def test_moving_east_starts_when_the_old_zones_day_is_over():
    change = ZoneChange("America/Los_Angeles", SHANGHAI, utc("2026-11-21T20:00"))
    assert change.last_day == date(2026, 11, 21)
    assert change.starts_at == utc("2026-11-22T08:00")
    assert change.first_day == date(2026, 11, 22)


def test_moving_across_the_whole_world_skips_a_date():
    change = ZoneChange("Etc/GMT+12", "Pacific/Kiritimati", utc("2026-11-21T13:00"))
    assert change.last_day == date(2026, 11, 21)
    assert change.first_day == date(2026, 11, 23)
    assert change.skipped_days == {date(2026, 11, 22)}


@given(
    INSTANTS,
    st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    st.lists(st.timedeltas(timedelta(days=-3), timedelta(days=3)), min_size=2, max_size=8),
)
def test_no_date_comes_twice_however_a_member_moves(changed_at, zones, steps):
    zone_before, zone = zones
    change = ZoneChange(zone_before, zone, changed_at)
    instants = sorted(changed_at + step for step in steps)
    days = [change.day_of(at) for at in instants]
    assert days == sorted(days)
    assert change.first_day > change.last_day
    assert change.day_of(changed_at) == change.last_day
