"""Which targets are reached now, and which are lost again?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from domain.activity.model import Deed
from domain.activity.rules import suits
from domain.programme.model import Programme, Recurrence, Task
from domain.tasks.model import Key, Measured, Offer, ProgressRow, Record
from domain.tasks.rules.measuring import measure
from domain.tasks.rules.periods import around, is_sure, last_day, periods
from kit.money import exponent

_LASTING: frozenset[str] = frozenset({"once", "window"})
_LONG, _SHORT = timedelta(days=400), timedelta(days=100)
LOOK_BACK: Mapping[Recurrence, timedelta] = {
    "once": _LONG,
    "window": _LONG,
    "daily": _SHORT,
    "weekly": _SHORT,
    "monthly": _SHORT,
}
"""How long after it was reached a target can still be lost, and how far back history counts."""
ProgrammeOf = Callable[[int], Programme]
"""The programme of a version's number."""
PERIOD_MAX = timedelta(days=32)
"""No day, week or month is longer."""


def needed_since(offered: Iterable[Offer], rows: Iterable[ProgressRow], now: datetime) -> datetime:
    """From when on deeds are needed to look at these offers and at these rows again."""
    earliest = [now - LOOK_BACK[offer.task.recurrence] - PERIOD_MAX for offer in offered]
    lasting = [row.completed_at for row in rows if row.period in _LASTING]
    earliest += [at - _LONG for at in lasting if at >= now - _LONG]
    earliest += [
        row.completed_at - (_LONG if row.period in _LASTING else PERIOD_MAX)
        for row in rows
        if row.state == "CLAIMABLE"
    ]
    return min(earliest, default=now - _SHORT - PERIOD_MAX)


def assess(
    record: Record, offered: Sequence[Offer], programme_of: ProgrammeOf, now: datetime
) -> list[ProgressRow]:
    """The rows that have to change: targets reached anew, lost, or held by other deeds.

    `offered`: each after those that must be done before it. What was reached under a version is
    held against that version's target, whatever the task says now, and as long as it waits to be
    claimed; it is lost as well with what must be done before it, so that the order in which facts
    arrive decides nothing. A day, week or month counts that was not over when the task was first
    offered.
    """
    look = _Look(record, programme_of, now)
    moved = look.over(offered)
    while look.is_waited_for(moved):
        moved = look.over(offered)
    return list(look.changed.values())


def in_order(programme: Programme) -> list[Task]:
    """The programme's tasks, each after those that must be done before it."""
    placed: dict[str, Task] = {}

    def place(code: str) -> None:
        task = programme.task(code)
        if task is None or code in placed:
            return
        for required in task.requires:
            place(required)
        placed[code] = task

    for task in programme.tasks:
        place(task.code)
    return list(placed.values())


def unmet(task: Task, rows: Iterable[ProgressRow]) -> tuple[str, ...]:
    """Codes of tasks that must be done before and aren't."""
    done = {row.task for row in rows if row.stands}
    return tuple(code for code in task.requires if code not in done)


def measured(offer: Offer, record: Record, period: str, now: datetime) -> Measured:
    """How far the member is in a period of a task that is on offer."""
    deeds = periods(offer.task, record.deeds, record.days).get(period, ())
    return _measured(record, offer.task, offer.programme, _recent(offer.task, deeds, now), now)


def _measured(
    record: Record, task: Task, programme: Programme, deeds: Sequence[Deed], now: datetime
) -> Measured:
    return measure(
        task,
        deeds,
        record.days,
        unit_minor=10 ** exponent(programme.currency),
        today=record.days.day_of(now),
    )


def _recent(task: Task, deeds: Sequence[Deed], now: datetime) -> Sequence[Deed]:
    """What still counts where no calendar ends the period."""
    since = now - _LONG
    return [deed for deed in deeds if deed.at >= since] if task.recurrence in _LASTING else deeds


@dataclass(slots=True)
class _Look:
    record: Record
    programme_of: ProgrammeOf
    now: datetime
    changed: dict[Key, ProgressRow] = field(default_factory=dict[Key, ProgressRow])
    grouped: dict[tuple[str, int], dict[str, list[Deed]]] = field(
        default_factory=dict[tuple[str, int], dict[str, list[Deed]]]
    )

    def over(self, offered: Sequence[Offer]) -> frozenset[str]:
        """Look at everything once; the codes of the tasks that stand or don't stand since."""
        before = {key for key, row in self._rows().items() if row.stands}
        for row in self._rows().values():
            if row.is_final:
                continue
            is_recent = row.completed_at >= self.now - _look_back(row)
            if row.state == "CLAIMABLE" or (row.state != "OPEN" and is_recent):
                self.again(row)
        for offer in offered:
            self.afresh(offer)
        after = {key for key, row in self._rows().items() if row.stands}
        return frozenset(code for code, _ in before ^ after)

    def is_waited_for(self, codes: frozenset[str]) -> bool:
        """Whether one of these must be done before something that was reached."""
        return bool(codes) and any(
            not codes.isdisjoint(self._task(row).requires) for row in self._rows().values()
        )

    def again(self, row: ProgressRow) -> None:
        programme, task = self.programme_of(row.programme_version), self._task(row)
        grouped, days = self._periods(task, row.programme_version), self.record.days
        deeds = grouped.get(row.period, [])
        if not is_sure(task, row.period, days):
            deeds = around(task, row.period, chain.from_iterable(grouped.values()), days)
        since = row.completed_at - _LONG
        found = _measured(
            self.record, task, programme, [deed for deed in deeds if deed.at >= since], self.now
        )
        if self._is_locked(task):
            found = replace(found, completed_at=None)
        kept = _kept(row, found, task, self.now)
        if kept is not row:
            self.changed[row.key] = kept

    def afresh(self, offer: Offer) -> None:
        task, since = offer.task, self.now - LOOK_BACK[offer.task.recurrence]
        for period, deeds in self._periods(task, offer.version).items():
            row = self._row((task.code, period))
            if row is not None and row.state != "OPEN":
                continue
            counting = _recent(task, deeds, self.now)
            found = _measured(self.record, task, offer.programme, counting, self.now)
            if found.completed_at is None or found.completed_at < since:
                continue
            if self._is_offered(offer, period) and self._may(offer, found):
                self.changed[task.code, period] = _reached(self, offer, period, found, row)

    def _rows(self) -> dict[Key, ProgressRow]:
        return {**self.record.rows, **self.changed}

    def _task(self, row: ProgressRow) -> Task:
        task = self.programme_of(row.programme_version).task(row.task)
        assert task is not None, "a version doesn't change"
        return task

    def _row(self, key: Key) -> ProgressRow | None:
        return self.changed.get(key) or self.record.rows.get(key)

    def _periods(self, task: Task, version: int) -> dict[str, list[Deed]]:
        key = (task.code, version)
        if key not in self.grouped:
            self.grouped[key] = periods(task, self.record.deeds, self.record.days)
        return self.grouped[key]

    def _is_offered(self, offer: Offer, period: str) -> bool:
        last = last_day(offer.task, period)
        if last is not None and last < self.record.days.day_of(offer.since):
            return False
        return is_sure(offer.task, period, self.record.days)

    def _may(self, offer: Offer, found: Measured) -> bool:
        """The audience is asked as of the first deed: the order that wins somebody back does."""
        at = found.begun_at or self.now
        is_meant = suits(offer.task.audience, self.record.traits, at, offer.programme)
        return is_meant and not self._is_locked(offer.task)

    def _is_locked(self, task: Task) -> bool:
        return bool(task.requires and unmet(task, self._rows().values()))


def _kept(row: ProgressRow, found: Measured, task: Task, now: datetime) -> ProgressRow:
    reached = found.completed_at is not None
    state = row.state
    if not reached:
        state = "FALLEN" if row.state in {"REWARDED", "FALLEN"} else "OPEN"
        return _changed(row, now, state=state, progress=found.progress)
    if state == "FALLEN":
        state = "REWARDED"
    return _changed(
        row,
        now,
        state=state,
        progress=task.goal,
        settles_at=found.settles_at,
        awaits_word=found.awaits_word,
    )


def _changed(row: ProgressRow, now: datetime, **values: object) -> ProgressRow:
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    return replace(row, updated_at=now, **values)


def _reached(
    look: _Look, offer: Offer, period: str, found: Measured, row: ProgressRow | None
) -> ProgressRow:
    assert found.completed_at is not None
    return ProgressRow(
        member_id=look.record.member_id,
        task=offer.task.code,
        period=period,
        progress=found.progress,
        target=found.target,
        state="COMPLETED" if offer.task.claim == "automatic" else "CLAIMABLE",
        completed_at=found.completed_at,
        settles_at=found.settles_at,
        awaits_word=found.awaits_word,
        times_rewarded=0 if row is None else row.times_rewarded,
        decision_id=None if row is None else row.decision_id,
        programme_version=offer.version,
        updated_at=look.now,
    )


def _look_back(row: ProgressRow) -> timedelta:
    return _LONG if row.period in _LASTING else _SHORT
