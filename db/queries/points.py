"""SQL for what is said of points and credit: which of them end soon."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

# The currency is written out, so that each finds the index that is its own.
_EXPIRING = """
SELECT DISTINCT l.member_id FROM lot l
JOIN unnest($1::timestamptz[], $2::timestamptz[]) AS s (after, until)
  ON l.expires_at > s.after AND l.expires_at <= s.until
WHERE l.currency = '{currency}' AND l.remaining > 0 AND l.expires_at IS NOT NULL
  AND l.activated_at IS NOT NULL AND l.member_id > $3
ORDER BY l.member_id LIMIT $4
"""
_LOTS = """
SELECT member_id, expires_at, sum(remaining)::bigint AS amount FROM lot
WHERE member_id = ANY($1) AND currency = '{currency}' AND remaining > 0 AND activated_at IS NOT NULL
  AND expires_at > $2 AND expires_at <= $3
GROUP BY member_id, expires_at ORDER BY member_id, expires_at
"""


async def with_expiring(
    tx: Tx, currency: str, spans: Sequence[tuple[datetime, datetime]], *, after: UUID, limit: int
) -> list[UUID]:
    """Members, by id, with something active that expires within one of the spans (after, until]."""
    rows = await tx.fetch(
        _EXPIRING.format(currency=_known(currency)),
        [start for start, _ in spans],
        [end for _, end in spans],
        after,
        limit,
    )
    return [row["member_id"] for row in rows]


async def expiring(
    tx: Tx, currency: str, member_ids: Sequence[UUID], *, after: datetime, until: datetime
) -> list[Record]:
    """What of their active lots expires at which instant, the earliest first."""
    sql = _LOTS.format(currency=_known(currency))
    return await tx.fetch(sql, list(member_ids), after, until)


def _known(currency: str) -> str:
    assert currency in {"POINTS", "CREDIT"}, currency
    return str(currency)


async def told(
    tx: Tx, member_ids: Sequence[UUID], template: str, causes: Sequence[str]
) -> set[tuple[UUID, str]]:
    """Of which of these causes each member was told."""
    rows = await tx.fetch(
        "SELECT member_id, cause FROM notification"
        " WHERE member_id = ANY($1) AND template = $2 AND cause = ANY($3)",
        list(member_ids),
        template,
        list(causes),
    )
    return {(row["member_id"], row["cause"]) for row in rows}
