"""SQL for what the staff does about content and members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_WAITS = (
    "(c.state = 'HELD' OR (c.state = 'VISIBLE' AND c.report_count > 0 AND c.reviewed_at IS NULL))"
)
_OF_TABLE = """
SELECT c.member_id, c.id, '{kind}' AS kind, c.body, {images} AS images, c.state, c.held_for,
  c.report_count, c.published_at
FROM {table} c WHERE {waits} AND (c.published_at, c.id) > ($1::timestamptz, $2::uuid)
"""
_POSTS = _OF_TABLE.format(kind="POST", images="c.images", table="community_post", waits=_WAITS)
_COMMENTS = _OF_TABLE.format(
    kind="COMMENT", images="'{}'::text[]", table="community_comment", waits=_WAITS
)
_QUEUE = f"""
SELECT w.*, m.nickname, (SELECT coalesce(jsonb_object_agg(r.reason, r.count), '{{}}')
  FROM (SELECT reason, count(*) AS count FROM community_report WHERE subject_id = w.id
    GROUP BY reason) AS r) AS reasons
FROM (({_POSTS} ORDER BY c.published_at, c.id LIMIT $3)
  UNION ALL ({_COMMENTS} ORDER BY c.published_at, c.id LIMIT $3)) AS w
JOIN member m USING (member_id) ORDER BY w.published_at, w.id LIMIT $3
"""  # noqa: S608  constants of this module


async def has_reported(tx: Tx, member_id: UUID, subject_id: UUID) -> bool:
    return await tx.fetchval(
        "SELECT EXISTS (SELECT FROM community_report WHERE member_id = $1 AND subject_id = $2)",
        member_id,
        subject_id,
    )


async def voices(tx: Tx, subject_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many reports by members with a voice each has."""
    rows = await tx.fetch(
        "SELECT subject_id, count(*) FROM community_report WHERE subject_id = ANY($1)"
        " AND has_voice GROUP BY 1",
        list(subject_ids),
    )
    return {row["subject_id"]: row["count"] for row in rows}


async def bans(tx: Tx, member_id: UUID, now: datetime) -> list[Record]:
    """Those in force, the longest first."""
    return await tx.fetch(
        "SELECT * FROM community_ban WHERE member_id = $1 AND lifted_at IS NULL"
        " AND (ends_at IS NULL OR ends_at > $2) ORDER BY ends_at DESC NULLS FIRST, id",
        member_id,
        now,
    )


async def last_appeal(tx: Tx, member_id: UUID, subject_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM community_appeal WHERE member_id = $1 AND subject_id = $2"
        " ORDER BY id DESC LIMIT 1",
        member_id,
        subject_id,
    )


async def appeal(tx: Tx, member_id: UUID, appeal_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM community_appeal WHERE member_id = $1 AND id = $2", member_id, appeal_id
    )


async def open_appeals(tx: Tx, *, after: tuple[datetime, UUID], limit: int) -> list[Record]:
    """Those that wait for the staff, the oldest first."""
    return await tx.fetch(
        "SELECT * FROM community_appeal WHERE state = 'OPEN'"
        " AND (appealed_at, id) > ($1::timestamptz, $2::uuid) ORDER BY appealed_at, id LIMIT $3",
        *after,
        limit,
    )


async def queue(tx: Tx, *, after: tuple[datetime, UUID], limit: int) -> list[dict[str, Any]]:
    """What waits for the staff, the oldest first; `reasons` (JSON): how often reported for each."""
    return [dict(row) for row in await tx.fetch(_QUEUE, *after, limit)]


async def actions(tx: Tx, member_id: UUID, *, before: UUID, limit: int) -> list[Record]:
    """What was done about a member and what they wrote, the newest first."""
    return await tx.fetch(
        "SELECT * FROM community_action WHERE member_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        member_id,
        before,
        limit,
    )
