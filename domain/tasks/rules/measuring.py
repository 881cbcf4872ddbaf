"""How far do a period's deeds bring a member, and which of them completed the task?"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.activity.model import BoughtLine, Deed
from domain.checkins.model import MemberDays
from domain.programme.model import OrderFilter, Task
from domain.tasks.model import Measured
from kit.calendar import ONE_DAY


@dataclass(slots=True)
class _Tally:
    """What has counted so far; `deeds` are those that it takes to be where it is."""

    progress: int = 0
    deeds: list[Deed] = field(default_factory=list[Deed])


def measure(
    task: Task, deeds: Sequence[Deed], days: MemberDays, *, unit_minor: int, today: date
) -> Measured:
    """Progress of one period's deeds, in the order in which they happened.

    `unit_minor`: minor units of one yuan. Three days in a row count up to the day that is missed:
    of a run that is over before its goal nothing is left.
    """
    tally = _Tally()
    counted = _counted(task, deeds)
    for progressed in _COUNTS[task.kind](task, counted, days, unit_minor):
        tally = progressed
        if tally.progress >= task.goal:
            return _reached(task, tally)
    if task.kind == "consecutive_order_days" and tally.deeds and _is_over(tally, days, today):
        return Measured(0, task.goal)
    begun_at = min((deed.at for deed in tally.deeds), default=None)
    return Measured(tally.progress, task.goal, begun_at)


def _reached(task: Task, tally: _Tally) -> Measured:
    waits = [deed for deed in tally.deeds if deed.settles_at is not None]
    settled = [deed.settles_at for deed in waits if deed.settles_at is not None]
    return Measured(
        task.goal,
        task.goal,
        begun_at=min(deed.at for deed in tally.deeds),
        completed_at=max(deed.at for deed in tally.deeds),
        settles_at=max(settled, default=None),
        awaits_word=any(deed.awaits_word for deed in waits),
    )


def _counted(task: Task, deeds: Iterable[Deed]) -> list[tuple[Deed, int]]:
    """Deeds with what is left of their matching lines, in minor units of the programme's money."""
    in_order = sorted(deeds, key=lambda deed: (deed.at, deed.reference))
    found = [(deed, _left_minor(task.orders, deed)) for deed in in_order]
    least = max(task.orders.order_min_minor, 1)
    return [(deed, left) for deed, left in found if deed.kind != "order" or left >= least]


def _left_minor(wanted: OrderFilter, deed: Deed) -> int:
    return sum(line.base_left_minor for line in deed.lines if _matches(wanted, line))


def _matches(wanted: OrderFilter, line: BoughtLine) -> bool:
    return (
        (not wanted.sku or line.sku in wanted.sku)
        and (not wanted.category or line.category in wanted.category)
        and (not wanted.brand or line.brand in wanted.brand)
    )


_Counted = list[tuple[Deed, int]]
_Count = Callable[[Task, _Counted, MemberDays, int], Iterator[_Tally]]


def _each(marks: Callable[[Task, Deed, MemberDays], Iterable[Hashable]]) -> _Count:
    """Counts what differs in its mark."""

    def count(task: Task, counted: _Counted, days: MemberDays, _: int) -> Iterator[_Tally]:
        seen: set[Hashable] = set()
        used: list[Deed] = []
        for deed, _left in counted:
            new = set(marks(task, deed, days)) - seen
            if new:
                seen |= new
                used.append(deed)
                yield _Tally(len(seen), used)

    return count


def _spend(_task: Task, counted: _Counted, _days: MemberDays, unit_minor: int) -> Iterator[_Tally]:
    total_minor, used = 0, list[Deed]()
    for deed, left_minor in counted:
        total_minor += left_minor
        used.append(deed)
        yield _Tally(total_minor // unit_minor, used)


def _streak(_task: Task, counted: _Counted, _days: MemberDays, _unit: int) -> Iterator[_Tally]:
    best = 0
    for deed, _ in counted:
        if deed.streak_days > best:
            best = deed.streak_days
            yield _Tally(best, [deed])


def _in_a_row(_task: Task, counted: _Counted, days: MemberDays, _unit: int) -> Iterator[_Tally]:
    """Days that a change of zone skipped break nothing."""
    run: list[Deed] = []
    last: date | None = None
    for deed, _ in counted:
        day = days.day_of(deed.at)
        if day == last:
            continue
        run = [*run, deed] if last is not None and _follows(day, last, days) else [deed]
        last = day
        yield _Tally(len(run), run)


def _is_over(tally: _Tally, days: MemberDays, today: date) -> bool:
    last = days.day_of(tally.deeds[-1].at)
    return last != today and not _follows(today, last, days)


def _follows(day: date, last: date, days: MemberDays) -> bool:
    day -= ONE_DAY
    while day in days.skipped and day > last:
        day -= timedelta(days=1)
    return day == last


def _categories(task: Task, deed: Deed, _: MemberDays) -> Iterator[str]:
    for line in deed.lines:
        if line.category is not None and line.base_left_minor and _matches(task.orders, line):
            yield line.category


_BY_REFERENCE = _each(lambda _, deed, __: (deed.reference,))
_COUNTS: dict[str, _Count] = {
    "orders": _BY_REFERENCE,
    "spend": _spend,
    "order_days": _each(lambda _, deed, days: (days.day_of(deed.at),)),
    "consecutive_order_days": _in_a_row,
    "categories": _each(_categories),
    "check_in_streak": _streak,
    "reviews": _BY_REFERENCE,
    "shares": _each(lambda _, deed, __: (deed.data["link"],)),
    "posts": _BY_REFERENCE,
    "invites": _BY_REFERENCE,
    "profile": _BY_REFERENCE,
    "quiz": _BY_REFERENCE,
    "campaign": _BY_REFERENCE,
}
