"""SQL for a member's badges and the title they go by."""

from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_BADGES = """
SELECT b.code, b.awarded_at, t.badge IS NOT NULL AS is_title
FROM badge b LEFT JOIN chosen_title t ON t.member_id = b.member_id AND t.badge = b.code
WHERE b.member_id = $1 ORDER BY b.awarded_at DESC, b.code LIMIT $2
"""


async def badges(tx: Tx, member_id: UUID, limit: int) -> list[Record]:
    """The latest first."""
    return await tx.fetch(_BADGES, member_id, limit)


async def has(tx: Tx, member_id: UUID, code: str) -> bool:
    return await tx.fetchval(
        "SELECT EXISTS (SELECT FROM badge WHERE member_id = $1 AND code = $2)", member_id, code
    )


async def forget_title(tx: Tx, member_id: UUID) -> None:
    await tx.execute("DELETE FROM chosen_title WHERE member_id = $1", member_id)
