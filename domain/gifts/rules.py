"""On which day does a birthday fall, and is its gift due?"""

from calendar import isleap
from datetime import date, datetime, timedelta

from domain.gifts.model import KnownBirthday
from kit.calendar import ONE_DAY, add_months

LATE_MAX = timedelta(days=31)
"""How long after a birthday its gift is made up for where the schedule stood still."""

EARLIER_MAX = timedelta(days=7)
"""By how much less than a year two gifts may lie apart: a corrected birthday costs no gift."""

# How far any day-start hour and any zone can put a member's day from that of UTC.
_BEHIND_MAX, _AHEAD_MAX = timedelta(days=2), timedelta(days=1)
_FEBRUARY, _LAST_COMMON, _LEAP_DAY = 2, 28, 229


def last_birthday(birthday: date, today: date) -> date:
    """The latest day up to today on which it fell; 29 February falls on the 28th in common years.

    Somebody who isn't one yet has had none: the answer is then no later than the day of birth.
    """
    this_year = _falls_on(birthday, today.year)
    return this_year if this_year <= today else _falls_on(birthday, today.year - 1)


def gift_due(known: KnownBirthday, today: date, *, notice_days: int) -> date | None:
    """The birthday whose gift is due on the member's day `today`; None where none is.

    It fell today or in the 31 days before; was known `notice_days` ahead, so that nobody moves
    their birthday to tomorrow; and the last gift was for another calendar year and for a birthday a
    year less 7 days before it, so that no change brings a second one.
    """
    fell_on = last_birthday(known.birthday, today)
    is_recent = known.birthday < fell_on and today - fell_on <= LATE_MAX
    was_known = known.stated_on + timedelta(days=notice_days) <= fell_on
    return fell_on if is_recent and was_known and not _is_too_soon(known, fell_on) else None


def _is_too_soon(known: KnownBirthday, fell_on: date) -> bool:
    if known.gift_day is None:
        return False
    earliest = add_months(known.gift_day, 12) - EARLIER_MAX
    return fell_on < earliest or fell_on.year == known.gift_day.year


def month_days(as_of: datetime) -> list[int]:
    """Month and day, such as 229, of every birthday whose gift may be due somewhere on Earth."""
    today = as_of.date()
    day, found = today - LATE_MAX - _BEHIND_MAX, set[int]()
    while day <= today + _AHEAD_MAX:
        found.add(day.month * 100 + day.day)
        if (day.month, day.day) == (_FEBRUARY, _LAST_COMMON) and not isleap(day.year):
            found.add(_LEAP_DAY)
        day += ONE_DAY
    return sorted(found)


def _falls_on(birthday: date, year: int) -> date:
    return add_months(birthday, 12 * (year - birthday.year))
