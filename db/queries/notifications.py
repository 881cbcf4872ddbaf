"""SQL for what members are told, how, and how they want to be told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_SITUATION = """
SELECT json_build_object(
  'notification', (SELECT n FROM notification n
    WHERE n.member_id = $1 AND n.template = $2 AND n.cause = $3),
  'preference', (SELECT p FROM preference p WHERE p.member_id = $1),
  'push', (SELECT json_agg(token ORDER BY registered_at DESC, token) FROM push_address
    WHERE member_id = $1),
  'deliveries', (SELECT json_agg(d) FROM delivery d JOIN notification n
      ON n.member_id = d.member_id AND n.id = d.notification_id
    WHERE n.member_id = $1 AND n.template = $2 AND n.cause = $3),
  'sent', (SELECT json_agg(json_build_object('channel', d.channel, 'at', d.started_at))
    FROM delivery d JOIN notification n ON n.member_id = d.member_id AND n.id = d.notification_id
    WHERE d.member_id = $1 AND d.started_at > $4 AND d.state IN ('SENDING', 'SENT', 'WAITING')
      AND n.template <> ALL($5)))
"""
_INBOX = """
SELECT json_agg(n) FROM (
  SELECT * FROM notification
  WHERE member_id = $1 AND ($2::uuid IS NULL OR id < $2) AND (read_at IS NULL OR NOT $3)
    AND template <> ALL($4)
  ORDER BY id DESC LIMIT $5) AS n
"""
_SINCE = """
SELECT json_agg(n) FROM (
  SELECT * FROM notification
  WHERE member_id = $1 AND id > $2 AND id <> ALL($3) AND template <> ALL($4)
  ORDER BY id LIMIT $5) AS n
"""
_DELIVERIES = """
SELECT d.*, n.template FROM delivery d
JOIN notification n ON n.member_id = d.member_id AND n.id = d.notification_id
WHERE d.member_id = $1 AND ($2::uuid IS NULL OR (d.notification_id, d.channel) < ($2, $3::text))
ORDER BY d.notification_id DESC, d.channel DESC LIMIT $4
"""
_READ = """
UPDATE notification SET read_at = $4
WHERE member_id = $1 AND read_at IS NULL AND (id = ANY($2) OR id <= $3)
"""
_REGISTER = """
INSERT INTO push_address VALUES ($1, $2, $3)
ON CONFLICT (token)
DO UPDATE SET member_id = EXCLUDED.member_id, registered_at = EXCLUDED.registered_at
"""
_KEEP_NEWEST = """
DELETE FROM push_address WHERE member_id = $1 AND token NOT IN (
  SELECT token FROM push_address WHERE member_id = $1 ORDER BY registered_at DESC, token LIMIT $2)
"""


async def situation(
    tx: Tx,
    member_id: UUID,
    template: str,
    cause: str,
    *,
    sent_since: datetime,
    uncounted: Sequence[str],
) -> dict[str, Any]:
    """A notification with its deliveries and all that decides about it; one statement.

    `sent`: what was begun since then, of templates that aren't `uncounted`.
    """
    return await tx.fetchjson(_SITUATION, member_id, template, cause, sent_since, list(uncounted))


async def inbox(
    tx: Tx,
    member_id: UUID,
    *,
    before: UUID | None,
    is_unread_only: bool,
    hidden: Sequence[str],
    limit: int,
) -> list[dict[str, Any]]:
    """The newest first, without templates in `hidden`."""
    args = (before, is_unread_only, list(hidden), limit)
    return await tx.fetchjson(_INBOX, member_id, *args) or []


async def since(
    tx: Tx,
    member_id: UUID,
    after: UUID,
    *,
    known: Collection[UUID],
    hidden: Sequence[str],
    limit: int,
) -> list[dict[str, Any]]:
    """Those made after that id that aren't known, the oldest first."""
    args = (after, list(known), list(hidden), limit)
    return await tx.fetchjson(_SINCE, member_id, *args) or []


async def unread(tx: Tx, member_id: UUID, *, hidden: Sequence[str], limit: int) -> int:
    """How many wait to be read, counted up to `limit`."""
    return await tx.fetchval(
        "SELECT count(*) FROM (SELECT FROM notification WHERE member_id = $1 AND read_at IS NULL"
        " AND template <> ALL($2) LIMIT $3) AS waiting",
        member_id,
        list(hidden),
        limit,
    )


async def known(tx: Tx, member_id: UUID, ids: Sequence[UUID]) -> int:
    """How many of these are the member's."""
    return await tx.fetchval(
        "SELECT count(*) FROM notification WHERE member_id = $1 AND id = ANY($2)",
        member_id,
        list(ids),
    )


async def mark_read(
    tx: Tx, member_id: UUID, ids: Sequence[UUID], *, up_to: UUID | None, now: datetime
) -> int:
    """These and all up to `up_to`, unless they were read before."""
    return await tx.execute(_READ, member_id, list(ids), up_to, now)


async def preference(tx: Tx, member_id: UUID) -> dict[str, Any] | None:
    return await tx.fetchjson(
        "SELECT row_to_json(p) FROM preference p WHERE member_id = $1", member_id
    )


async def register_push(
    tx: Tx, token: str, member_id: UUID, *, now: datetime, kept_max: int
) -> None:
    """The token is this member's from now on; of theirs the newest are kept."""
    await tx.execute(_REGISTER, token, member_id, now)
    await tx.execute(_KEEP_NEWEST, member_id, kept_max)


async def remove_push(tx: Tx, token: str, member_id: UUID) -> int:
    return await tx.execute(
        "DELETE FROM push_address WHERE token = $1 AND member_id = $2", token, member_id
    )


async def deliveries(
    tx: Tx, member_id: UUID, *, before: tuple[UUID, str] | None, limit: int
) -> list[Record]:
    """The newest notification's first, with its template; `before`: notification and channel."""
    return await tx.fetch(_DELIVERIES, member_id, *(before or (None, None)), limit)


async def next_delivery(tx: Tx, member_id: UUID, notification_id: UUID) -> datetime | None:
    """When the next channel of a notification that waits is to be tried."""
    return await tx.fetchval(
        "SELECT min(next_at) FROM delivery WHERE member_id = $1 AND notification_id = $2"
        " AND state = 'WAITING'",
        member_id,
        notification_id,
    )
