"""Which day is it, when does a day begin, and when do so many months end?

Instants are aware datetimes, results in UTC. A zone is an IANA name. `day_start_hour` is the
wall-clock hour at which a day begins.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Period = Literal["day", "week", "month"]
ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)


def day_start(day: date, zone: str, day_start_hour: int = 0) -> datetime:
    """The first instant whose wall clock is at or past the hour on `day`.

    In a gap that is the instant of the gap: Santiago's 6 September 2026 begins at 01:00. A date
    that a zone skipped (Samoa's 30 December 2011) begins where the next one does.
    """
    wall = datetime.combine(day, time(day_start_hour))
    local = wall.replace(tzinfo=ZoneInfo(zone))
    early = local.astimezone(UTC)
    late = local.replace(fold=1).astimezone(UTC)
    if early <= late:
        return early
    return _first_instant_at(wall, ZoneInfo(zone), after=late, until=early)


def day_end(day: date, zone: str, day_start_hour: int = 0) -> datetime:
    """The first instant after `day`."""
    return day_start(day + ONE_DAY, zone, day_start_hour)


def format_instant(at: datetime) -> str:
    """To the minute, as texts say it that don't know whose zone to take: `2026-03-01 09:30 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def day_of(at: datetime, zone: str, day_start_hour: int = 0) -> date:
    """The last day that has begun; it never goes back, even where clocks set back do."""
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    day = (wall - timedelta(hours=day_start_hour)).date()
    while day_start(day + ONE_DAY, zone, day_start_hour) <= at:
        day += ONE_DAY
    return day


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), or the month's last: 31 January + 1 = 28 February.

    Count from an anchor, not step by step: 29 February + 12 and + 48 are 28 and 29 February.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_window(at: datetime, months: int, zone: str, *, day_start_hour: int = 0) -> datetime:
    """Where "`months` from `at`" ends: with the day that lies so many months after that of `at`."""
    last_day = add_months(day_of(at, zone, day_start_hour), months)
    return day_end(last_day, zone, day_start_hour)


def trailing_start(at: datetime, months: int, zone: str, *, day_start_hour: int = 0) -> datetime:
    """From when on what happened still counts in "the last `months`" before `at`.

    What happened at `t` counts as long as `month_window(t, months, ...)` is after `at`.
    """
    today = day_of(at, zone, day_start_hour)
    first_day = add_months(today, -months)
    if add_months(first_day, months) < today:
        first_day += ONE_DAY
    return day_start(first_day, zone, day_start_hour)


def period_key(period: Period, day: date) -> str:
    """A name for the period that holds `day`: 2026-11-21, 2026-W47 (ISO week) or 2026-11."""
    if period == "day":
        return day.isoformat()
    if period == "week":
        return f"{day:%G-W%V}"
    return month_key(day)


def period_window(
    period: Literal["day", "week", "month", "year"],
    at: datetime,
    zone: str,
    *,
    day_start_hour: int = 0,
) -> tuple[datetime, datetime]:
    """Begin and end of the day, week (from Monday), month or year that holds `at`, half-open."""
    day = day_of(at, zone, day_start_hour)
    match period:
        case "day":
            first, following = day, day + ONE_DAY
        case "week":
            first = day - timedelta(days=day.weekday())
            following = first + 7 * ONE_DAY
        case "month":
            first = day.replace(day=1)
            following = add_months(first, 1)
        case "year":
            first, following = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day_start(first, zone, day_start_hour), day_start(following, zone, day_start_hour)


def week_days(week: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week such as "2026-W47"."""
    year, _, number = week.partition("-W")
    first = date.fromisocalendar(int(year), int(number), 1)
    return first, first + 6 * ONE_DAY


def month_key(day: date) -> str:
    return f"{day:%Y-%m}"


def month_days(month: str) -> tuple[date, date]:
    """First and last day of a month such as "2026-11"; ValueError for anything else."""
    year, _, number = month.partition("-")
    if not (len(year) == 4 and len(number) == 2 and (year + number).isascii()):  # noqa: PLR2004
        raise ValueError(month)
    first = date(int(year), int(number), 1)
    return first, add_months(first, 1) - ONE_DAY


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """A person's move from one zone to another, asked for at `changed_at`.

    The day of the request lasts until its old zone has ended it **and** the new zone has reached
    the next date, so that no date comes twice and none comes back.
    """

    zone_before: str
    zone: str
    changed_at: datetime
    day_start_hour: int = 0

    @property
    def last_day(self) -> date:
        """The last day in the old zone."""
        return day_of(self.changed_at, self.zone_before, self.day_start_hour)

    @property
    def starts_at(self) -> datetime:
        """When the new zone is in force."""
        return max(
            day_end(self.last_day, self.zone_before, self.day_start_hour),
            day_end(self.last_day, self.zone, self.day_start_hour),
        )

    @property
    def first_day(self) -> date:
        """The first day in the new zone."""
        return day_of(self.starts_at, self.zone, self.day_start_hour)

    @property
    def skipped_days(self) -> frozenset[date]:
        """Dates that never were: neither missed nor used."""
        return frozenset(days_between(self.last_day, self.first_day))

    def day_of(self, at: datetime) -> date:
        if at >= self.starts_at:
            return day_of(at, self.zone, self.day_start_hour)
        return min(day_of(at, self.zone_before, self.day_start_hour), self.last_day)


def days_between(after: date, before: date) -> Iterator[date]:
    """The days after `after` and before `before`."""
    day = after + ONE_DAY
    while day < before:
        yield day
        day += ONE_DAY


def _first_instant_at(
    wall: datetime, zone: ZoneInfo, *, after: datetime, until: datetime
) -> datetime:
    """The first whole second after `after` whose wall clock is at or past `wall`.

    Transitions happen at whole seconds, and there is one between `after` and `until`.
    """
    low, high = 0, int((until - after) / _ONE_SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        reached = (after + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None) >= wall
        low, high = (low, middle) if reached else (middle, high)
    return after + timedelta(seconds=high)
