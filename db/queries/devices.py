"""SQL for the devices that members were seen with, and what left from those that aren't trusted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx
from db.queries.ledger import Also

_DOOR = """
SELECT json_build_object(
  'device', (SELECT d FROM device d WHERE d.member_id = ANY($1) AND d.id = ${device}),
  'known', (SELECT count(*) FROM device d WHERE d.member_id = ANY($1)),
  'strangers', (SELECT count(*) FROM device d WHERE d.member_id = ANY($1) AND d.trusted_at IS NULL),
  'presence', (SELECT p FROM presence p WHERE p.member_id = ANY($1)))
"""
# Orders that were imported lie in the past and say nothing.
_WAS_HERE = """
SELECT EXISTS (SELECT FROM check_in WHERE member_id = $1 AND day >= $2::timestamptz::date - 1
    AND occurred_at > $2 AND occurred_at <= $3)
  OR EXISTS (SELECT FROM purchase WHERE member_id = $1 AND paid_at > $2 AND paid_at <= $3)
  OR EXISTS (SELECT FROM redemption WHERE member_id = $1 AND created_at > $2 AND created_at <= $3)
"""


async def door(tx: Tx, member_id: UUID, device_id: UUID | None) -> dict[str, Any]:
    """The device, how many others there are, and when the member was here."""
    return await tx.fetchjson(_DOOR.format(device=2), [member_id], device_id)


def beside(also: Also, device_id: UUID | None) -> Also:
    """What `also` reads as `also`, and `door` of one member beside it, by the same statement."""
    place = len(also.args) + 2
    sql = f"SELECT json_build_object('also', ({also.sql}), 'door', ({_DOOR.format(device=place)}))"
    return Also(sql, (*also.args, device_id))


async def was_here(tx: Tx, member_id: UUID, *, since: datetime, until: datetime) -> bool:
    """Whether they checked in, bought or redeemed after `since` and by `until`."""
    return await tx.fetchval(_WAS_HERE, member_id, since, until)


async def taken(tx: Tx, member_id: UUID, since: datetime) -> dict[str, int]:
    """What left after `since` under a limit, by currency."""
    rows = await tx.fetch(
        "SELECT currency, sum(amount)::bigint AS amount FROM device_taking"
        " WHERE member_id = $1 AND taken_at > $2 GROUP BY currency",
        member_id,
        since,
    )
    return {row["currency"]: row["amount"] for row in rows}


async def devices(tx: Tx, member_id: UUID, limit: int) -> list[Record]:
    """Those seen last come first."""
    return await tx.fetch(
        "SELECT * FROM device WHERE member_id = $1 ORDER BY last_seen_at DESC, id LIMIT $2",
        member_id,
        limit,
    )


async def device(tx: Tx, member_id: UUID, device_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM device WHERE member_id = $1 AND id = $2", member_id, device_id
    )


async def presence(tx: Tx, member_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM presence WHERE member_id = $1", member_id)


async def code(tx: Tx, member_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM device_code WHERE member_id = $1", member_id)
