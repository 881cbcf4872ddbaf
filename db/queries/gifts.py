"""SQL for gifts: what was given, and whose birthday may be due."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_BIRTHDAYS = """
SELECT m.member_id FROM member m
WHERE m.birthday IS NOT NULL AND m.member_id > $2 AND m.merged_into IS NULL
  AND (EXTRACT(MONTH FROM m.birthday) * 100 + EXTRACT(DAY FROM m.birthday))::integer = ANY($1)
  AND NOT EXISTS (SELECT FROM gift g
    WHERE g.member_id = m.member_id AND g.kind = 'birthday' AND g.day > $3)
ORDER BY m.member_id LIMIT $4
"""


async def given(tx: Tx, member_id: UUID, kind: str) -> list[Record]:
    """The member's gifts of that kind."""
    return await tx.fetch("SELECT * FROM gift WHERE member_id = $1 AND kind = $2", member_id, kind)


async def birthdays(
    tx: Tx, month_days: Sequence[int], *, given_since: date, after: UUID, limit: int
) -> list[UUID]:
    """Members born on one of these days (such as 229), by id; not who got a gift since then."""
    rows = await tx.fetch(_BIRTHDAYS, list(month_days), after, given_since, limit)
    return [row["member_id"] for row in rows]
