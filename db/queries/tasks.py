"""SQL for targets that were reached, quizzes that were tried, and tags."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_STATE = """
SELECT json_build_object(
  'rows', (SELECT json_agg(t) FROM task_progress t WHERE t.member_id = ANY($1)
    AND (t.period IN ('once', 'window') OR t.completed_at >= $2 OR t.task = ANY($3))),
  'tiers', (SELECT json_agg(json_build_array(s.member_id, s.tier_code))
    FROM standing s WHERE s.member_id = ANY($1)),
  'tags', (SELECT json_agg(json_build_array(g.member_id, g.tag))
    FROM member_tag g WHERE g.member_id = ANY($1)),
  'orders', (SELECT json_agg(json_build_array(m, p.paid_at)) FROM unnest($1::uuid[]) AS m
    CROSS JOIN LATERAL (SELECT paid_at FROM purchase WHERE member_id = m
      AND (base_left_minor > 0 OR eligible_left_minor > 0)
      ORDER BY paid_at DESC LIMIT $4) AS p))
"""


async def state(
    tx: Tx,
    member_ids: Sequence[UUID],
    *,
    rows_since: datetime,
    required: Sequence[str],
    orders_max: int,
) -> dict[str, list[Any]]:
    """Rows that are not bound to a day or reached since then, those of `required` tasks, traits."""
    found = await tx.fetchjson(_STATE, list(member_ids), rows_since, list(required), orders_max)
    return {name: rows or [] for name, rows in found.items()}


async def progress(tx: Tx, member_id: UUID, task: str, period: str) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM task_progress WHERE member_id = $1 AND task = $2 AND period = $3",
        member_id,
        task,
        period,
    )


async def lots_of(tx: Tx, member_id: UUID, decision_id: UUID) -> list[UUID]:
    """Lots that a decision opened."""
    rows = await tx.fetch(
        "SELECT id FROM lot WHERE member_id = $1 AND decision_id = $2", member_id, decision_id
    )
    return [row["id"] for row in rows]


async def attempts(tx: Tx, member_id: UUID, task: str, day: date) -> list[Record]:
    """Tries of a quiz on a day of the member, the first one first."""
    return await tx.fetch(
        "SELECT * FROM quiz_attempt WHERE member_id = $1 AND task = $2 AND day = $3 ORDER BY id",
        member_id,
        task,
        day,
    )


async def attempt(tx: Tx, member_id: UUID, attempt_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM quiz_attempt WHERE member_id = $1 AND id = $2", member_id, attempt_id
    )


async def tags(tx: Tx, member_id: UUID) -> list[str]:
    rows = await tx.fetch("SELECT tag FROM member_tag WHERE member_id = $1 ORDER BY tag", member_id)
    return [row["tag"] for row in rows]


async def untag(tx: Tx, member_id: UUID, tag: str) -> int:
    """1 where the member had it."""
    return await tx.execute(
        "DELETE FROM member_tag WHERE member_id = $1 AND tag = $2", member_id, tag
    )


async def backfilled(tx: Tx, version: int) -> Record:
    """How far members were looked at for a version; locked, so that one process goes on."""
    await tx.execute(
        "INSERT INTO task_backfill (version) VALUES ($1) ON CONFLICT DO NOTHING", version
    )
    row = await tx.fetchrow("SELECT * FROM task_backfill WHERE version = $1 FOR UPDATE", version)
    assert row is not None
    return row


async def members_after(tx: Tx, member_id: UUID | None, limit: int) -> list[UUID]:
    rows = await tx.fetch(
        "SELECT member_id FROM member WHERE ($1::uuid IS NULL OR member_id > $1)"
        " AND merged_into IS NULL AND erased_at IS NULL ORDER BY member_id LIMIT $2",
        member_id,
        limit,
    )
    return [row["member_id"] for row in rows]


async def note_backfill(
    tx: Tx, version: int, last_member_id: UUID | None, done_at: datetime | None
) -> None:
    await tx.execute(
        "UPDATE task_backfill SET last_member_id = coalesce($2, last_member_id), done_at = $3"
        " WHERE version = $1",
        version,
        last_member_id,
        done_at,
    )
