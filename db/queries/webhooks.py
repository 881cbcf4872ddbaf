"""SQL for endpoints, and for what is on its way to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx

Key = tuple[UUID, UUID, UUID]
"""Member, event and endpoint of a delivery."""
_DELIVERY = """
SELECT d.*, e.type, e.data, e.occurred_at, m.external_id
FROM webhook_delivery d JOIN webhook_event e ON e.member_id = d.member_id AND e.id = d.event_id
LEFT JOIN member m ON m.member_id = d.member_id
WHERE d.member_id = $1 AND d.event_id = $2 AND d.endpoint_id = $3
"""
_DELIVERIES = """
SELECT d.*, e.type, e.data, e.occurred_at
FROM webhook_delivery d JOIN webhook_event e ON e.member_id = d.member_id AND e.id = d.event_id
WHERE d.endpoint_id = $1 AND ($2::text IS NULL OR d.state = $2)
  AND ($3::timestamptz IS NULL OR (d.created_at, d.event_id) < ($3, $4))
ORDER BY d.created_at DESC, d.event_id DESC LIMIT $5
"""
_RECORD = """
UPDATE webhook_delivery SET state = $4, attempts = attempts + 1, last_status = $5, last_error = $6,
  next_at = $7, ended_at = CASE WHEN $7::timestamptz IS NULL THEN $8::timestamptz END
WHERE member_id = $1 AND event_id = $2 AND endpoint_id = $3 AND state = 'WAITING'
"""
_END = """
UPDATE webhook_delivery SET state = 'DEAD', last_error = $4, next_at = NULL, ended_at = $5
WHERE member_id = $1 AND event_id = $2 AND endpoint_id = $3 AND state = 'WAITING'
"""
_FAILED = """
UPDATE webhook_endpoint SET failing_since = coalesce(failing_since, $2),
  paused_until = greatest(paused_until, $3), disabled_at = coalesce(disabled_at, $4),
  disabled_reason = CASE WHEN disabled_at IS NULL THEN $5 ELSE disabled_reason END
WHERE id = $1
"""
_REVIVE = """
UPDATE webhook_delivery SET state = 'WAITING', attempts = 0, next_at = $4, ended_at = NULL
WHERE member_id = $1 AND event_id = $2 AND endpoint_id = $3
"""
_REVIVE_SINCE = """
UPDATE webhook_delivery SET state = 'WAITING', attempts = 0, next_at = $4, ended_at = NULL
WHERE (member_id, event_id, endpoint_id) IN (
  SELECT member_id, event_id, endpoint_id FROM webhook_delivery
  WHERE endpoint_id = $1 AND created_at >= $2 AND state = ANY($3)
  ORDER BY created_at, event_id LIMIT $5)
RETURNING member_id, event_id
"""


async def endpoints(tx: Tx) -> list[Record]:
    """All of them, the oldest first."""
    return await tx.fetch("SELECT * FROM webhook_endpoint ORDER BY created_at, id")


async def endpoint(tx: Tx, endpoint_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM webhook_endpoint WHERE id = $1", endpoint_id)


async def lock_endpoint(tx: Tx, endpoint_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM webhook_endpoint WHERE id = $1 FOR UPDATE", endpoint_id)


async def count_endpoints(tx: Tx) -> int:
    """How many there are; nobody else adds one until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('webhook_endpoint', 0))")
    return await tx.fetchval("SELECT count(*) FROM webhook_endpoint")


async def write_endpoint(tx: Tx, row: dict[str, Any]) -> None:
    """Insert it, or change all that may change."""
    columns = [name for name in row if name not in {"id", "created_at", "created_by"}]
    sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)
    values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await tx.execute(
        f"INSERT INTO webhook_endpoint ({', '.join(row)}) VALUES ({values})"  # noqa: S608  columns
        f" ON CONFLICT (id) DO UPDATE SET {sets}",
        *row.values(),
    )


async def delete_endpoint(tx: Tx, endpoint_id: UUID) -> None:
    await tx.execute("DELETE FROM webhook_endpoint WHERE id = $1", endpoint_id)


async def note_success(tx: Tx, endpoint_id: UUID) -> None:
    await tx.execute(
        "UPDATE webhook_endpoint SET failing_since = NULL, paused_until = NULL"
        " WHERE id = $1 AND (failing_since IS NOT NULL OR paused_until IS NOT NULL)",
        endpoint_id,
    )


async def note_failure(
    tx: Tx,
    endpoint_id: UUID,
    *,
    now: datetime,
    pause_until: datetime | None,
    disable: str | None,
) -> None:
    disabled_at = None if disable is None else now
    await tx.execute(_FAILED, endpoint_id, now, pause_until, disabled_at, disable)


async def delivery(
    tx: Tx, member_id: UUID, event_id: UUID, endpoint_id: UUID
) -> dict[str, Any] | None:
    """The delivery with what it tells, and the member's id at the shop."""
    row = await tx.fetchrow(_DELIVERY, member_id, event_id, endpoint_id)
    return None if row is None else _told(row)


async def deliveries(
    tx: Tx,
    endpoint_id: UUID,
    *,
    state: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Those of an endpoint with what they tell, the newest first."""
    at, event_id = before or (None, None)
    rows = await tx.fetch(_DELIVERIES, endpoint_id, state, at, event_id, limit)
    return [_told(row) for row in rows]


async def record(  # noqa: PLR0913  the table's columns
    tx: Tx,
    key: Key,
    *,
    state: str,
    status: int | None,
    error: str | None,
    next_at: datetime | None,
    now: datetime,
) -> None:
    """Note an attempt on the delivery of that key."""
    await tx.execute(_RECORD, *key, state, status, error, next_at, now)


async def end(tx: Tx, key: Key, error: str, *, now: datetime) -> None:
    """Give up the delivery, without an attempt."""
    await tx.execute(_END, *key, error, now)


async def revive(tx: Tx, key: Key, *, now: datetime) -> bool:
    """Whether there is such a delivery."""
    return bool(await tx.execute(_REVIVE, *key, now))


async def revive_since(
    tx: Tx,
    endpoint_id: UUID,
    *,
    since: datetime,
    states: Sequence[str],
    now: datetime,
    limit: int,
) -> list[tuple[UUID, UUID]]:
    """Member and event of each delivery that is to be sent again, the oldest first."""
    rows = await tx.fetch(_REVIVE_SINCE, endpoint_id, since, list(states), now, limit)
    return [(row["member_id"], row["event_id"]) for row in rows]


async def prune(tx: Tx, created_before: datetime, *, limit: int) -> int:
    """Delete old events with their deliveries."""
    return await tx.execute(
        "DELETE FROM webhook_event WHERE (member_id, id) IN (SELECT member_id, id"
        " FROM webhook_event WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        created_before,
        limit,
    )


def _told(row: Record) -> dict[str, Any]:
    return {**row, "data": orjson.loads(row["data"])}
