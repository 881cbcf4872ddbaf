"""SQL for the devices that members were seen with, and what left from those that aren't trusted."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from db.connection import Tx
from db.queries.ledger import Also

# What shows that an account was in use is looked for only where the last visit doesn't. Orders that
# were imported lie in the past and show nothing.
_DOOR = """
SELECT json_build_object(
  'devices', (SELECT json_agg(d) FROM device d WHERE d.member_id = ANY($1)),
  'presence', (SELECT p FROM presence p WHERE p.member_id = ANY($1)),
  'was_here', CASE WHEN EXISTS (SELECT FROM presence p
      WHERE p.member_id = ANY($1) AND p.active_at > ${since}) THEN true
    ELSE EXISTS (SELECT FROM purchase o WHERE o.member_id = ANY($1)
        AND o.paid_at > ${since} AND o.paid_at <= ${until})
      OR EXISTS (SELECT FROM check_in c WHERE c.member_id = ANY($1)
        AND c.day >= ${since}::timestamptz::date - 1
        AND c.occurred_at > ${since} AND c.occurred_at <= ${until})
      OR EXISTS (SELECT FROM redemption r WHERE r.member_id = ANY($1)
        AND r.created_at > ${since} AND r.created_at <= ${until}) END)
"""


class Asked(NamedTuple):
    """From when until when a member must have been here."""

    since: datetime
    until: datetime


async def door(tx: Tx, member_id: UUID, asked: Asked) -> dict[str, Any]:
    """Their devices, of which few are kept, when the member was here, and whether they were."""
    return await tx.fetchjson(_door(2), [member_id], *asked)


def beside(also: Also, asked: Asked) -> Also:
    """What `also` reads as `also`, and `door` of one member beside it, by the same statement."""
    sql = _door(len(also.args) + 2)
    both = f"SELECT json_build_object('also', ({also.sql}), 'door', ({sql}))"
    return Also(both, (*also.args, *asked))


@cache
def _door(place: int) -> str:
    return _DOOR.format(since=place, until=place + 1)


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
