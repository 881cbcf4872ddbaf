"""In which period of a task does a deed count, and when does that end?"""

from collections.abc import Iterable
from datetime import date, datetime

from domain.activity.model import TASK_DEEDS, Deed
from domain.checkins.model import MemberDays
from domain.programme.model import Recurrence, Task
from kit.calendar import Period, day_end, month_days, period_key, week_days

_KEYS: dict[Recurrence, Period] = {"daily": "day", "weekly": "week", "monthly": "month"}


def period_of(task: Task, day: date) -> str:
    """The name of the period that holds a member's day."""
    kind = _KEYS.get(task.recurrence)
    return task.recurrence if kind is None else period_key(kind, day)


def last_day(task: Task, period: str) -> date | None:
    """The period's last day; None where no calendar ends it."""
    if task.recurrence == "daily":
        return date.fromisoformat(period)
    if task.recurrence == "weekly":
        return week_days(period)[1]
    return month_days(period)[1] if task.recurrence == "monthly" else None


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
