"""SQL for links that members share, reviews of goods and what they were bought with."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_REVIEWED = """
SELECT p.id, p.programme_version, p.settles_at, p.completed_at,
  EXISTS (SELECT FROM jsonb_array_elements(p.lines) AS line
    WHERE line ->> 'line_id' = $3
    AND (line ->> 'net_minor')::bigint > (line ->> 'refunded_minor')::bigint) AS is_kept
FROM purchase p WHERE p.member_id = $1 AND p.id = $2
"""


async def share(tx: Tx, member_id: UUID, share_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM community_share WHERE member_id = $1 AND id = $2", member_id, share_id
    )


async def shares(tx: Tx, refs: Sequence[tuple[UUID, UUID]]) -> list[Record]:
    """Shares (member id, id)."""
    return await tx.fetch(
        "SELECT s.* FROM community_share s"
        " JOIN unnest($1::uuid[], $2::uuid[]) AS asked (member_id, id) USING (member_id, id)",
        [member_id for member_id, _ in refs],
        [share_id for _, share_id in refs],
    )


async def of_token(tx: Tx, token: str) -> Record | None:
    return await tx.fetchrow(
        "SELECT s.* FROM community_link l JOIN community_share s"
        " ON s.member_id = l.member_id AND s.id = l.share_id WHERE l.token = $1",
        token,
    )


async def has_opened(tx: Tx, member_id: UUID, share_id: UUID) -> bool:
    return await tx.fetchval(
        "SELECT EXISTS (SELECT FROM community_open WHERE member_id = $1 AND share_id = $2)",
        member_id,
        share_id,
    )


async def has_reviewed(tx: Tx, member_id: UUID, purchase_id: UUID, line_id: str) -> bool:
    return await tx.fetchval(
        "SELECT EXISTS (SELECT FROM community_post WHERE member_id = $1 AND purchase_id = $2"
        " AND line_id = $3 AND kind = 'REVIEW' AND state <> 'DELETED')",
        member_id,
        purchase_id,
        line_id,
    )


async def reviewed_order(
    tx: Tx, member_id: UUID, purchase_id: UUID, line_id: str
) -> dict[str, Any] | None:
    """An order's id, version, when it settles, and whether anything of the line is kept."""
    row = await tx.fetchrow(_REVIEWED, member_id, purchase_id, line_id)
    return None if row is None else dict(row)


async def rating(tx: Tx, sku: str) -> tuple[int, int]:
    """How many reviews of goods are seen, and the sum of their ratings."""
    row = await tx.fetchrow(
        "SELECT count(*) AS count, coalesce(sum(rating), 0)::bigint AS total FROM community_post"
        " WHERE skus[1] = $1 AND kind = 'REVIEW' AND state = 'VISIBLE'",
        sku,
    )
    assert row is not None
    return row["count"], row["total"]


async def reviews_of(tx: Tx, member_id: UUID, purchase_id: UUID) -> list[Record]:
    """The member's own reviews of an order, but for those that they deleted."""
    return await tx.fetch(
        "SELECT * FROM community_post WHERE member_id = $1 AND purchase_id = $2"
        " AND kind = 'REVIEW' AND state <> 'DELETED' ORDER BY id",
        member_id,
        purchase_id,
    )
