"""When does the period of a limit begin and end?"""

from datetime import datetime

from domain.programme.model import Limit, Programme
from kit.calendar import period_window


def limit_window(
    limit: Limit, programme: Programme, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """Begin and end of the limit's period that holds `at`; None, None for one that never ends.

    Days, weeks (from Monday), months and years of the programme's zone.
    """
    if limit.period == "ever":
        return None, None
    hour = programme.day_start_hour
    return period_window(limit.period, at, programme.zone, day_start_hour=hour)
