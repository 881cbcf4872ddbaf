"""SQL for a member's coupons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_PROSPECTS = """
SELECT json_build_object(
  'issued', (SELECT coalesce(json_object_agg(template, issued), '{}') FROM coupon_stock
    WHERE template = ANY($2)),
  'used', (SELECT coalesce(json_object_agg(template, n), '{}') FROM (
    SELECT c.template, count(*) AS n FROM unnest($2::text[], $3::timestamptz[])
      AS asked (template, since) JOIN coupon c ON c.member_id = $1
      AND c.template = asked.template AND c.state <> 'REVOKED'
      AND c.issued_at >= coalesce(asked.since, '-infinity'::timestamptz)
    GROUP BY 1) AS counted),
  'tier', (SELECT tier_code FROM standing WHERE member_id = $1),
  'tags', (SELECT coalesce(json_agg(tag), '[]') FROM member_tag WHERE member_id = $1),
  'orders', (SELECT coalesce(json_agg(paid_at), '[]') FROM (SELECT paid_at FROM purchase
    WHERE member_id = $1 AND (base_left_minor > 0 OR eligible_left_minor > 0)
    ORDER BY paid_at DESC LIMIT $4) AS latest))
"""


async def in_hand(tx: Tx, member_id: UUID) -> list[Record]:
    """Coupons that are neither used nor gone, those that expire first coming first."""
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1"
        " AND state IN ('ISSUED', 'RETURNED', 'RESERVED') ORDER BY expires_at, id",
        member_id,
    )


async def by_id(tx: Tx, member_id: UUID, ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND id = ANY($2) ORDER BY id",
        member_id,
        list(ids),
    )


async def by_code(tx: Tx, member_id: UUID, codes: Sequence[str]) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND code = ANY($2)", member_id, list(codes)
    )


async def of_checkout(tx: Tx, member_id: UUID, checkout_id: UUID) -> list[Record]:
    """What a checkout has reserved or used."""
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND checkout_id = $2 ORDER BY id",
        member_id,
        checkout_id,
    )


async def of_decision(tx: Tx, member_id: UUID, decision_id: UUID) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND decision_id = $2 ORDER BY id",
        member_id,
        decision_id,
    )


async def of_source(tx: Tx, member_id: UUID, source_type: str, source_id: str) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND source_type = $2 AND source_id = $3"
        " ORDER BY id",
        member_id,
        source_type,
        source_id,
    )


async def in_use_but_revoked(
    tx: Tx, member_id: UUID, source_type: str, source_id: str
) -> list[Record]:
    """What came of that thing, was taken away, and is reserved or used."""
    return await tx.fetch(
        "SELECT * FROM coupon WHERE member_id = $1 AND source_type = $2 AND source_id = $3"
        " AND state IN ('RESERVED', 'REDEEMED') AND revoked_at IS NOT NULL ORDER BY id",
        member_id,
        source_type,
        source_id,
    )


async def prospects(
    tx: Tx, member_id: UUID, since: Mapping[str, datetime | None], *, orders_max: int
) -> dict[str, Any]:
    """Of these templates how many have gone, and the member's `since` then; tier, tags, orders."""
    return await tx.fetchjson(
        _PROSPECTS, member_id, list(since.keys()), list(since.values()), orders_max
    )
