"""SQL for carts that are being paid, and for what a member could pay with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from db.connection import Tx
from db.queries.ledger import OPEN_HOLDS

Row = dict[str, Any]
"""A row of the table `checkout`, its documents read."""
_DOCUMENTS = ("cart", "price")

_BUYER = f"""
SELECT json_build_object(
  'member', (SELECT to_json(m) FROM member m WHERE m.member_id = $1),
  'tier_code', (SELECT tier_code FROM standing WHERE member_id = $1),
  'wallets', (SELECT json_agg(w) FROM wallet w WHERE w.member_id = $1),
  'lots', (SELECT json_agg(l) FROM lot l WHERE l.member_id = $1
    AND (l.remaining > 0 OR l.held > 0)),
  'holds', ({OPEN_HOLDS}),
  'lapsed', (SELECT json_agg(c.id) FROM checkout c WHERE c.member_id = $1 AND c.state = 'OPEN'
    AND c.lapses_at <= $2))
"""  # noqa: S608  constants of this module


async def buyer(tx: Tx, member_id: UUID, now: datetime) -> dict[str, Any]:
    """Who buys, with what they could pay with, and their checkouts that have lapsed unnoticed."""
    return await tx.fetchjson(_BUYER, member_id, now)


async def tier_code(tx: Tx, member_id: UUID) -> str | None:
    return await tx.fetchval("SELECT tier_code FROM standing WHERE member_id = $1", member_id)


async def checkout(tx: Tx, member_id: UUID, checkout_id: UUID) -> Row | None:
    row = await tx.fetchrow(
        "SELECT * FROM checkout WHERE member_id = $1 AND id = $2", member_id, checkout_id
    )
    return None if row is None else _read(row)


async def by_key(tx: Tx, member_id: UUID, opened_by: str, key: str) -> Row | None:
    row = await tx.fetchrow(
        "SELECT * FROM checkout WHERE member_id = $1 AND opened_by = $2 AND idempotency = $3",
        member_id,
        opened_by,
        key,
    )
    return None if row is None else _read(row)


async def by_order(tx: Tx, member_id: UUID, source: str, order_id: str) -> Row | None:
    row = await tx.fetchrow(
        "SELECT * FROM checkout WHERE member_id = $1 AND source = $2 AND order_id = $3",
        member_id,
        source,
        order_id,
    )
    return None if row is None else _read(row)


async def opened(tx: Tx, member_id: UUID) -> list[Row]:
    """Those that nothing has ended yet, the oldest first; some may have lapsed."""
    rows = await tx.fetch(
        "SELECT * FROM checkout WHERE member_id = $1 AND state = 'OPEN' ORDER BY id", member_id
    )
    return [_read(row) for row in rows]


async def open_count(tx: Tx, member_ids: Sequence[UUID]) -> int:
    return await tx.fetchval(
        "SELECT count(*) FROM checkout WHERE member_id = ANY($1) AND state = 'OPEN'",
        list(member_ids),
    )


async def overused(tx: Tx, *, before: UUID | None, limit: int) -> list[Row]:
    """Those of which a coupon was used elsewhere, the newest first, those older than `before`."""
    rows = await tx.fetch(
        "SELECT * FROM checkout WHERE overused <> '{}' AND ($1::uuid IS NULL OR id < $1)"
        " ORDER BY id DESC LIMIT $2",
        before,
        limit,
    )
    return [_read(row) for row in rows]


def _read(row: Record) -> Row:
    return {**row} | {name: orjson.loads(row[name]) for name in _DOCUMENTS}
