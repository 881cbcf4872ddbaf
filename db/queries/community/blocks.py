"""SQL for who has blocked whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx


async def blocking(tx: Tx, member_id: UUID, blocked_id: UUID) -> dict[str, Any]:
    """Whether it is so, how many are blocked, whether the other is there and is followed."""
    row = await tx.fetchrow(
        "SELECT coalesce((SELECT is_on FROM community_block WHERE member_id = $1"
        "  AND blocked_id = $2), false) AS is_on,"
        " (SELECT count(*) FROM community_block WHERE member_id = $1 AND is_on) AS count,"
        " EXISTS (SELECT FROM community_follow WHERE member_id = $1 AND followed_id = $2"
        "  AND is_on) AS follows,"
        " EXISTS (SELECT FROM member WHERE member_id = $2) AS is_there",
        member_id,
        blocked_id,
    )
    assert row is not None
    return dict(row)


async def is_blocked_by(tx: Tx, member_id: UUID, others: Sequence[UUID]) -> bool:
    """Whether one of these has blocked the member."""
    return await tx.fetchval(
        "SELECT EXISTS (SELECT FROM community_block WHERE member_id = ANY($2) AND blocked_id = $1"
        " AND is_on)",
        member_id,
        list(others),
    )


async def blocked(
    tx: Tx, member_id: UUID, *, before: tuple[datetime, UUID], limit: int
) -> list[Record]:
    """Whom the member has blocked, the last one first."""
    return await tx.fetch(
        "SELECT b.blocked_id, b.changed_at, m.nickname FROM community_block b"
        " JOIN member m ON m.member_id = b.blocked_id WHERE b.member_id = $1 AND b.is_on"
        " AND (b.changed_at, b.blocked_id) < ($2, $3)"
        " ORDER BY b.changed_at DESC, b.blocked_id DESC LIMIT $4",
        member_id,
        *before,
        limit,
    )


async def copy(tx: Tx, source: UUID, target: UUID) -> None:
    """Let the target block whom the source blocks, and be blocked by who blocks the source."""
    await tx.execute(
        "INSERT INTO community_block SELECT $2, blocked_id, is_on, changed_at FROM community_block"
        " WHERE member_id = $1 AND blocked_id <> $2 AND is_on ON CONFLICT (member_id, blocked_id)"
        " DO UPDATE SET is_on = true",
        source,
        target,
    )
    await tx.execute(
        "INSERT INTO community_block SELECT member_id, $2, is_on, changed_at FROM community_block"
        " WHERE blocked_id = $1 AND member_id <> $2 AND is_on ON CONFLICT (member_id, blocked_id)"
        " DO UPDATE SET is_on = true",
        source,
        target,
    )
