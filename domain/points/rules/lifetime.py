"""When do points become available, and when do they end?"""

from datetime import date, datetime, timedelta

from domain.programme.model import (
    AnnualDecay,
    FixedDate,
    Inactivity,
    Programme,
    Rolling,
    Tier,
)
from kit import calendar

_DECEMBER, _LAST = 12, 31


def pending_until(paid_at: datetime, tier: Tier, programme: Programme) -> datetime:
    """When an order's points stop waiting if the shop stays silent.

    The return window and the days of delivery (the right to return runs from receipt): 7 + 8 days
    of 24 hours after payment. Where only the shop's word completes an order, `silence_days`, after
    which the policy's `silence` says what happens.
    """
    policy = programme.points
    if policy.completion == "completed_only":
        return paid_at + timedelta(days=policy.silence_days)
    return paid_at + timedelta(days=tier.return_days + policy.delivery_days)


def expires_at(activated_at: datetime, programme: Programme) -> datetime | None:
    """When a lot that became available at `activated_at` expires; None for never by its age."""
    expiry = programme.points.expiry
    match expiry:
        case Rolling(months=months):
            return _after_months(activated_at, months, programme)
        case AnnualDecay(months=int(months)):
            return _after_months(activated_at, months, programme)
        case FixedDate():
            return _day_end(_fixed_day(activated_at, expiry, programme), programme)
        case _:
            return None


def inactive_at(last_active_at: datetime, programme: Programme) -> datetime | None:
    """When everything available expires unless the member earns or spends before; None: never."""
    match programme.points.expiry:
        case Inactivity(months=months):
            return _after_months(last_active_at, months, programme)
        case _:
            return None


def _fixed_day(activated_at: datetime, expiry: FixedDate, programme: Programme) -> date:
    """The next such day at least `min_months` away: 31 December, from 1 July on the next year's."""
    today = calendar.day_of(activated_at, programme.zone, programme.day_start_hour)
    earliest = calendar.add_months(today, expiry.min_months)
    year = earliest.year
    if _day_in(year, expiry) < earliest:
        year += 1
    return _day_in(year, expiry)


def _day_in(year: int, expiry: FixedDate) -> date:
    """That day of `year`, 29 February being 28 where there is none."""
    anchor = date(year, 1, expiry.day)
    return calendar.add_months(anchor, expiry.month - 1)


def _after_months(at: datetime, months: int, programme: Programme) -> datetime:
    return calendar.month_window(
        at, months, programme.zone, day_start_hour=programme.day_start_hour
    )


def _day_end(day: date, programme: Programme) -> datetime:
    return calendar.day_end(day, programme.zone, programme.day_start_hour)
