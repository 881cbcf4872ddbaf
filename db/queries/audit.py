"""SQL that looks for what must never be. Every statement reads; a batch is given by member ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx
from db.queries.audit_whole import LATE, OF_THE_WHOLE
from db.queries.community.audit import COUNTS

ROWS_MAX = 1_000
_ACCOUNTS = ("pending", "available", "held", "debt")
_NET = ", ".join(
    f"coalesce(sum(amount) FILTER (WHERE credit_account = '{account}'), 0)::bigint"
    f" - coalesce(sum(amount) FILTER (WHERE debit_account = '{account}'), 0)::bigint AS {account}"
    for account in _ACCOUNTS
)
_INSIDE = "('pending', 'available', 'held', 'debt')"

# One row a wallet: as it is stored, as its transfers say, as its lots and open holds say.
_WALLETS = f"""
SELECT w.*, coalesce(t.transfers, 0) AS transfers, coalesce(t.last, 0) AS last,
  coalesce(t.pending, 0) AS moved_pending, coalesce(t.available, 0) AS moved_available,
  coalesce(t.held, 0) AS moved_held, coalesce(t.debt, 0) AS moved_debt,
  coalesce(t.outside, 0) AS outside, coalesce(t.issued, 0) AS issued,
  coalesce(l.pending, 0) AS lots_pending, coalesce(l.active, 0) AS lots_active,
  coalesce(l.held, 0) AS lots_held, coalesce(l.forfeited, 0) AS forfeited,
  least(l.due_at, h.due_at) AS due_at, coalesce(h.held, 0) AS holds,
  m.suspended_at IS NOT NULL AS suspended
FROM wallet w JOIN member m USING (member_id)
LEFT JOIN (SELECT member_id, currency, count(*) AS transfers, max(seq) AS last, {_NET},
    (coalesce(sum(amount) FILTER (WHERE credit_account NOT IN {_INSIDE}), 0)
     - coalesce(sum(amount) FILTER (WHERE debit_account NOT IN {_INSIDE}), 0))::bigint AS outside,
    (coalesce(sum(amount) FILTER (WHERE debit_account = 'issuance'), 0)
     - coalesce(sum(amount) FILTER (WHERE credit_account = 'issuance'), 0))::bigint AS issued
  FROM transfer WHERE member_id = ANY($1) GROUP BY 1, 2) AS t USING (member_id, currency)
LEFT JOIN (SELECT member_id, currency,
    (sum(remaining) FILTER (WHERE activated_at IS NULL))::bigint AS pending,
    (sum(remaining) FILTER (WHERE activated_at IS NOT NULL))::bigint AS active,
    sum(held)::bigint AS held, sum(forfeited - came_forfeited)::bigint AS forfeited,
    min(CASE WHEN activated_at IS NULL THEN activates_at ELSE expires_at END)
      FILTER (WHERE remaining > 0) AS due_at
  FROM lot WHERE member_id = ANY($1) GROUP BY 1, 2) AS l USING (member_id, currency)
LEFT JOIN (SELECT member_id, currency, sum(amount)::bigint AS held, min(expires_at) AS due_at
  FROM hold WHERE state = 'open' AND member_id = ANY($1) GROUP BY 1, 2) AS h
  USING (member_id, currency)
WHERE w.member_id = ANY($1) ORDER BY w.member_id, w.currency
"""  # noqa: S608  constants of this module

_SUM = "coalesce(sum(m.amount) FILTER (WHERE {}), 0)"
_BUCKETS = {
    "granted": _SUM.format(
        "t.kind = 'earn' OR t.kind = 'adjust' AND t.debit_account = 'adjustment'"
    ),
    "spent": _SUM.format(
        "t.kind IN ('spend', 'recoup', 'repay', 'commit')"
        " OR t.kind = 'adjust' AND t.credit_account = 'adjustment'"
    )
    + " - "
    + _SUM.format("t.kind = 'restore'"),
    "expired": _SUM.format("t.kind IN ('expire', 'decay')"),
    "taken": _SUM.format("t.kind = 'take_back'"),
    "held": _SUM.format("t.kind = 'hold'") + " - " + _SUM.format("t.kind IN ('commit', 'release')"),
    "went": _SUM.format("t.kind = 'merge_out'") + " - " + _SUM.format("t.kind = 'merge_in'"),
}
_LOTS = f"""
WITH moved AS (
  SELECT m.member_id, m.lot_id AS id, min(m.seq) AS opened_by,
    {", ".join(f"({sql})::bigint AS {name}" for name, sql in _BUCKETS.items())}
  FROM lot_move m JOIN transfer t USING (member_id, currency, seq)
  WHERE m.member_id = ANY($1) GROUP BY 1, 2)
SELECT l.member_id, 'lot ' || l.id AS row FROM lot l LEFT JOIN moved USING (member_id, id)
WHERE l.member_id = ANY($1) AND ((l.spent - l.came_spent, l.expired - l.came_expired,
    l.taken - l.came_taken, l.held) IS DISTINCT FROM
    (coalesce(moved.spent, 0), coalesce(moved.expired, 0), coalesce(moved.taken, 0),
    coalesce(moved.held, 0))
  OR l.opened_by <> moved.opened_by OR l.opened_by IS NULL AND moved.granted > 0
  OR l.opened_by IS NOT NULL AND moved.opened_by IS NULL
  OR moved.granted > 0 AND l.granted <> moved.granted
  OR l.remaining <> coalesce(moved.granted - moved.spent - moved.expired - moved.taken
    - moved.held - moved.went, 0)
  OR l.granted <> l.remaining + l.held + l.spent + l.expired + l.taken + l.moved
  OR coalesce(moved.granted, 0) = 0 AND l.granted <> l.came_spent + l.came_expired + l.came_taken
    + l.moved - coalesce(moved.went, 0))
"""  # noqa: S608  constants of this module

# Members who are or were one by merges: what one of them paid may have been given back to another.
_KIN = """
WITH RECURSIVE kin AS (
  SELECT m AS member_id, m AS other FROM unnest($1::uuid[]) AS m
  UNION SELECT k.member_id, g.other FROM kin k JOIN (
    SELECT member_id AS one, absorbed_id AS other FROM merge
    UNION ALL SELECT absorbed_id, member_id FROM merge) AS g ON g.one = k.other)
"""
_REDEMPTIONS = f"""
{_KIN}, moved AS (SELECT member_id, source_id, currency, kind, sum(amount) AS amount,
    min(seq) AS seq FROM transfer WHERE member_id IN (SELECT other FROM kin)
    AND source_type = 'redemption' AND kind IN ('spend', 'restore') GROUP BY 1, 2, 3, 4),
sold AS (SELECT r.*, r.price_points + r.price_community AS price, CASE WHEN r.price_community > 0
    THEN 'COMMUNITY' ELSE 'POINTS' END AS currency FROM redemption r WHERE r.member_id = ANY($1))
SELECT r.member_id, 'redemption ' || r.id AS row FROM sold r
LEFT JOIN moved paid ON paid.member_id = coalesce(r.paid_by, r.member_id)
  AND paid.source_id = r.id::text AND paid.kind = 'spend' AND paid.currency = r.currency
LEFT JOIN LATERAL (SELECT sum(b.amount) AS amount FROM kin k JOIN moved b
  ON b.member_id = k.other AND b.source_id = r.id::text AND b.kind = 'restore'
    AND b.currency = r.currency
  WHERE k.member_id = r.member_id) AS back ON true
WHERE (paid.amount, paid.seq) IS DISTINCT FROM (r.price::numeric, r.debited_by)
  OR coalesce(back.amount, 0)
  <> CASE WHEN r.state IN ('CANCELLED', 'FAILED') THEN r.price ELSE 0 END
UNION ALL
SELECT moved.member_id, 'transfer ' || moved.currency || ' ' || moved.seq FROM moved
WHERE moved.member_id = ANY($1) AND NOT EXISTS (SELECT FROM kin k JOIN redemption r
  ON r.member_id = k.other WHERE k.member_id = moved.member_id AND r.id::text = moved.source_id)
"""  # noqa: S608  constants of this module

OF_MEMBERS: dict[str, str] = {
    "lot_buckets": _LOTS,
    "moves": """
SELECT t.member_id, 'transfer ' || t.currency || ' ' || t.seq AS row
FROM transfer t LEFT JOIN (SELECT member_id, currency, seq, sum(amount) AS amount FROM lot_move
  WHERE member_id = ANY($1) GROUP BY 1, 2, 3) AS m USING (member_id, currency, seq)
WHERE t.member_id = ANY($1) AND coalesce(m.amount, 0)
  <> CASE WHEN t.currency = 'GROWTH' OR t.kind IN ('shortfall', 'forgive', 'merge_debt')
     THEN 0
     WHEN t.currency = 'COMMUNITY' THEN coalesce(m.amount, 0) ELSE t.amount END
""",
    "reversals": f"""
{_KIN}
SELECT k.member_id, t.source_type || ' ' || t.source_id AS row
FROM kin k JOIN transfer t ON t.member_id = k.other
WHERE t.kind IN ('spend', 'commit', 'restore')
GROUP BY k.member_id, t.source_type, t.source_id
HAVING sum(t.amount) FILTER (WHERE t.kind = 'restore')
  > coalesce(sum(t.amount) FILTER (WHERE t.kind <> 'restore'), 0)
  AND t.source_type = 'redemption'
""",  # noqa: S608  constants of this module
    "holds": """
SELECT h.member_id, 'hold ' || h.id AS row FROM hold h
LEFT JOIN transfer t ON t.member_id = h.member_id AND t.currency = h.currency AND t.seq = h.held_by
WHERE h.member_id = ANY($1) AND (t.kind IS DISTINCT FROM 'hold' OR t.amount <> h.amount)
UNION ALL
SELECT member_id, 'holds ' || kind FROM (
  SELECT member_id, 'committed' AS kind, count(*) FILTER (WHERE state = 'committed') AS n
  FROM hold WHERE member_id = ANY($1) GROUP BY 1
  UNION ALL SELECT member_id, 'released', count(*) FILTER (WHERE state = 'released')
  FROM hold WHERE member_id = ANY($1) GROUP BY 1
  UNION ALL SELECT member_id, 'committed', -count(*) FROM transfer
  WHERE member_id = ANY($1) AND kind = 'commit' GROUP BY 1
  UNION ALL SELECT member_id, 'released', -count(*) FROM transfer
  WHERE member_id = ANY($1) AND kind = 'release' GROUP BY 1) AS counted
GROUP BY member_id, kind HAVING sum(n) <> 0
UNION ALL
SELECT l.member_id, 'lot ' || l.id FROM lot l LEFT JOIN (
  SELECT h.member_id, m.lot_id AS id, sum(m.amount) AS held FROM hold h JOIN lot_move m
  ON m.member_id = h.member_id AND m.currency = h.currency AND m.seq = h.held_by
  WHERE h.state = 'open' AND h.member_id = ANY($1) GROUP BY 1, 2) AS s USING (member_id, id)
WHERE l.member_id = ANY($1) AND l.held <> coalesce(s.held, 0)
""",
    "keys": f"""
{_KIN}
SELECT i.member_id, 'idempotency ' || i.key AS row FROM idempotency i
WHERE i.member_id = ANY($1) AND i.operation = 'redeemReward' AND i.result ? 'redemption'
  AND NOT EXISTS (SELECT FROM kin k JOIN redemption r ON r.member_id = k.other
    WHERE k.member_id = i.member_id AND r.id = (i.result ->> 'redemption')::uuid)
UNION ALL
SELECT member_id, 'redemption ' || (result ->> 'redemption') FROM idempotency
WHERE member_id = ANY($1) AND operation = 'redeemReward' AND result ? 'redemption'
GROUP BY member_id, result ->> 'redemption' HAVING count(*) > 1
""",  # noqa: S608  constants of this module
    "redemptions": _REDEMPTIONS,
    "draws": f"""
{_KIN}, given AS (SELECT k.member_id, t.source_id, sum(t.amount) AS points FROM kin k
  JOIN transfer t ON t.member_id = k.other WHERE t.source_type = 'draw' AND t.kind = 'earn'
  AND t.debit_account = 'lottery' AND t.currency = 'POINTS' GROUP BY 1, 2)
SELECT d.member_id, 'redemption ' || r.id AS row FROM (SELECT member_id, redemption_id,
  count(*) AS n FROM draw WHERE member_id = ANY($1) GROUP BY 1, 2) AS d
JOIN redemption r ON r.member_id = d.member_id AND r.id = d.redemption_id WHERE d.n <> r.quantity
UNION ALL
SELECT d.member_id, 'draw ' || d.id FROM draw d
LEFT JOIN given g ON g.member_id = d.member_id AND g.source_id = d.id::text
WHERE d.member_id = ANY($1) AND d.points <> coalesce(g.points, 0)
UNION ALL
SELECT t.member_id, 'transfer ' || t.currency || ' ' || t.seq FROM transfer t
WHERE t.member_id = ANY($1) AND t.source_type = 'draw' AND NOT EXISTS (SELECT FROM kin k JOIN draw d
    ON d.member_id = k.other WHERE k.member_id = t.member_id AND d.id::text = t.source_id)
""",  # noqa: S608  constants of this module
    "sources": """
SELECT t.member_id, 'transfer ' || t.currency || ' ' || t.seq AS row FROM transfer t
LEFT JOIN decision d ON d.member_id = t.member_id AND d.id = t.decision_id
WHERE t.member_id = ANY($1) AND d.id IS NULL
UNION ALL
SELECT p.member_id, 'purchase ' || p.id FROM purchase p
LEFT JOIN lot l ON l.member_id = p.member_id AND l.id = p.lot_id
WHERE p.member_id = ANY($1) AND p.lot_id IS NOT NULL AND l.granted IS DISTINCT FROM p.points
UNION ALL
SELECT c.member_id, 'coupon ' || c.id FROM coupon c LEFT JOIN coupon_code d ON d.code = c.code
WHERE c.member_id = ANY($1) AND d.member_id IS DISTINCT FROM c.member_id
UNION ALL
SELECT c.member_id, 'check_in ' || c.day FROM check_in c LEFT JOIN (
  SELECT member_id, decision_id, sum(amount) AS points FROM transfer
  WHERE member_id = ANY($1) AND currency = 'POINTS' AND kind = 'earn' GROUP BY 1, 2) AS t
  USING (member_id, decision_id)
WHERE c.member_id = ANY($1) AND c.points_awarded <> coalesce(t.points, 0)
  AND NOT EXISTS (SELECT FROM decision d WHERE d.member_id = c.member_id AND d.id = c.decision_id
    AND starts_with(d.key, 'merged' || chr(31)))
""",
    "orders": """
SELECT p.member_id, 'purchase ' || p.id AS row FROM purchase p LEFT JOIN (
  SELECT member_id, purchase_id AS id, sum(points) AS points, sum(growth) AS growth FROM refund
  WHERE member_id = ANY($1) GROUP BY 1, 2) AS r USING (member_id, id)
WHERE p.member_id = ANY($1) AND (p.points_left, p.growth_left)
  <> (p.points - coalesce(r.points, 0), p.growth - coalesce(r.growth, 0))
UNION ALL
SELECT f.member_id, 'refund ' || f.id FROM refund f LEFT JOIN purchase p
  ON p.member_id = f.member_id AND p.id = f.purchase_id
WHERE f.member_id = ANY($1) AND p.id IS NULL AND NOT EXISTS (
  SELECT FROM merge g WHERE g.member_id = f.member_id OR g.absorbed_id = f.member_id)
""",
    "merged": """
SELECT m.member_id, 'wallet ' || w.currency AS row FROM member m JOIN wallet w USING (member_id)
WHERE m.member_id = ANY($1) AND m.merged_into IS NOT NULL
  AND (w.pending, w.available, w.held, w.debt) <> (0, 0, 0, 0)
UNION ALL
SELECT m.member_id, 'alias' FROM member m LEFT JOIN alias a USING (member_id)
WHERE m.member_id = ANY($1)
  AND coalesce(m.merged_into, m.member_id) <> coalesce(a.survivor_id, m.member_id)
""",
    "standings": """
SELECT s.member_id, 'standing ' || s.tier_code AS row FROM standing s JOIN LATERAL (
  SELECT to_tier FROM tier_change c WHERE c.member_id = s.member_id
  ORDER BY c.occurred_at DESC, c.id DESC LIMIT 1) AS last ON true
WHERE s.member_id = ANY($1) AND s.tier_code <> last.to_tier
""",
    "checkouts": f"""
{_KIN}, moved AS (SELECT member_id, source_id, currency,
    sum(amount) FILTER (WHERE kind IN ('commit', 'spend')) AS taken,
    min(seq) FILTER (WHERE kind IN ('commit', 'spend')) AS debited_by,
    sum(amount) FILTER (WHERE kind = 'shortfall') AS debt
  FROM transfer WHERE member_id IN (SELECT other FROM kin) AND source_type = 'checkout'
    AND kind IN ('commit', 'spend', 'shortfall') GROUP BY 1, 2, 3)
SELECT c.member_id, 'checkout ' || c.id AS row FROM checkout c
LEFT JOIN moved p ON p.member_id = coalesce(c.paid_by, c.member_id) AND p.source_id = c.id::text
  AND p.currency = 'POINTS'
LEFT JOIN moved r ON r.member_id = coalesce(c.paid_by, c.member_id) AND r.source_id = c.id::text
  AND r.currency = 'CREDIT'
WHERE c.member_id = ANY($1) AND ((c.points_taken, c.debited_by, c.debt_points) IS DISTINCT FROM
    (coalesce(p.taken, 0), p.debited_by, coalesce(p.debt, 0))
  OR (c.credit_taken_minor, c.credit_debited_by, c.credit_debt_minor) IS DISTINCT FROM
    (coalesce(r.taken, 0), r.debited_by, coalesce(r.debt, 0)))
UNION ALL
SELECT c.member_id, 'checkout ' || c.id || ' hold ' || h.id FROM checkout c
JOIN hold h ON h.member_id = c.member_id AND h.id IN (c.hold_id, c.credit_hold_id)
WHERE c.member_id = ANY($1) AND (h.expires_at <> c.lapses_at
  OR h.amount <> CASE h.id WHEN c.hold_id THEN c.points ELSE c.credit_minor END
  OR CASE c.state WHEN 'OPEN' THEN h.state = 'committed'
      OR h.state = 'released' AND h.resolved_at < c.lapses_at
    WHEN 'COMPLETED' THEN h.state = 'open' ELSE h.state <> 'released' END)
UNION ALL
SELECT k.member_id, 'coupon ' || k.id FROM coupon k
LEFT JOIN checkout c ON c.member_id = k.member_id AND c.id = k.checkout_id AND c.state = 'OPEN'
  AND k.id::text = ANY(c.coupon_ids)
WHERE k.member_id = ANY($1) AND k.state = 'RESERVED' AND c.id IS NULL
UNION ALL
SELECT c.member_id, 'checkout ' || c.id || ' coupon ' || one.id FROM checkout c
CROSS JOIN unnest(c.coupon_ids) AS one (id)
LEFT JOIN coupon k ON k.member_id = c.member_id AND k.id = one.id::uuid
WHERE c.member_id = ANY($1) AND c.state = 'OPEN'
  AND (k.state, k.checkout_id) IS DISTINCT FROM ('RESERVED', c.id)
""",  # noqa: S608  constants of this module
    "referrals": """
SELECT member_id, 'referral ' || source_id AS row FROM transfer
WHERE member_id = ANY($1) AND source_type = 'referral' AND kind = 'earn' AND currency = 'POINTS'
GROUP BY member_id, source_id, reason HAVING count(*) > 1
UNION ALL
SELECT r.member_id, 'referral ' || r.inviter_id FROM referral r
JOIN referral back ON back.member_id = r.inviter_id AND back.inviter_id = r.member_id
WHERE r.member_id = ANY($1)
UNION ALL
SELECT r.member_id, 'referral ' || r.inviter_id FROM referral r
WHERE r.member_id = ANY($1) AND r.member_id = r.inviter_id
""",
    "counts": COUNTS,
    "acts": """
SELECT d.member_id, 'decision ' || d.id AS row FROM decision d
WHERE d.member_id = ANY($1) AND d.kind IN ('adjustment', 'credit_grant') AND d.inputs ? 'by'
  AND NOT EXISTS (SELECT FROM staff_act a
    WHERE a.subject = coalesce((d.inputs ->> 'proposal')::uuid, d.id)
      AND a.amount = (d.inputs ->> 'amount')::bigint
      AND (a.act = 'approve') = (d.inputs ? 'proposal') AND a.act <> 'propose')
""",
    "times": """
SELECT member_id, 'transfer ' || currency || ' ' || seq AS row FROM transfer
WHERE member_id = ANY($1) AND occurred_at > recorded_at + interval '5 minutes'
""",
}


async def one_instant(tx: Tx) -> None:
    """Let every statement of this transaction see the same instant, and none of them write."""
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


async def members_after(tx: Tx, after: UUID, limit: int) -> list[UUID]:
    rows = await tx.fetch(
        "SELECT member_id FROM member WHERE member_id > $1 ORDER BY member_id LIMIT $2",
        after,
        limit,
    )
    return [row["member_id"] for row in rows]


async def wallets(tx: Tx, members: Sequence[UUID]) -> list[dict[str, Any]]:
    return [dict(row) for row in await tx.fetch(_WALLETS, list(members))]


async def broken(tx: Tx, check: str, members: Sequence[UUID]) -> list[Record]:
    """Rows of these members that break one of `OF_MEMBERS`, at most a thousand."""
    return await tx.fetch(f"{OF_MEMBERS[check]} LIMIT {ROWS_MAX}", list(members))


async def broken_anywhere(tx: Tx, check: str) -> list[Record]:
    return await tx.fetch(f"{OF_THE_WHOLE[check]} LIMIT {ROWS_MAX}")


async def late(tx: Tx, check: str, before: datetime) -> list[Record]:
    return await tx.fetch(f"{LATE[check]} LIMIT {ROWS_MAX}", before)


async def transfers_after(
    tx: Tx, place: tuple[UUID, str, int], last: UUID, limit: int
) -> list[dict[str, Any]]:
    """Transfers in the order of member, currency and number, up to the member `last`."""
    rows = await tx.fetch(
        "SELECT * FROM transfer WHERE (member_id, currency, seq) > ($1, $2, $3)"
        " AND member_id <= $4 ORDER BY member_id, currency, seq LIMIT $5",
        *place,
        last,
        limit,
    )
    return [dict(row) for row in rows]


async def rows_of(tx: Tx, members: Sequence[UUID]) -> dict[str, int]:
    """How many rows of each sort these members have."""
    row = await tx.fetchrow(
        "SELECT (SELECT count(*) FROM lot WHERE member_id = ANY($1)) AS lots,"
        " (SELECT count(*) FROM lot_move WHERE member_id = ANY($1)) AS lot_moves,"
        " (SELECT count(*) FROM hold WHERE member_id = ANY($1)) AS holds,"
        " (SELECT count(*) FROM redemption WHERE member_id = ANY($1)) AS redemptions,"
        " (SELECT count(*) FROM draw WHERE member_id = ANY($1)) AS draws",
        list(members),
    )
    return dict(row or {})


async def taken(tx: Tx) -> list[Record]:
    """How many of each reward have been redeemed under which version and not given back."""
    return await tx.fetch(
        "SELECT reward_code, programme_version, sum(quantity)::bigint AS quantity FROM redemption"
        " WHERE state NOT IN ('CANCELLED', 'FAILED') GROUP BY 1, 2"
    )


async def sold(tx: Tx) -> dict[str, int]:
    rows = await tx.fetch("SELECT reward_code, sold FROM reward_stock")
    return {row["reward_code"]: row["sold"] for row in rows}
