"""SQL for wallets, lots and transfers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

_OPEN_HOLDS = """
SELECT json_agg(to_jsonb(h) || jsonb_build_object('programme_version', t.programme_version,
  'slices', (SELECT jsonb_agg(jsonb_build_array(v.lot_id, v.amount) ORDER BY v.position)
    FROM lot_move v WHERE v.member_id = h.member_id AND v.currency = h.currency
    AND v.seq = h.held_by)))
FROM hold h JOIN transfer t ON t.member_id = h.member_id AND t.currency = h.currency
  AND t.seq = h.held_by
WHERE h.member_id {members} AND h.state = 'open'
"""
OPEN_HOLDS = _OPEN_HOLDS.format(members="= $1")
"""Of the member $1, with what each holds of which lots."""
_SNAPSHOT = """
SELECT json_build_object(
  'members', (SELECT json_agg(m) FROM member m WHERE m.member_id = ANY($1)),
  'wallets', (SELECT json_agg(w) FROM wallet w WHERE w.member_id = ANY($1)),
  'lots', (SELECT json_agg(l) FROM lot l WHERE l.member_id = ANY($1)
           AND (l.remaining > 0 OR l.held > 0)),
  'holds', ({holds}),
  'also', ({also}))
""".replace("{holds}", _OPEN_HOLDS.format(members="= ANY($1)"))


class Also(NamedTuple):
    """More to be read with a member's snapshot: JSON by `sql`, with $1 the members, then `args`."""

    sql: str
    args: tuple[object, ...] = ()


_NOTHING = Also("NULL")


async def snapshot(tx: Tx, member_ids: Sequence[UUID], also: Also | None = None) -> dict[str, Any]:
    """Members with their wallets, every lot with something in it and open holds, as JSON rows.

    What `also` asks for stands beside them.
    """
    sql, args = also or _NOTHING
    found = await tx.fetchjson(_SNAPSHOT.replace("{also}", sql), list(member_ids), *args)
    return {name: value or [] for name, value in found.items()}


async def lots_by_id(tx: Tx, member_id: UUID, lot_ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM lot WHERE member_id = $1 AND id = ANY($2)", member_id, list(lot_ids)
    )


async def slices(tx: Tx, member_id: UUID, currency: str, seq: int) -> list[Record]:
    """What a transfer took, in the order in which it did."""
    return await tx.fetch(
        "SELECT lot_id, amount FROM lot_move WHERE member_id = $1 AND currency = $2 AND seq = $3"
        " ORDER BY position",
        member_id,
        currency,
        seq,
    )


async def hold(tx: Tx, member_id: UUID, hold_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM hold WHERE member_id = $1 AND id = $2", member_id, hold_id
    )


class DueWallet(NamedTuple):
    """Where a walk through due wallets stands: by the instant, then by the member."""

    at: datetime
    member_id: UUID


_FIRST = DueWallet(datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


async def wallets_due(
    tx: Tx, as_of: datetime, after: DueWallet | None, *, limit: int, pending_only: bool
) -> list[DueWallet]:
    """Wallets with something due by `as_of`, the longest due first, after `after`.

    `pending_only`: those with pending points, which may activate.
    """
    rows = await tx.fetch(
        "SELECT next_due_at AS at, member_id FROM wallet"
        " WHERE next_due_at <= $1 AND (next_due_at, member_id) > ($2, $3)"
        " AND (NOT $5 OR pending > 0) ORDER BY next_due_at, member_id LIMIT $4",
        as_of,
        *(after or _FIRST),
        limit,
        pending_only,
    )
    return [DueWallet(**row) for row in rows]


async def undated(tx: Tx, after: UUID, *, limit: int) -> list[UUID]:
    """Members whose points decay and who have no date for it yet, in id order, after `after`."""
    rows = await tx.fetch(
        "SELECT member_id FROM wallet WHERE member_id > $1 AND currency = 'POINTS'"
        " AND decays_at IS NULL AND available > 0 ORDER BY member_id LIMIT $2",
        after,
        limit,
    )
    return [row["member_id"] for row in rows]


async def holds_lapsed(tx: Tx, as_of: datetime, limit: int) -> list[Record]:
    return await tx.fetch(
        "SELECT member_id, id FROM hold WHERE state = 'open' AND expires_at <= $1"
        " ORDER BY expires_at LIMIT $2",
        as_of,
        limit,
    )


async def lots_of_members(tx: Tx, asked: Sequence[tuple[UUID, UUID]]) -> list[Record]:
    """Lots by (member id, lot id)."""
    return await tx.fetch(
        "SELECT l.* FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, id)"
        " JOIN lot l USING (member_id, id)",
        [member_id for member_id, _ in asked],
        [lot_id for _, lot_id in asked],
    )
