"""SQL for how the programme does as a whole: for operators' summaries, never to decide anything."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

# Of members who have a history: some who can redeem something and still have points pending.
_TELLING_MEMBER = """
SELECT w.member_id FROM wallet w JOIN member m USING (member_id) JOIN standing s USING (member_id)
WHERE w.currency = 'POINTS' AND m.suspended_at IS NULL AND w.seq > 0
ORDER BY w.available < $1, s.tier_code = $2, w.pending = 0, w.seq DESC LIMIT 1
"""


async def members_by_tier(tx: Tx) -> dict[str, int]:
    """How many members stand on each tier, by its code; empty tiers are left out."""
    rows = await tx.fetch(
        "SELECT s.tier_code, count(*) AS members FROM standing s JOIN member m USING (member_id)"
        " WHERE m.merged_into IS NULL AND m.erased_at IS NULL GROUP BY s.tier_code"
    )
    return {row["tier_code"]: row["members"] for row in rows}


async def points(tx: Tx) -> Record:
    """Sums over all members, in points: issued, pending, available, held, spent, expired, debt."""
    row = await tx.fetchrow(
        "SELECT w.*, l.* FROM"
        " (SELECT coalesce(sum(pending), 0)::bigint AS pending,"
        " coalesce(sum(available), 0)::bigint AS available,"
        " coalesce(sum(held), 0)::bigint AS held, coalesce(sum(debt), 0)::bigint AS debt"
        " FROM wallet WHERE currency = 'POINTS') AS w,"
        " (SELECT coalesce(sum(granted), 0)::bigint AS issued,"
        " coalesce(sum(spent), 0)::bigint AS spent, coalesce(sum(expired), 0)::bigint AS expired"
        " FROM lot WHERE currency = 'POINTS' AND NOT gone) AS l"
    )
    assert row is not None
    return row


async def events(tx: Tx, source: str) -> dict[str, int]:
    """How many events of `source` are in each state."""
    rows = await tx.fetch(
        "SELECT state, count(*) AS events FROM inbox WHERE source = $1 GROUP BY state", source
    )
    return {row["state"]: row["events"] for row in rows}


async def events_waiting(tx: Tx) -> int:
    """Events of any source that no worker has processed yet."""
    return await tx.fetchval("SELECT count(*) FROM inbox WHERE state = 'new'")


async def event_ids(tx: Tx, source: str) -> list[str]:
    """Every event that was taken in from `source`."""
    rows = await tx.fetch("SELECT event_id FROM inbox WHERE source = $1", source)
    return [row["event_id"] for row in rows]


async def any_event(tx: Tx, source: str) -> tuple[str, datetime] | None:
    """One event of `source`, if there is any: its id and when it occurred."""
    row = await tx.fetchrow(
        "SELECT event_id, occurred_at FROM inbox WHERE source = $1 LIMIT 1", source
    )
    return None if row is None else (row["event_id"], row["occurred_at"])


async def telling_member(tx: Tx, *, available_points: int, but_not_tier: str) -> UUID | None:
    """A member with much to show: at least so many points, and a tier to reach, if there is one."""
    return await tx.fetchval(_TELLING_MEMBER, available_points, but_not_tier)


async def jobs_by_kind(tx: Tx) -> list[Record]:
    """Of each kind and state that isn't done: how many jobs, and since when the oldest is due."""
    return await tx.fetch(
        "SELECT kind, state, count(*) AS jobs, min(run_at) AS oldest_run_at, max(last_error)"
        " FILTER (WHERE state = 'dead') AS last_error"
        " FROM job WHERE state <> 'done' GROUP BY kind, state ORDER BY kind, state"
    )
