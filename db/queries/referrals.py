"""SQL for bindings, invitations and what a referral asks of a member's orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

# An order that was recorded but not processed yet counts as paid, too.
_FIRST_PAID = """
SELECT least(
  (SELECT min(paid_at) FROM purchase WHERE member_id = $1),
  (SELECT min(occurred_at) FROM inbox
   WHERE member_id = $1 AND state = 'new' AND type = 'order.paid'))
"""
_ORDER = """
SELECT id, paid_at, settles_at, completed_at, eligible_left_minor, programme_version, lines,
  (SELECT min(paid_at) FROM purchase WHERE member_id = $1) AS first_paid_at,
  (SELECT json_agg(json_build_object('at', occurred_at, 'lines', lines) ORDER BY occurred_at, id)
   FROM refund WHERE member_id = $1 AND purchase_id = $2) AS refunds
FROM purchase WHERE member_id = $1 AND id = $2
"""
_RECORD = """
SELECT count(*) FILTER (WHERE state IN ('REWARDED', 'CAPPED')) AS net_invitees,
  count(*) FILTER (WHERE state = 'REWARDED' AND rewarded_at >= $2 AND rewarded_at < $3)
    AS awarded_this_month
FROM invitation WHERE member_id = $1
"""
# What waits for an order's return window isn't over yet.
_WAITS = """
EXISTS (SELECT FROM job j WHERE j.member_id = r.member_id AND j.kind = $1
  AND j.state IN ('ready', 'running'))
"""
_OVERDUE = f"""
SELECT r.member_id FROM referral r
JOIN unnest($2::integer[], $3::timestamptz[]) AS asked (version, bound_until)
  ON r.programme_version = asked.version
WHERE r.state = 'BOUND' AND r.bound_at <= asked.bound_until AND NOT {_WAITS}
ORDER BY r.bound_at LIMIT $4
"""  # noqa: S608  constants of this module
_SUMMARY = """
SELECT m.referral_code AS code, count(i) AS bound, count(i.qualified_at) AS qualified,
  count(i) FILTER (WHERE i.state = 'REWARDED') AS rewarded,
  coalesce(sum(i.points), 0)::bigint AS points_earned
FROM member m LEFT JOIN invitation i USING (member_id) WHERE m.member_id = $1
GROUP BY m.member_id
"""


async def owner(tx: Tx, code: str) -> Record | None:
    """The member whose referral code it is."""
    return await tx.fetchrow(
        "SELECT m.* FROM referral_code c JOIN member m USING (member_id) WHERE c.code = $1", code
    )


async def referral(tx: Tx, member_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM referral WHERE member_id = $1", member_id)


async def referral_with(tx: Tx, invitee_id: UUID) -> Record | None:
    """The referral that was bound as this invitee's, whosever it is since a merge."""
    return await tx.fetchrow(
        "SELECT * FROM referral WHERE member_id = $1 AND bound_as = $1"
        " UNION ALL SELECT * FROM referral WHERE bound_as = $1 AND bound_as <> member_id",
        invitee_id,
    )


async def referral_above(tx: Tx, member_id: UUID) -> Record | None:
    """Who invited the member, or the one as whom they go on; both sides as they are now."""
    return await tx.fetchrow(
        "SELECT r.member_id, coalesce(i.merged_into, r.inviter_id) AS inviter_id, r.code, r.state,"
        " r.bound_at, r.qualified_at, r.rewarded_at, r.purchase_id, r.programme_version, r.bound_as"
        " FROM member m JOIN referral r ON r.member_id = coalesce(m.merged_into, m.member_id)"
        " JOIN member i ON i.member_id = r.inviter_id WHERE m.member_id = $1",
        member_id,
    )


async def invitees_of(tx: Tx, inviter_ids: Sequence[UUID]) -> list[UUID]:
    """Who was bound to these, as they were bound."""
    rows = await tx.fetch(
        "SELECT bound_as FROM referral WHERE inviter_id = ANY($1)", list(inviter_ids)
    )
    return [row["bound_as"] for row in rows]


async def invitation(tx: Tx, member_id: UUID, invitee_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM invitation WHERE member_id = $1 AND invitee_id = $2", member_id, invitee_id
    )


async def invitations(tx: Tx, member_id: UUID, *, before: UUID | None, limit: int) -> list[Record]:
    """A member's invitations, the newest invitee first, those older than `before`."""
    return await tx.fetch(
        "SELECT * FROM invitation WHERE member_id = $1 AND ($2::uuid IS NULL OR invitee_id < $2)"
        " ORDER BY invitee_id DESC LIMIT $3",
        member_id,
        before,
        limit,
    )


async def summary(tx: Tx, member_id: UUID) -> Record | None:
    return await tx.fetchrow(_SUMMARY, member_id)


async def first_paid_at(tx: Tx, member_id: UUID) -> datetime | None:
    """When the member first paid for an order."""
    return await tx.fetchval(_FIRST_PAID, member_id)


async def order(tx: Tx, member_id: UUID, purchase_id: UUID) -> Record | None:
    """What a referral asks of an order, with its refunds and the member's first payment."""
    return await tx.fetchrow(_ORDER, member_id, purchase_id)


async def record_of(tx: Tx, member_id: UUID, *, month: tuple[datetime, datetime]) -> Record:
    """An inviter's net invitees, and awards within the month."""
    row = await tx.fetchrow(_RECORD, member_id, *month)
    assert row is not None
    return row


async def net_invitees(tx: Tx, member_id: UUID) -> int:
    """Of an inviter: those awarded and not undone."""
    found: Any = await tx.fetchval(
        "SELECT count(*) FROM invitation WHERE member_id = $1 AND state IN ('REWARDED', 'CAPPED')",
        member_id,
    )
    return int(found)


async def lots_of_source(tx: Tx, member_id: UUID, source_type: str, source_id: str) -> list[UUID]:
    """Those that the member has now: not what went with whom they were one with."""
    rows = await tx.fetch(
        "SELECT id FROM lot WHERE member_id = $1 AND source_type = $2 AND source_id = $3"
        " AND currency = 'POINTS' AND NOT gone",
        member_id,
        source_type,
        source_id,
    )
    return [row["id"] for row in rows]


async def overdue(
    tx: Tx, kind: str, bound_until: Mapping[int, datetime], *, limit: int
) -> list[UUID]:
    """Members bound for too long, by programme version, without a job of this kind that waits."""
    rows = await tx.fetch(
        _OVERDUE, kind, list(bound_until.keys()), list(bound_until.values()), limit
    )
    return [row["member_id"] for row in rows]


async def waits(tx: Tx, kind: str, member_id: UUID) -> bool:
    """Whether a job of this kind is to be done for the member."""
    found: Any = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM job WHERE kind = $1 AND member_id = $2"
        " AND state IN ('ready', 'running'))",
        kind,
        member_id,
    )
    return bool(found)
