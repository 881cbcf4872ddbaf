"""How is background work kept? As rows: outbox, retry queue and delay queue in one table.

A job is claimed in one short transaction (attempts and token go up, a lease starts); its effect and
`finish` are one second transaction, guarded by the token, so that a stale worker can't finish it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from db.connection import Contended, Tx, transactional
from kit.ids import new_id

LEASE = timedelta(seconds=30)
ATTEMPTS_MAX = 5
KEPT = timedelta(days=7)


class LeaseLost(Exception):
    """Another worker has this job now: what this one did must be rolled back."""


@dataclass(frozen=True, slots=True)
class Job:
    """A row to be written with the change that it follows from.

    While one with the same member, kind and key waits, another only lets it run earlier.
    """

    member_id: UUID
    kind: str
    key: str
    run_at: datetime
    created_at: datetime
    payload: dict[str, object] = field(default_factory=dict)
    id: UUID = field(default_factory=new_id)
    state: str = "ready"
    attempts: int = 0
    token: int = 0
    lease_until: datetime | None = None
    done_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker holds until its lease ends."""

    member_id: UUID
    id: UUID
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    token: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A job to be done; due since `at`."""

    member_id: UUID
    id: UUID
    kind: str
    attempts: int
    at: datetime


_CLAIM = """
UPDATE job SET state = 'running', attempts = attempts + 1, token = token + 1, lease_until = $3
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, id)
WHERE job.member_id = asked.member_id AND job.id = asked.id
  AND (job.state = 'ready' AND job.run_at <= $4 OR job.state = 'running' AND job.lease_until <= $4)
RETURNING job.member_id, job.id, kind, key, payload, attempts, token, created_at
"""
_DUE = """
(SELECT member_id, id, kind, attempts, run_at AS at FROM job
 WHERE state = 'ready' AND run_at <= $1 AND kind = ANY($2) AND (run_at, id) >= ($4, $5)
 ORDER BY run_at, id LIMIT $3)
UNION ALL
(SELECT member_id, id, kind, attempts, lease_until AS at FROM job
 WHERE state = 'running' AND lease_until <= $1 AND kind = ANY($2) AND (lease_until, id) >= ($4, $5)
 ORDER BY lease_until, id LIMIT $3)
ORDER BY at, id LIMIT $3
"""
_START = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


async def due(
    tx: Tx,
    kinds: Sequence[str],
    now: datetime,
    *,
    limit: int,
    since: tuple[datetime, UUID] = _START,
) -> list[Due]:
    """Jobs whose time has come or whose lease has run out, the longest waiting first.

    `since` (`Due.at` and id) leaves out those that wait longer.
    """
    rows = await tx.fetch(_DUE, now, list(kinds), limit, *since)
    return [Due(**row) for row in rows]


async def open_jobs(
    tx: Tx, kind: str, *, written_by: datetime, now: datetime, limit: int
) -> list[Due]:
    """Jobs written by then that can be done now, and those that others do; some of them."""
    rows = await tx.fetch(
        "SELECT member_id, id, kind, attempts, run_at AS at FROM job"
        " WHERE kind = $1 AND created_at <= $2"
        " AND (state = 'ready' AND run_at <= $3 OR state = 'running')"
        " ORDER BY state, run_at, id LIMIT $4",
        kind,
        written_by,
        now,
        limit,
    )
    return [Due(**row) for row in rows]


async def due_since(
    tx: Tx, kind: str, job: tuple[UUID, UUID], *, now: datetime, limit: int
) -> list[Due]:
    """`job` (member id, job id) if it is due, and those of its kind that came after it."""
    at = await tx.fetchval(
        "SELECT CASE state WHEN 'running' THEN lease_until ELSE run_at END FROM job"
        " WHERE member_id = $1 AND id = $2",
        *job,
    )
    return [] if at is None else await due(tx, [kind], now, limit=limit, since=(at, job[1]))


@transactional
async def claim(tx: Tx, jobs: Sequence[tuple[UUID, UUID]], *, now: datetime) -> list[Claim]:
    """Take those of `jobs` (member id, job id) that are due and free.

    A job whose lease ran out for the fifth time has killed five workers: it is set aside.
    """
    wanted = sorted(jobs)
    rows = await tx.fetch(_CLAIM, [m for m, _ in wanted], [i for _, i in wanted], now + LEASE, now)
    claims = [Claim(**{**row, "payload": orjson.loads(row["payload"])}) for row in rows]
    spent = [found for found in claims if found.attempts > ATTEMPTS_MAX]
    for found in spent:
        await _end(tx, found, "dead", now=now, error="its workers died")
    return [found for found in claims if found.attempts <= ATTEMPTS_MAX]


@transactional
async def renew(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> list[Claim]:
    """Those of `claims` that are still held, each with a whole lease again."""
    if not claims:
        return []
    rows = await tx.fetch(
        "UPDATE job SET lease_until = $4"
        " FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS held (member_id, id, token)"
        " WHERE job.member_id = held.member_id AND job.id = held.id"
        " AND job.token = held.token AND job.state = 'running' RETURNING job.id",
        [found.member_id for found in claims],
        [found.id for found in claims],
        [found.token for found in claims],
        now + LEASE,
    )
    kept = {row["id"] for row in rows}
    return [found for found in claims if found.id in kept]


async def is_held_by_another(tx: Tx, claim: Claim, *, now: datetime) -> bool:
    """Whether a worker is at an equal job, one of the same member, kind and key."""
    return await tx.fetchval(
        "SELECT EXISTS (SELECT FROM job WHERE member_id = $1 AND kind = $2 AND key = $3"
        " AND id <> $4 AND state = 'running' AND lease_until > $5)",
        claim.member_id,
        claim.kind,
        claim.key,
        claim.id,
        now,
    )


async def finish(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """Mark the job done, in the transaction of its effect. Raises LeaseLost."""
    await _end(tx, claim, "done", now=now, error=None)


async def finish_all(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    """`finish` for several; raises LeaseLost where even one is held by another worker."""
    count = await tx.execute(
        "UPDATE job SET state = 'done', lease_until = NULL, done_at = $4, last_error = NULL"
        " FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS held (member_id, id, token)"
        " WHERE job.member_id = held.member_id AND job.id = held.id"
        " AND job.token = held.token AND job.state = 'running'",
        [found.member_id for found in claims],
        [found.id for found in claims],
        [found.token for found in claims],
        now,
    )
    if count != len(claims):
        raise LeaseLost


async def postpone(tx: Tx, claim: Claim, run_at: datetime, *, error: str | None = None) -> None:
    """Give the job back, to be run at `run_at`; its attempts are counted anew. Raises LeaseLost.

    For an actor that has done its part or knows what it waits for. Where an equal job waits
    already, that one does the work and this one is done.
    """
    await _give_back(tx, claim, run_at, attempts=0, error=error)


@transactional
async def fail(tx: Tx, claim: Claim, error: str, *, now: datetime) -> None:
    """The attempt failed: try again later, at growing intervals, or set the job aside."""
    if claim.attempts >= ATTEMPTS_MAX:
        await _end(tx, claim, "dead", now=now, error=error)
        return
    run_at = now + retry_delay(claim.attempts)
    await _give_back(tx, claim, run_at, attempts=claim.attempts, error=error)


def retry_delay(attempts: int) -> timedelta:
    """1, 4, 16 and 64 seconds after the first four failed attempts."""
    return timedelta(seconds=4 ** (attempts - 1))


_GIVE_BACK = """
UPDATE job SET state = CASE WHEN twin.waits THEN 'done' ELSE 'ready' END,
  done_at = CASE WHEN twin.waits THEN $4::timestamptz END,
  run_at = $4, lease_until = NULL, attempts = $5, last_error = $6
FROM (SELECT EXISTS (SELECT FROM job WHERE member_id = $1 AND kind = $7 AND key = $8
      AND state = 'ready') AS waits) AS twin
WHERE job.member_id = $1 AND job.id = $2 AND job.token = $3 AND job.state = 'running'
"""


async def _give_back(
    tx: Tx, claim: Claim, run_at: datetime, *, attempts: int, error: str | None
) -> None:
    held = (claim.member_id, claim.id, claim.token)
    try:
        count = await tx.execute(_GIVE_BACK, *held, run_at, attempts, error, claim.kind, claim.key)
    except asyncpg.UniqueViolationError:
        # An equal job was added at this very moment.
        raise Contended from None
    if not count:
        raise LeaseLost


async def _end(tx: Tx, claim: Claim, state: str, *, now: datetime, error: str | None) -> None:
    count = await tx.execute(
        "UPDATE job SET state = $4, lease_until = NULL, done_at = $5, last_error = $6"
        " WHERE member_id = $1 AND id = $2 AND token = $3 AND state = 'running'",
        claim.member_id,
        claim.id,
        claim.token,
        state,
        now,
        error,
    )
    if not count:
        raise LeaseLost


@transactional
async def prune(tx: Tx, now: datetime, *, limit: int) -> int:
    """Delete jobs done more than a week ago; those set aside stay."""
    return await tx.execute(
        "DELETE FROM job WHERE (member_id, id) IN (SELECT member_id, id FROM job"
        " WHERE state = 'done' AND done_at <= $1 LIMIT $2)",
        now - KEPT,
        limit,
    )
