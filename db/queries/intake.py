"""SQL for the inbox and for what its processing needs to know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx

KeyRow = tuple[str, str, UUID, str]
"""source, key, member, content hash."""


async def members_of(tx: Tx, external_ids: Sequence[str]) -> dict[str, UUID]:
    rows = await tx.fetch(
        "SELECT external_id, member_id FROM external_id WHERE external_id = ANY($1)",
        list(external_ids),
    )
    return {row["external_id"]: row["member_id"] for row in rows}


async def known_keys(tx: Tx, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Content hashes of those of `keys` (source, key) that were recorded before."""
    rows = await tx.fetch(
        "SELECT e.source, e.key, e.content_hash FROM unnest($1::text[], $2::text[])"
        " AS asked (source, key) JOIN event_key e USING (source, key)",
        [source for source, _ in keys],
        [key for _, key in keys],
    )
    return {(row["source"], row["key"]): row["content_hash"] for row in rows}


async def insert_keys(tx: Tx, keys: Sequence[KeyRow]) -> int:
    """How many of them were new; a concurrent call's are waited for."""
    return await tx.execute(
        "INSERT INTO event_key (source, key, member_id, content_hash)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[])"
        " ORDER BY 1, 2 ON CONFLICT DO NOTHING",
        *(list(column) for column in zip(*keys, strict=True)),
    )


async def insert(tx: Tx, events: Sequence[object], jobs: Sequence[object]) -> None:
    changes = Changes()
    for event in events:
        changes.put("inbox", event)
    for job in jobs:
        changes.put("job", job)
    await changes.write(tx)


_OPEN = """
SELECT json_agg(e ORDER BY e.id) FROM (
  WITH fresh AS (
    SELECT i.* FROM unnest($1::uuid[]) AS asked (member_id)
    CROSS JOIN LATERAL (SELECT * FROM inbox WHERE member_id = asked.member_id AND state = 'new'
      ORDER BY id LIMIT $2) AS i)
  SELECT * FROM fresh
  UNION ALL
  SELECT p.* FROM fresh AS f JOIN inbox AS p ON p.member_id = f.member_id AND p.state = 'parked'
    AND p.waits_for = f.source || chr(31) || (f.data ->> 'orderId')
  WHERE f.type = 'order.paid'
) AS e
"""

_HISTORY = """
SELECT json_build_object(
  'orders', (SELECT json_agg(json_build_array(p.member_id, p.id, p.source, p.order_id, p.paid_at,
      p.day, p.base_left_minor, p.eligible_left_minor, p.growth_left,
      p.settles_at))
    FROM purchase p WHERE p.member_id = ANY($1) AND p.paid_at >= $2),
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
    FROM transfer t WHERE t.member_id = ANY($1) AND t.currency = 'GROWTH'
      AND t.reason = 'interaction' AND t.occurred_at >= $2),
  'usage', (SELECT json_agg(u) FROM usage u WHERE u.member_id = ANY($1) AND u.period >= $6),
  'referrals', (SELECT json_agg(r) FROM referral r
    WHERE r.member_id = ANY($1) AND r.state IN ('BOUND', 'QUALIFIED', 'REWARDED')))
"""


async def open_events(tx: Tx, member_ids: Sequence[UUID], each: int) -> list[dict[str, Any]]:
    """The first `each` new events of each member, and parked ones that wait for an order of these.

    All in the order of arrival.
    """
    return await tx.fetchjson(_OPEN, list(member_ids), each) or []


async def history(
    tx: Tx,
    member_ids: Sequence[UUID],
    *,
    since: datetime,
    orders: Sequence[tuple[UUID, str, str]],
    silent_by: datetime,
    silent_versions: Sequence[int],
) -> dict[str, list[Any]]:
    """What these members did since then.

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
        " JOIN decision d ON d.member_id = l.member_id AND d.id = l.decision_id",
        [member_id for member_id, _ in orders],
        [str(purchase_id) for _, purchase_id in orders],
        source_type,
    )
    return [dict(row) for row in rows]


async def kept_waiting(tx: Tx, member_ids: Sequence[UUID], each: int) -> list[UUID]:
    """Those of these members that have more than `each` new events."""
    rows = await tx.fetch(
        "SELECT m FROM unnest($1::uuid[]) AS m WHERE EXISTS"
        " (SELECT FROM inbox i WHERE i.member_id = m AND i.state = 'new' OFFSET $2)",
        list(member_ids),
        each,
    )
    return [row["m"] for row in rows]


async def note_failure(
    tx: Tx, member_id: UUID, event_id: UUID, attempts_max: int, *, note: str, now: datetime
) -> int:
    """Count a failed attempt; attempts so far. With the last one the event is set aside."""
    return await tx.fetchval(
        "UPDATE inbox SET attempts = attempts + 1, note = $4,"
        " state = CASE WHEN attempts + 1 >= $3 THEN 'dead' ELSE state END,"
        " processed_at = CASE WHEN attempts + 1 >= $3 THEN $5::timestamptz END"
        " WHERE member_id = $1 AND id = $2 RETURNING attempts",
        member_id,
        event_id,
        attempts_max,
        note,
        now,
    )


async def end_parked(tx: Tx, received_before: datetime, now: datetime, limit: int) -> int:
    return await tx.execute(
        "UPDATE inbox SET state = 'dead', note = 'ORDER_NEVER_CAME', processed_at = $2"
        " WHERE (member_id, id) IN (SELECT member_id, id FROM inbox"
        " WHERE state = 'parked' AND received_at <= $1 LIMIT $3)",
        received_before,
        now,
        limit,
    )


async def revive_dead(tx: Tx, limit: int) -> list[UUID]:
    """Give events that were set aside another five attempts; their members."""
    rows = await tx.fetch(
        "UPDATE inbox SET state = 'new', attempts = 0, note = NULL, processed_at = NULL"
        " WHERE (member_id, id) IN (SELECT member_id, id FROM inbox WHERE state = 'dead' LIMIT $1)"
        " RETURNING member_id",
        limit,
    )
    return [row["member_id"] for row in rows]


async def stranded(tx: Tx, kind: str, limit: int) -> list[UUID]:
    """Members with new events whose job of that kind has ended without them: it was set aside."""
    rows = await tx.fetch(
        "SELECT DISTINCT i.member_id FROM inbox i WHERE i.state = 'new' AND NOT EXISTS"
        " (SELECT FROM job j WHERE j.member_id = i.member_id AND j.kind = $1"
        " AND j.state IN ('ready', 'running')) LIMIT $2",
        kind,
        limit,
    )
    return [row["member_id"] for row in rows]
