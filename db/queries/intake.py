"""SQL for the inbox and for what its processing needs to know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

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


async def open_events(tx: Tx, member_ids: Sequence[UUID], each: int) -> list[dict[str, Any]]:
    """The first `each` new events of each member, and parked ones that wait for an order of these.

    All in the order of arrival.
    """
    return await tx.fetchjson(_OPEN, list(member_ids), each) or []


async def interaction(
    tx: Tx, member_id: UUID, event_type: str, source: str, reference: str
) -> Record | None:
    """The decision on a review or a post of the member, by the shop's id of it."""
    return await tx.fetchrow(
        "SELECT d.* FROM inbox i JOIN decision d ON d.member_id = i.member_id"
        " AND d.key = i.type || chr(31) || i.source || chr(31) || i.event_id"
        " WHERE i.member_id = $1 AND i.type = $2 AND i.source = $3 AND i.state = 'done'"
        " AND coalesce(i.data ->> 'reviewId', i.data ->> 'postId') = $4",
        member_id,
        event_type,
        source,
        reference,
    )


async def lots_left(tx: Tx, member_id: UUID, decision_id: UUID) -> list[UUID]:
    """Lots that a decision opened, unless the order that they hang on was sent back whole."""
    rows = await tx.fetch(
        "SELECT l.id FROM lot l WHERE l.member_id = $1 AND l.decision_id = $2 AND NOT EXISTS"
        " (SELECT FROM purchase p WHERE p.member_id = $1 AND l.source_type = 'order_review'"
        " AND p.id::text = l.source_id AND NOT EXISTS"
        " (SELECT FROM jsonb_array_elements(p.lines) AS line"
        " WHERE (line ->> 'net_minor')::bigint > (line ->> 'refunded_minor')::bigint))",
        member_id,
        decision_id,
    )
    return [row["id"] for row in rows]


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


async def known_checkouts(
    tx: Tx, asked: Sequence[tuple[UUID, UUID]]
) -> frozenset[tuple[UUID, UUID]]:
    """Those checkouts (member id, id) that there are."""
    if not asked:
        return frozenset()
    rows = await tx.fetch(
        "SELECT member_id, id FROM checkout JOIN unnest($1::uuid[], $2::uuid[])"
        " AS asked (member_id, id) USING (member_id, id)",
        [member_id for member_id, _ in asked],
        [checkout_id for _, checkout_id in asked],
    )
    return frozenset((row["member_id"], row["id"]) for row in rows)
