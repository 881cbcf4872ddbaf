"""SQL that reads what a merge, an unmerge and those who ask about them have to know."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

# What the shop told of these customers since then, what was decided about their orders, what
# came in for them from another programme, what they had said was worth, and what came back of
# what they had redeemed.
_OWNED = """
SELECT d.id FROM inbox i JOIN decision d ON d.member_id = i.member_id AND d.recorded_at >= $3
  AND d.key IN (i.type || chr(31) || i.source || chr(31) || i.event_id,
    'removed' || chr(31) || i.type || chr(31) || i.source || chr(31) || i.event_id)
WHERE i.member_id = $1 AND i.subject = ANY($2)
UNION
SELECT d.id FROM purchase p JOIN decision d ON d.member_id = p.member_id AND d.recorded_at >= $3
  AND (d.key IN ('order' || chr(31) || p.source || chr(31) || p.order_id,
      'silence' || chr(31) || p.source || chr(31) || p.order_id)
    OR starts_with(d.key, 'refund' || chr(31) || p.source || chr(31) || p.order_id || chr(31)))
WHERE p.member_id = $1 AND (p.id = ANY($4::uuid[]) OR EXISTS (SELECT FROM inbox i
  WHERE i.member_id = $1 AND i.subject = ANY($2) AND i.type = 'order.paid' AND i.source = p.source
  AND i.data ->> 'orderId' = p.order_id))
UNION
SELECT d.id FROM decision d WHERE d.member_id = $1 AND d.recorded_at >= $3
  AND (starts_with(d.key, 'import' || chr(31)) AND split_part(d.key, chr(31), 3) = ANY($2)
    OR d.kind IN ('community', 'community_undone') AND d.inputs ->> 'reference' = ANY($5)
    OR d.kind = 'redemption_return' AND d.outcome ->> 'redemption' = ANY($6))
"""
_SIGNED = "CASE WHEN t.credit_account = 'available' THEN t.amount ELSE -t.amount END"
_EARNED = """
CASE WHEN t.debit_account = 'issuance' THEN t.amount
  WHEN t.credit_account = 'issuance' THEN -t.amount ELSE 0 END
"""
_SUBJECTS = """
WITH RECURSIVE one AS (
  SELECT member_id, external_id FROM member WHERE member_id = $1
  UNION SELECT m.member_id, m.external_id FROM one o JOIN member m ON m.merged_into = o.member_id)
SELECT external_id FROM one WHERE external_id IS NOT NULL
"""


async def standings(tx: Tx, member_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    return await tx.fetchjson(
        "SELECT json_agg(s) FROM standing s WHERE s.member_id = ANY($1)", list(member_ids)
    )


async def holding(tx: Tx, member_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these members who have something held, a coupon reserved or a checkout open."""
    rows = await tx.fetch(
        "SELECT member_id FROM hold WHERE member_id = ANY($1) AND state = 'open'"
        " UNION SELECT member_id FROM coupon WHERE member_id = ANY($1) AND state = 'RESERVED'"
        " UNION SELECT member_id FROM checkout WHERE member_id = ANY($1) AND state = 'OPEN'",
        list(member_ids),
    )
    return {row["member_id"] for row in rows}


async def subjects(tx: Tx, member_id: UUID) -> list[str]:
    """The shop's ids of a member and of who was merged into them."""
    return [row["external_id"] for row in await tx.fetch(_SUBJECTS, member_id)]


async def lots(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    """Every lot of these members, with something in it or not."""
    return await tx.fetch("SELECT * FROM lot WHERE member_id = ANY($1)", list(member_ids))


async def interactions(
    tx: Tx, member_id: UUID, since: datetime, decisions: Sequence[UUID] | None = None
) -> list[Record]:
    """GROWTH of class interaction since then: `at`, signed `amount` and `decision_id`.

    By these decisions only, where any are given.
    """
    return await tx.fetch(
        f"SELECT t.occurred_at AS at, {_SIGNED} AS amount, t.decision_id FROM transfer t"  # noqa: S608
        " WHERE t.member_id = $1 AND t.currency = 'GROWTH' AND t.reason = 'interaction'"
        " AND t.occurred_at >= $2 AND ($3::uuid[] IS NULL OR t.decision_id = ANY($3))"
        " ORDER BY t.occurred_at, t.seq",
        member_id,
        since,
        None if decisions is None else list(decisions),
    )


async def owned(  # noqa: PLR0913  whose word it may have been, and about what
    tx: Tx,
    member_id: UUID,
    subjects: Sequence[str],
    since: datetime,
    *,
    purchases: Sequence[str],
    content: Sequence[str],
    redemptions: Sequence[str],
) -> list[UUID]:
    """What was decided since then on the shop's word about these customers or these orders.

    And what this content was worth, and that these redemptions came back.
    """
    things = (list(purchases), list(content), list(redemptions))
    rows = await tx.fetch(_OWNED, member_id, list(subjects), since, *things)
    return [row["id"] for row in rows]


async def decided_by(tx: Tx, member_id: UUID, since: datetime, keys: Sequence[str]) -> list[UUID]:
    """Decisions since then that have one of these keys."""
    rows = await tx.fetch(
        "SELECT id FROM decision WHERE member_id = $1 AND recorded_at >= $2 AND key = ANY($3)",
        member_id,
        since,
        list(keys),
    )
    return [row["id"] for row in rows]


async def milestones(
    tx: Tx, member_id: UUID, source: str, *, came: Sequence[str], paid_by: Sequence[str]
) -> list[UUID]:
    """Lots for numbers of friends that came along or were opened by decisions of these keys."""
    rows = await tx.fetch(
        "SELECT l.id FROM lot l JOIN decision d ON d.member_id = l.member_id"
        " AND d.id = l.decision_id WHERE l.member_id = $1 AND l.source_type = $2"
        " AND (l.id = ANY($3::uuid[]) OR d.key = ANY($4))",
        member_id,
        source,
        list(came),
        list(paid_by),
    )
    return [row["id"] for row in rows]


async def caused(
    tx: Tx, member_id: UUID, currency: str, after_seq: int, decisions: Sequence[UUID]
) -> Record:
    """What these decisions gave since that transfer: net `available`, and net `earned`."""
    row = await tx.fetchrow(
        f"SELECT coalesce(sum({_SIGNED}) FILTER (WHERE 'available'"  # noqa: S608
        " IN (t.debit_account, t.credit_account)), 0)::bigint AS available,"
        f" coalesce(sum({_EARNED}), 0)::bigint AS earned FROM transfer t"
        " WHERE t.member_id = $1 AND t.currency = $2 AND t.seq > $3 AND t.decision_id = ANY($4)",
        member_id,
        currency,
        after_seq,
        list(decisions),
    )
    assert row is not None
    return row


async def purchases_by(tx: Tx, member_id: UUID, decisions: Sequence[UUID]) -> list[UUID]:
    """Orders that these decisions counted."""
    rows = await tx.fetch(
        "SELECT id FROM purchase WHERE member_id = $1 AND decision_id = ANY($2)",
        member_id,
        list(decisions),
    )
    return [row["id"] for row in rows]


async def coupons_by(tx: Tx, member_id: UUID, decisions: Sequence[UUID]) -> list[UUID]:
    """Coupons that these decisions gave."""
    rows = await tx.fetch(
        "SELECT id FROM coupon WHERE member_id = $1 AND decision_id = ANY($2)",
        member_id,
        list(decisions),
    )
    return [row["id"] for row in rows]


async def sold_through(tx: Tx, member_id: UUID, purchases: Sequence[UUID]) -> list[Record]:
    """The checkouts that these orders were paid through, with the coupons that they used."""
    return await tx.fetch(
        "SELECT c.id, c.coupon_ids FROM purchase p JOIN checkout c ON c.member_id = p.member_id"
        " AND c.id::text = p.sale ->> 'checkout_id' WHERE p.member_id = $1 AND p.id = ANY($2)",
        member_id,
        list(purchases),
    )


async def deliveries(tx: Tx, member_id: UUID, notifications: Sequence[UUID]) -> list[list[str]]:
    """The sends of these messages: notification id and channel."""
    rows = await tx.fetch(
        "SELECT notification_id, channel FROM delivery WHERE member_id = $1"
        " AND notification_id = ANY($2)",
        member_id,
        list(notifications),
    )
    return [[str(row["notification_id"]), row["channel"]] for row in rows]


async def inbox_of(tx: Tx, member_id: UUID, subjects: Sequence[str]) -> list[UUID]:
    rows = await tx.fetch(
        "SELECT id FROM inbox WHERE member_id = $1 AND subject = ANY($2)",
        member_id,
        list(subjects),
    )
    return [row["id"] for row in rows]


async def coupons(tx: Tx, member_id: UUID) -> list[Record]:
    return await tx.fetch("SELECT * FROM coupon WHERE member_id = $1", member_id)


async def check_in_days(tx: Tx, member_id: UUID) -> list[Record]:
    """Every day with its number in its streak, in order."""
    return await tx.fetch(
        "SELECT day, streak_days FROM check_in WHERE member_id = $1 ORDER BY day", member_id
    )


async def number_days(tx: Tx, member_id: UUID, numbers: dict[date, int]) -> None:
    await tx.execute(
        "UPDATE check_in c SET streak_days = n.number FROM unnest($2::date[], $3::int[])"
        " AS n (day, number) WHERE c.member_id = $1 AND c.day = n.day",
        member_id,
        list(numbers.keys()),
        list(numbers.values()),
    )


async def referrals(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch("SELECT * FROM referral WHERE member_id = ANY($1)", list(member_ids))


async def open_merge(tx: Tx, absorbed_id: UUID) -> dict[str, Any] | None:
    """The merge by which a member is another now, as a row in JSON."""
    return await tx.fetchjson(
        "SELECT to_json(g) FROM merge g WHERE absorbed_id = $1 AND unmerged_at IS NULL"
        " ORDER BY merged_at DESC LIMIT 1",
        absorbed_id,
    )


async def last_merge_into(tx: Tx, member_id: UUID) -> datetime | None:
    """When somebody was last merged into this member who is part of them still."""
    return await tx.fetchval(
        "SELECT max(merged_at) FROM merge WHERE member_id = $1 AND unmerged_at IS NULL", member_id
    )


async def merged_from(tx: Tx, member_id: UUID) -> list[Record]:
    """Who was merged into this member, the last one first."""
    return await tx.fetch(
        "SELECT g.absorbed_id, g.merged_at, m.external_id, m.nickname FROM merge g"
        " JOIN member m ON m.member_id = g.absorbed_id"
        " WHERE g.member_id = $1 AND g.unmerged_at IS NULL ORDER BY g.merged_at DESC, g.id DESC",
        member_id,
    )


async def merge_decision(tx: Tx, member_id: UUID, merge_id: UUID) -> UUID:
    """By which decision the survivor's wallets took in what came."""
    return await tx.fetchval(
        "SELECT id FROM decision WHERE member_id = $1 AND key = 'merge ' || $2::text",
        member_id,
        str(merge_id),
    )


async def worth(tx: Tx, member_id: UUID) -> dict[str, int]:
    """What they have of points and credit, whether it waits or is held."""
    rows = await tx.fetch(
        "SELECT currency, pending + available + held AS amount FROM wallet"
        " WHERE member_id = $1 AND currency IN ('POINTS', 'CREDIT')",
        member_id,
    )
    return {row["currency"]: row["amount"] for row in rows}
