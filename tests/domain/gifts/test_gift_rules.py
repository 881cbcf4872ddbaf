"""On which days is whose birthday gift due?"""

from datetime import UTC, date, datetime

import pytest

from domain.gifts.model import KnownBirthday
from domain.gifts.rules import gift_due, last_birthday, month_days

MAY = date(1990, 5, 20)
LEAP = date(1992, 2, 29)
LONG_AGO = date(2020, 1, 1)


def due(today, *, born=MAY, stated_on=LONG_AGO, gift_day=None, notice_days=7):
    return gift_due(KnownBirthday(born, stated_on, gift_day), today, notice_days=notice_days)


@pytest.mark.parametrize(
    ("today", "fell_on"),
    [
        (date(2026, 2, 27), date(2025, 2, 28)),
        (date(2026, 2, 28), date(2026, 2, 28)),
        (date(2028, 2, 28), date(2027, 2, 28)),
        (date(2028, 2, 29), date(2028, 2, 29)),
        (date(2100, 3, 1), date(2100, 2, 28)),
    ],
)
def test_29_february_falls_on_the_28th_in_common_years(today, fell_on):
    assert last_birthday(LEAP, today) == fell_on


def test_a_gift_is_due_on_the_day_and_up_to_31_days_late():
    assert due(date(2026, 5, 19)) is None
    assert due(date(2026, 5, 20)) == MAY.replace(year=2026)
    assert due(date(2026, 6, 20)) == MAY.replace(year=2026)
    assert due(date(2026, 6, 21)) is None


def test_a_gift_of_december_can_be_late_in_january():
    assert due(date(2026, 1, 9), born=date(1990, 12, 30)) == date(2025, 12, 30)


def test_a_birthday_stated_less_than_7_days_ahead_earns_nothing_this_time():
    day = date(2026, 5, 20)
    assert due(day, stated_on=date(2026, 5, 13)) == day
    assert due(day, stated_on=date(2026, 5, 14)) is None
    assert due(day, stated_on=date(2026, 5, 20)) is None
    assert due(date(2026, 6, 1), stated_on=date(2026, 5, 28)) is None
    assert due(date(2027, 5, 20), stated_on=date(2026, 5, 14)) == date(2027, 5, 20)
    assert due(day, stated_on=day, notice_days=0) == day


def test_no_change_of_a_birthday_brings_a_second_gift_within_a_year_less_7_days():
    given = date(2026, 5, 20)
    assert due(date(2026, 12, 1), born=date(1990, 12, 1), gift_day=given) is None
    assert due(date(2027, 5, 12), born=date(1990, 5, 12), gift_day=given) is None
    assert due(date(2027, 5, 13), born=date(1990, 5, 13), gift_day=given) == date(2027, 5, 13)
    assert due(date(2027, 5, 20), gift_day=given) == date(2027, 5, 20)


def test_two_gifts_are_never_of_one_calendar_year():
    given = date(2026, 1, 3)
    assert due(date(2026, 12, 30), born=date(1990, 12, 30), gift_day=given) is None
    assert due(date(2027, 12, 30), born=date(1990, 12, 30), gift_day=given) == date(2027, 12, 30)


def test_who_was_born_on_29_february_gets_a_gift_every_year():
    assert due(date(2028, 2, 29), born=LEAP, gift_day=date(2027, 2, 28)) == date(2028, 2, 29)
    assert due(date(2029, 2, 28), born=LEAP, gift_day=date(2028, 2, 29)) == date(2029, 2, 28)


def test_the_day_of_birth_is_no_birthday():
    assert due(date(2026, 5, 20), born=date(2026, 5, 20), notice_days=0) is None
    assert due(date(2026, 5, 20), born=date(2026, 4, 20)) is None
    assert due(date(2027, 5, 20), born=date(2026, 5, 20)) == date(2027, 5, 20)


def test_all_days_that_may_be_due_somewhere_are_looked_at():
    found = month_days(datetime(2026, 3, 2, 23, tzinfo=UTC))
    assert (found[0], found[-1], len(found)) == (128, 303, 36)
    assert {228, 229} <= set(found)
    assert 229 not in month_days(datetime(2028, 2, 27, tzinfo=UTC))
    assert 229 in month_days(datetime(2028, 2, 28, tzinfo=UTC))
    assert {1231, 101} <= set(month_days(datetime(2026, 1, 1, tzinfo=UTC)))
