"""When is work done that nobody asked for, and how is each period of it done once?

One process leads. It records a run for each period of an entry that has come, and makes the runs
of an entry one after the other, oldest first. A run is made in batches; where one ended is kept, so
that another process goes on from there. A batch may be done twice (its process died before it could
say so), which is why everything scheduled is idempotent.

After a standstill the newest `catch_up_max` periods are made up for, in order; those before them
are not run, since a run does all that is due by its `as_of`, however old.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim

from db import jobs
from db.connection import reader
from db.jobs import LeaseLost
from db.leadership import Leadership
from db.queries import schedule as queries
from db.queries.schedule import Run
from kit import clock
from kit.failures import described
from workers.waiting import OnceAMinute, set_within

DAY_START = "at the start of each day"
LOCK = 7_236_001
TICK_SECONDS = 2.0
PRUNED_MAX = 1_000
LEASE_BEYOND_A_BATCH = timedelta(seconds=20)
RETRY = timedelta(minutes=1)

_log = structlog.get_logger(component="schedule")


class Day(NamedTuple):
    """Where and at which hour the programme's days begin."""

    zone: str
    start_hour: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """How many things a batch did, and where the next one goes on; no cursor: nothing is left."""

    done: int
    cursor: str | None = None


Step = Callable[[datetime, str | None], Awaitable[Batch]]


@dataclass(frozen=True, slots=True)
class Entry:
    """`step(as_of, cursor)` does one batch in transactions of its own, and is idempotent.

    `cron` is read in the programme's zone; it may be DAY_START.
    """

    name: str
    cron: str
    step: Step
    catch_up_max: int = 1
    batch_time_max: timedelta = timedelta(seconds=100)

    @property
    def lease(self) -> timedelta:
        """How long a process that has died holds up a run."""
        return self.batch_time_max + LEASE_BEYOND_A_BATCH

    def expression(self, day: Day) -> str:
        """As cron has it."""
        return f"0 {day.start_hour} * * *" if self.cron == DAY_START else self.cron


@dataclass(frozen=True, slots=True)
class Report:
    """How an entry does. `lag` is how long its oldest unfinished run has waited.

    `progress` counts what the entry counts, of its newest run; `cursor` is where that one stands.
    """

    name: str
    cron: str
    last_period: datetime | None
    state: str | None
    done_at: datetime | None
    progress: int
    cursor: str | None
    last_error: str | None
    lag: timedelta
    next_period: datetime


class UnknownEntry(LookupError):
    """There is no such entry; says which there are."""


class Schedule:
    def __init__(self, entries: Sequence[Entry], day: Callable[[], Awaitable[Day]]) -> None:
        """`day` answers in which time zone the entries' cron expressions are read."""
        self._entries = {entry.name: entry for entry in entries}
        self._day = day
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._complaint = OnceAMinute()

    async def run(
        self, stop: asyncio.Event, leadership: Leadership, beat: Callable[[], None]
    ) -> None:
        """Lead whenever no other process does, until `stop`; `beat` is called each time round."""
        try:
            while not stop.is_set():
                beat()
                await self._turn(leadership)
                await set_within(stop, TICK_SECONDS)
        finally:
            await self._abandon()
            with suppress(Exception):
                await leadership.close()

    async def tick(self, now: datetime) -> None:
        """Record the runs that have come due, and start each entry's oldest unfinished one."""
        day = await self._day()
        for entry in self._entries.values():
            task = self._running.get(entry.name)
            if task is not None and not task.done():
                continue
            if (period := await self._oldest_due(entry, now, day)) is not None:
                self._running[entry.name] = asyncio.create_task(self._make(entry, period, now))

    async def settle(self) -> None:
        """Wait for the runs that were started."""
        await asyncio.gather(*self._running.values())

    async def run_now(self, name: str, as_of: datetime) -> Report:
        """Make one run by hand, unless it has been made; raises UnknownEntry."""
        if name not in self._entries:
            raise UnknownEntry(f"{name}: not one of {', '.join(sorted(self._entries))}")
        await queries.add(name, [as_of], now=clock.now())
        await self._make(self._entries[name], as_of, clock.now())
        return await self.report(name, period=as_of)

    async def reports(self) -> list[Report]:
        """How every entry does, for operators."""
        return [await self.report(name) for name in self._entries]

    async def report(self, name: str, *, period: datetime | None = None) -> Report:
        """Of one entry: its newest run, or the one of a period."""
        entry, now, day = self._entries[name], clock.now(), await self._day()
        cron = entry.expression(day)
        async with reader() as tx:
            since = await queries.oldest_open(tx, name)
            last = period or await queries.newest_period(tx, name, now)
            row = await queries.state(tx, name, last) if last is not None else None
        return Report(
            name=name,
            cron=cron,
            last_period=last,
            state=row["state"] if row else None,
            done_at=row["done_at"] if row else None,
            progress=row["progress"] if row else 0,
            cursor=row["cursor"] if row else None,
            last_error=row["last_error"] if row else None,
            lag=max(now - since, timedelta()) if since else timedelta(),
            next_period=next(CronSim(cron, now.astimezone(ZoneInfo(day.zone)))).astimezone(UTC),
        )

    async def _turn(self, leadership: Leadership) -> None:
        try:
            if await leadership.holds():
                await asyncio.create_task(self.tick(clock.now()))
            else:
                await self._abandon()
        except Exception:  # noqa: BLE001  PostgreSQL may be away; the next turn looks again
            if self._complaint.may_speak():
                _log.warning("the schedule can't be read", exc_info=True)
            leadership.drop()
            await self._abandon()

    async def _abandon(self) -> None:
        """Another process may lead from now on: leave the runs to it, at their cursors."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._running.clear()

    async def _oldest_due(self, entry: Entry, now: datetime, day: Day) -> datetime | None:
        async with reader() as tx:
            newest = await queries.newest_period(tx, entry.name, now)
        missed = missed_periods(entry, newest, now=now, day=day)
        if missed:
            await queries.add(entry.name, missed, now=now)
        async with reader() as tx:
            oldest = await queries.oldest_open(tx, entry.name)
        return oldest if oldest is not None and oldest <= now else None

    async def _make(self, entry: Entry, period: datetime, now: datetime) -> None:
        run = await queries.claim(entry.name, period, now=now, lease=entry.lease)
        if run is None:
            return
        try:
            done = await _batches(entry, run)
        except LeaseLost:
            _log.info("another process makes this run", name=run.name, period=run.period)
        except Exception as error:  # noqa: BLE001  whatever a step raises is a failed attempt
            await _record_failure(run, error)
        else:
            _log.info("run made", name=run.name, period=run.period.isoformat(), done=done)


def missed_periods(
    entry: Entry, newest: datetime | None, *, now: datetime, day: Day
) -> list[datetime]:
    """Periods after `newest` up to `now`, oldest first; the last one only where none was ever run.

    No more than the newest `catch_up_max`.
    """
    begin = (now + timedelta(seconds=1)).astimezone(ZoneInfo(day.zone))
    backwards = CronSim(entry.expression(day), begin, reverse=True)
    come = takewhile(
        lambda period: newest is None or period > newest,
        (found.astimezone(UTC) for found in backwards),
    )
    return list(islice(come, 1 if newest is None else entry.catch_up_max))[::-1]


async def _batches(entry: Entry, run: Run) -> int:
    cursor, done = run.cursor, run.progress
    while True:
        async with asyncio.timeout(entry.batch_time_max.total_seconds()):
            batch = await entry.step(run.period, cursor)
        done += batch.done
        if batch.cursor is None:
            await queries.finish(run, done=batch.done, now=clock.now())
            return done
        await queries.advance(
            run, batch.cursor, done=batch.done, now=clock.now(), lease=entry.lease
        )
        cursor = batch.cursor


async def _record_failure(run: Run, error: Exception) -> None:
    _log.error("a run failed", name=run.name, period=run.period.isoformat(), exc_info=error)
    now = clock.now()
    with suppress(LeaseLost):
        await queries.fail(run, described(error), run_at=now + RETRY, now=now)


async def prune(as_of: datetime, _cursor: str | None) -> Batch:
    """Forget jobs and runs that were done long ago."""
    done = await jobs.prune(as_of, limit=PRUNED_MAX)
    if done == PRUNED_MAX:
        return Batch(done, cursor="more")
    return Batch(done + await queries.prune(as_of))
