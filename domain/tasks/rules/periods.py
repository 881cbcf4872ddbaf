"""In which period of a task does a deed count, and when does that end?"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from domain.activity.model import TASK_DEEDS, Deed
from domain.checkins.model import MemberDays
from domain.programme.model import Recurrence, Task
from kit.calendar import ONE_DAY, Period, day_end, month_days, period_key, week_days

_MOVED_EVERY = timedelta(days=28)
"""The 30 days between two moves, less what a day may be off between zones."""
_KEYS: dict[Recurrence, Period] = {"daily": "day", "weekly": "week", "monthly": "month"}


def period_of(task: Task, day: date) -> str:
    """The name of the period that holds a member's day."""
    kind = _KEYS.get(task.recurrence)
    return task.recurrence if kind is None else period_key(kind, day)


def last_day(task: Task, period: str) -> date | None:
    """The period's last day; None where no calendar ends it."""
    found = _days(task, period)
    return None if found is None else found[1]


def is_sure(task: Task, period: str, days: MemberDays) -> bool:
    """Whether it is known in which zone the period was lived.

    Of a member's moves only the last is kept, and the one before it was 30 days earlier or more.
    """
    last = last_day(task, period)
    return last is None or days.change is None or last > days.change.last_day - _MOVED_EVERY


def around(task: Task, period: str, deeds: Iterable[Deed], days: MemberDays) -> list[Deed]:
    """Those of `deeds` that may have been done in the period, in whatever zone it was lived."""
    found = _days(task, period)
    assert found is not None, "it is sure otherwise"
    first, last = found
    return [deed for deed in deeds if first - ONE_DAY <= days.day_of(deed.at) <= last + ONE_DAY]


def _days(task: Task, period: str) -> tuple[date, date] | None:
    if task.recurrence == "daily":
        return date.fromisoformat(period), date.fromisoformat(period)
    if task.recurrence == "weekly":
        return week_days(period)
    return month_days(period) if task.recurrence == "monthly" else None


def ends_at(task: Task, period: str, days: MemberDays) -> datetime | None:
    """When the period is over for the member, or the task if that is sooner; None: never."""
    last = last_day(task, period)
    if last is None:
        return task.ends_at
    change = days.change
    moved = change is not None and last >= change.first_day
    ends = day_end(last, change.zone if change and moved else days.zone, days.day_start_hour)
    return ends if task.ends_at is None else min(ends, task.ends_at)


def periods(task: Task, deeds: Iterable[Deed], days: MemberDays) -> dict[str, list[Deed]]:
    """What counts for the task, by the period in which it does."""
    kind = TASK_DEEDS[task.kind]
    found: dict[str, list[Deed]] = {}
    for deed in deeds:
        if deed.kind == kind and is_open(task, deed.at) and _is_meant(task, deed):
            found.setdefault(period_of(task, days.day_of(deed.at)), []).append(deed)
    return found


def is_open(task: Task, at: datetime) -> bool:
    """Whether `at` lies in the task's half-open window."""
    starts, ends = task.starts_at, task.ends_at
    return (starts is None or at >= starts) and (ends is None or at < ends)


def _is_meant(task: Task, deed: Deed) -> bool:
    if task.kind == "quiz":
        return deed.data["task"] == task.code
    if task.kind == "campaign":
        return deed.data["campaign"] == task.campaign
    return task.kind != "profile" or deed.reference in task.fields
