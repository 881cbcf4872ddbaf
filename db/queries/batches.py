"""SQL for long work that staff began, and for the rows that it is made of."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx

_CLAIM = """
UPDATE batch SET state = 'RUNNING', attempts = attempts + 1, token = token + 1, run_at = $3,
  started_at = coalesce(started_at, $2)
WHERE id = (SELECT id FROM batch WHERE state IN ('READY', 'RUNNING') AND run_at <= $2
  AND kind = ANY($1) AND ($4::uuid IS NULL OR id = $4)
  ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""
_ADD_ROWS = """
INSERT INTO batch_row (batch_id, number, data)
SELECT $1, number, data::jsonb FROM unnest($2::bigint[], $3::text[]) AS added (number, data)
ON CONFLICT (batch_id, number) DO NOTHING
"""
_PRUNE = """
DELETE FROM batch_row WHERE (batch_id, number) IN (
  SELECT batch_id, number FROM batch_row JOIN batch ON batch.id = batch_id
  WHERE state = 'DONE' AND ended_at <= $1 LIMIT $2)
"""


async def batch(tx: Tx, batch_id: UUID) -> dict[str, Any] | None:
    return _read(await tx.fetchrow("SELECT * FROM batch WHERE id = $1", batch_id))


async def lock(tx: Tx, batch_id: UUID) -> dict[str, Any] | None:
    """The row, locked until the transaction ends."""
    return _read(await tx.fetchrow("SELECT * FROM batch WHERE id = $1 FOR UPDATE", batch_id))


async def of_input(tx: Tx, kind: str, checksum: str) -> dict[str, Any] | None:
    """The one batch of that kind and input; nobody else begins one until the transaction ends."""
    name = f"batch {kind} {checksum}"
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
    return _read(
        await tx.fetchrow("SELECT * FROM batch WHERE kind = $1 AND checksum = $2", kind, checksum)
    )


async def newest(tx: Tx, *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """The newest first."""
    rows = await tx.fetch(
        "SELECT * FROM batch WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
        before,
        limit,
    )
    return [found for row in rows if (found := _read(row)) is not None]


async def claim(
    tx: Tx, kinds: Collection[str], *, only: UUID | None, until: datetime, now: datetime
) -> dict[str, Any] | None:
    """Take the one that has waited longest until then."""
    return _read(await tx.fetchrow(_CLAIM, list(kinds), now, until, only))


async def add_rows(tx: Tx, batch_id: UUID, rows: Sequence[tuple[int, dict[str, Any]]]) -> int:
    """Add rows, by number; how many were not there yet."""
    return await tx.execute(
        _ADD_ROWS,
        batch_id,
        [number for number, _ in rows],
        [orjson.dumps(data).decode() for _, data in rows],
    )


async def last_number(tx: Tx, batch_id: UUID) -> int:
    """The highest number of its rows; 0 where there are none."""
    return await tx.fetchval(
        "SELECT coalesce(max(number), 0) FROM batch_row WHERE batch_id = $1", batch_id
    )


async def count_rows(tx: Tx, batch_id: UUID) -> int:
    return await tx.fetchval("SELECT count(*) FROM batch_row WHERE batch_id = $1", batch_id)


async def rows(
    tx: Tx, batch_id: UUID, *, after: int, limit: int
) -> list[tuple[int, dict[str, Any]]]:
    """Number and data of the rows that follow, in order."""
    found = await tx.fetch(
        "SELECT number, data FROM batch_row WHERE batch_id = $1 AND number > $2"
        " ORDER BY number LIMIT $3",
        batch_id,
        after,
        limit,
    )
    return [(row["number"], orjson.loads(row["data"])) for row in found]


async def prune(tx: Tx, ended_before: datetime, *, limit: int) -> int:
    """Delete rows of batches that were done by then."""
    return await tx.execute(_PRUNE, ended_before, limit)


async def forget(tx: Tx, external_ids: Sequence[str]) -> int:
    """Delete rows about these customers, whatever becomes of their batch."""
    return await tx.execute(
        "DELETE FROM batch_row WHERE data ? 'external_id' AND data ->> 'external_id' = ANY($1)",
        list(external_ids),
    )


def _read(row: Record | None) -> dict[str, Any] | None:
    if row is None:
        return None
    decoded = {name: orjson.loads(row[name]) for name in ("parameters", "report")}
    return {**row, **decoded}
