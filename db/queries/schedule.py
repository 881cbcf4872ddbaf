"""SQL for the runs of scheduled work, one row for each name and period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from db.connection import Tx, transactional
from db.jobs import LeaseLost

ATTEMPTS_MAX = 5
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that this process holds until its lease ends; `progress` counts what it has done."""

    name: str
    period: datetime
    attempts: int
    token: int
    cursor: str | None
    progress: int


async def newest_period(tx: Tx, name: str, now: datetime) -> datetime | None:
    """The last one up to `now`: one that was run by hand for the future doesn't count."""
    return await tx.fetchval(
        "SELECT max(period) FROM schedule_run WHERE name = $1 AND period <= $2", name, now
    )


@transactional
async def add(tx: Tx, name: str, periods: Sequence[datetime], *, now: datetime) -> int:
    """Record runs that are to be made; those known already stay as they are."""
    return await tx.execute(
        "INSERT INTO schedule_run (name, period, state, attempts, token, run_at, progress)"
        " SELECT $1, period, 'ready', 0, 0, $3, 0 FROM unnest($2::timestamptz[]) AS period"
        " ON CONFLICT (name, period) DO NOTHING",
        name,
        list(periods),
        now,
    )


async def oldest_open(tx: Tx, name: str) -> datetime | None:
    return await tx.fetchval(
        "SELECT min(period) FROM schedule_run WHERE name = $1 AND state IN ('ready', 'running')",
        name,
    )


async def state(tx: Tx, name: str, period: datetime) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM schedule_run WHERE name = $1 AND period = $2", name, period
    )


@transactional
async def claim(
    tx: Tx, name: str, period: datetime, *, now: datetime, lease: timedelta
) -> Run | None:
    """Take the run if it is due and free; it goes on from its cursor.

    A run whose lease ran out for the fifth time without progress is set aside.
    """
    row = await tx.fetchrow(
        "UPDATE schedule_run SET state = 'running', attempts = attempts + 1, token = token + 1,"
        " lease_until = $4, started_at = coalesce(started_at, $3)"
        " WHERE name = $1 AND period = $2"
        " AND (state = 'ready' AND run_at <= $3 OR state = 'running' AND lease_until <= $3)"
        " RETURNING name, period, attempts, token, cursor, progress",
        name,
        period,
        now,
        now + lease,
    )
    if row is None:
        return None
    run = Run(**row)
    if run.attempts > ATTEMPTS_MAX:
        await _write(tx, run, "state = 'dead', done_at = $4, lease_until = NULL", now)
        return None
    return run


@transactional
async def advance(
    tx: Tx, run: Run, cursor: str, *, done: int, now: datetime, lease: timedelta
) -> None:
    """A batch is done: keep where it ended, and hold the run for another lease. Raises LeaseLost.

    Attempts count from the last progress.
    """
    await _write(
        tx,
        run,
        "cursor = $4, progress = progress + $5, lease_until = $6, attempts = 1, last_error = NULL",
        cursor,
        done,
        now + lease,
    )


@transactional
async def finish(tx: Tx, run: Run, *, done: int, now: datetime) -> None:
    """The last batch is done. Raises LeaseLost."""
    await _write(
        tx,
        run,
        "state = 'done', progress = progress + $4, done_at = $5, lease_until = NULL,"
        " last_error = NULL",
        done,
        now,
    )


@transactional
async def fail(tx: Tx, run: Run, error: str, *, run_at: datetime, now: datetime) -> None:
    """Go on from the cursor at `run_at`, or set the run aside. Raises LeaseLost."""
    is_last = run.attempts >= ATTEMPTS_MAX
    await _write(
        tx,
        run,
        "state = $4, run_at = $5, done_at = $6, last_error = $7, lease_until = NULL",
        "dead" if is_last else "ready",
        run_at,
        now if is_last else None,
        error,
    )


@transactional
async def prune(tx: Tx, now: datetime) -> int:
    """Forget runs that were done three months ago, the newest of each name excepted."""
    return await tx.execute(
        "DELETE FROM schedule_run WHERE state = 'done' AND done_at <= $1 AND period <"
        " (SELECT max(period) FROM schedule_run AS newer WHERE newer.name = schedule_run.name)",
        now - KEPT,
    )


async def _write(tx: Tx, run: Run, changes: str, *values: object) -> None:
    count = await tx.execute(
        f"UPDATE schedule_run SET {changes}"  # noqa: S608  from the callers above
        " WHERE name = $1 AND period = $2 AND token = $3 AND state = 'running'",
        run.name,
        run.period,
        run.token,
        *values,
    )
    if not count:
        raise LeaseLost
