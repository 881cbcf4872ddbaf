"""When does the period of a limit begin and end?"""

from datetime import date, datetime, timedelta

from domain.programme.model import Limit, Programme
from kit.calendar import add_months, day_of, day_start

_ONE_WEEK_DAYS = 7


def limit_window(
    limit: Limit, programme: Programme, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """Begin and end of the limit's period that holds `at`; None, None for one that never ends.

    Days, weeks (from Monday), months and years of the programme's zone.
    """
    day = day_of(at, programme.zone, programme.day_start_hour)
    match limit.period:
        case "ever":
            return None, None
        case "day":
            first, following = day, day + timedelta(days=1)
        case "week":
            first = day - timedelta(days=day.weekday())
            following = first + timedelta(days=_ONE_WEEK_DAYS)
        case "month":
            first = day.replace(day=1)
            following = add_months(first, 1)
        case "year":
            first, following = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    zone, hour = programme.zone, programme.day_start_hour
    return day_start(first, zone, hour), day_start(following, zone, hour)
