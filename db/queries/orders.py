"""SQL for what is known of members' orders, and of their tiers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_HISTORY = """
SELECT json_build_object(
  'orders', (SELECT json_agg(json_build_array(p.member_id, p.id, p.source, p.order_id, p.paid_at,
      p.day, p.base_left_minor, p.eligible_left_minor, p.growth_left,
      p.settles_at))
    FROM standing s JOIN purchase p ON p.member_id = s.member_id
      AND p.paid_at >= least($2, s.counts_since)
    WHERE s.member_id = ANY($1)),
  'purchases', (SELECT json_agg(p) FROM (
    SELECT p.* FROM purchase p
    JOIN unnest($3::uuid[], $4::text[], $5::text[]) AS asked (member_id, source, order_id)
    USING (member_id, source, order_id)
    UNION ALL
    SELECT p.* FROM purchase p WHERE cardinality($7::int[]) > 0 AND p.member_id = ANY($1)
      AND p.programme_version = ANY($7) AND p.completed_at IS NULL AND p.settles_at <= $8) AS p),
  'ordered', (SELECT json_agg(m) FROM unnest($1::uuid[]) AS m
    WHERE EXISTS (SELECT FROM purchase p WHERE p.member_id = m)),
  'standings', (SELECT json_agg(s) FROM standing s WHERE s.member_id = ANY($1)),
  'changes', (SELECT json_agg(json_build_array(c.member_id, c.occurred_at, c.to_tier, c.from_tier)
      ORDER BY c.occurred_at, c.id)
    FROM tier_change c WHERE c.member_id = ANY($1)),
  'interaction', (SELECT json_agg(json_build_array(t.member_id, t.occurred_at, t.amount,
      t.credit_account = 'available'))
    FROM standing s JOIN transfer t ON t.member_id = s.member_id AND t.currency = 'GROWTH'
      AND t.reason = 'interaction' AND t.occurred_at >= least($2, s.counts_since)
    WHERE s.member_id = ANY($1)),
  'usage', (SELECT json_agg(u) FROM usage u WHERE u.member_id = ANY($1) AND u.period >= $6),
  'referrals', (SELECT json_agg(r) FROM referral r
    WHERE r.member_id = ANY($1) AND r.state IN ('BOUND', 'QUALIFIED', 'REWARDED')))
"""


async def history(
    tx: Tx,
    member_ids: Sequence[UUID],
    *,
    since: datetime,
    orders: Sequence[tuple[UUID, str, str]],
    silent_by: datetime,
    silent_versions: Sequence[int],
) -> dict[str, list[Any]]:
    """What these members did since then, or since their tier has been counted for.

    `orders` (member, source, order id) come whole, and so do those under one of `silent_versions`
    that nobody had completed when they should have been, by `silent_by`; some come twice.
    """
    found = await tx.fetchjson(
        _HISTORY,
        list(member_ids),
        since,
        [member_id for member_id, _, _ in orders],
        [source for _, source, _ in orders],
        [order_id for _, _, order_id in orders],
        f"{since:%Y}",
        list(silent_versions),
        silent_by,
    )
    return {name: rows or [] for name, rows in found.items()}


async def order_reviews(
    tx: Tx, orders: Sequence[tuple[UUID, UUID]], source_type: str
) -> list[dict[str, Any]]:
    """Lots that reviews of these orders (member id, purchase id) gave, each with its GROWTH."""
    rows = await tx.fetch(
        "SELECT l.*, (d.outcome ->> 'growth')::bigint AS growth"
        " FROM unnest($1::uuid[], $2::text[]) AS asked (member_id, source_id)"
        " JOIN lot l ON l.member_id = asked.member_id AND l.source_type = $3"
        " AND l.source_id = asked.source_id"
        " JOIN decision d ON d.member_id = l.member_id AND d.id = l.decision_id"
        " WHERE NOT EXISTS (SELECT FROM decision r WHERE r.member_id = d.member_id"
        " AND r.key = 'removed' || chr(31) || d.key)",
        [member_id for member_id, _ in orders],
        [str(purchase_id) for _, purchase_id in orders],
        source_type,
    )
    return [dict(row) for row in rows]


async def purchase(tx: Tx, member_id: UUID, source: str, order_id: str) -> dict[str, Any] | None:
    """One order as JSON; None where there is none."""
    return await tx.fetchjson(
        "SELECT to_json(p) FROM purchase p WHERE member_id = $1 AND source = $2 AND order_id = $3",
        member_id,
        source,
        order_id,
    )


_CHECKOUTS = """
WITH asked AS (SELECT c.* FROM checkout c
  JOIN unnest($1::uuid[], $2::uuid[]) AS asked (member_id, id) USING (member_id, id)),
slice AS (SELECT a.id AS checkout_id, a.member_id, v.currency, v.lot_id, v.amount, v.position
  FROM asked a CROSS JOIN LATERAL (VALUES ('POINTS', a.debited_by),
    ('CREDIT', a.credit_debited_by)) AS debit (currency, seq)
  JOIN lot_move v ON v.member_id = coalesce(a.paid_by, a.member_id)
    AND v.currency = debit.currency AND v.seq = debit.seq
  JOIN lot l ON l.member_id = a.member_id AND l.id = v.lot_id)
SELECT json_build_object(
  'checkouts', (SELECT json_agg(a) FROM asked a),
  'coupons', (SELECT json_agg(json_build_object('checkout_id', a.id, 'coupon', c))
    FROM asked a JOIN coupon c ON c.member_id = a.member_id AND c.id = ANY(a.coupon_ids::uuid[])),
  'slices', (SELECT json_agg(s ORDER BY s.position) FROM slice s),
  'lots', (SELECT json_agg(l) FROM lot l WHERE (l.member_id, l.id) IN
    (SELECT s.member_id, s.lot_id FROM slice s)),
  'orders', (SELECT json_agg(json_build_object('member_id', p.member_id, 'checkout_id', a.id,
      'source', p.source, 'order_id', p.order_id))
    FROM asked a JOIN purchase p ON p.member_id = a.member_id
    AND p.sale ->> 'checkout_id' = a.id::text AND p.sale IS NOT NULL))
"""


async def checkouts(tx: Tx, asked: Sequence[tuple[UUID, UUID]]) -> dict[str, list[Any]]:
    """Checkouts (member id, id), their coupons, what they debited of which lots, their orders.

    Of lots that another member has since they were parted, nothing is known here.
    """
    found = await tx.fetchjson(
        _CHECKOUTS, [member_id for member_id, _ in asked], [checkout_id for _, checkout_id in asked]
    )
    return {name: rows or [] for name, rows in found.items()}


async def paid_through(tx: Tx, member_id: UUID, checkout_id: UUID) -> Record | None:
    """Source and order id of the order that was paid through this checkout."""
    return await tx.fetchrow(
        "SELECT source, order_id FROM purchase WHERE member_id = $1 AND sale ->> 'checkout_id' = $2"
        " AND sale IS NOT NULL",
        member_id,
        str(checkout_id),
    )
