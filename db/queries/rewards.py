"""SQL for redemptions, the stock that was sold and pools of codes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx
from db.queries.community.writing import BAN
from db.queries.ledger import OPEN_HOLDS, Also

FREE_CODES_COUNTED_MAX = 1_000
_RETURNED = "('CANCELLED', 'FAILED')"

_STANDING = f"""
SELECT json_build_object(
  'first', (SELECT json_build_object('input_hash', input_hash, 'result', result) FROM idempotency
    WHERE member_id = ANY($1) AND operation = $2 AND key = $3),
  'standing', (SELECT json_build_object('tier_code', tier_code, 'earned_tier', earned_tier)
    FROM standing WHERE member_id = ANY($1)),
  'sold', (SELECT sold FROM reward_stock WHERE reward_code = $4),
  'used', (SELECT coalesce(sum(quantity), 0)::bigint FROM redemption WHERE $6
    AND member_id = ANY($1) AND reward_code = $4 AND state NOT IN {_RETURNED}
    AND created_at >= coalesce($7, '-infinity'::timestamptz)),
  'codes_free', (SELECT count(*) FROM (SELECT FROM reward_code WHERE pool = $5
    AND member_id IS NULL LIMIT {FREE_CODES_COUNTED_MAX}) AS free),
  'ban', {BAN.format(at="$8::timestamptz")})
"""  # noqa: S608  constants of this module
_CLAIM = """
UPDATE reward_code SET member_id = $3, redemption_id = $4
WHERE pool = $1 AND code = ANY(ARRAY(SELECT code FROM reward_code
  WHERE pool = $1 AND member_id IS NULL ORDER BY code LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING code
"""
_SELL = """
INSERT INTO reward_stock (reward_code, sold) SELECT $1, $2::bigint WHERE $2 <= $3::bigint
ON CONFLICT (reward_code) DO UPDATE SET sold = reward_stock.sold + $2
WHERE reward_stock.sold + $2 <= $3
RETURNING sold
"""
_VIEWER = f"""
SELECT json_build_object(
  'tier_code', (SELECT tier_code FROM standing WHERE member_id = $1),
  'earned_tier', (SELECT earned_tier FROM standing WHERE member_id = $1),
  'suspended', (SELECT suspended_at IS NOT NULL FROM member WHERE member_id = $1),
  'banned', EXISTS (SELECT FROM community_ban b WHERE b.member_id = $1 AND b.lifted_at IS NULL
    AND (b.ends_at IS NULL OR b.ends_at > $2)),
  'wallets', (SELECT coalesce(json_agg(w), '[]') FROM wallet w
    WHERE w.member_id = $1 AND w.currency IN ('POINTS', 'COMMUNITY')),
  'lots', (SELECT coalesce(json_agg(l), '[]') FROM lot l WHERE l.member_id = $1
    AND l.currency = 'POINTS' AND (l.remaining > 0 OR l.held > 0)),
  'holds', ({OPEN_HOLDS} AND h.currency = 'POINTS'))
"""  # noqa: S608  constants of this module
_SHELF = f"""
SELECT json_build_object(
  'sold', (SELECT coalesce(json_object_agg(reward_code, sold), '{{}}') FROM reward_stock
    WHERE reward_code = ANY($4)),
  'codes_free', (SELECT coalesce(json_object_agg(pool, free), '{{}}') FROM (SELECT asked.pool,
    (SELECT count(*) FROM (SELECT FROM reward_code AS c WHERE c.pool = asked.pool
     AND c.member_id IS NULL LIMIT {FREE_CODES_COUNTED_MAX}) AS free) AS free
    FROM unnest($1::text[]) AS asked (pool)) AS pools),
  'taken', (SELECT coalesce(json_agg(json_build_object('reward_code', r.reward_code,
      'quantity', r.quantity, 'created_at', r.created_at)), '[]') FROM redemption r
    WHERE r.member_id = $2 AND r.reward_code = ANY($3) AND r.state NOT IN {_RETURNED}),
  'rounds', (SELECT coalesce(json_agg(json_build_object('lottery', o.lottery,
      'version', o.programme_version)), '[]') FROM lottery_round o WHERE o.lottery = ANY($5)
    AND o.closed_at IS NULL AND o.opens_at <= $6 AND (o.closes_at IS NULL OR o.closes_at > $6)))
"""  # noqa: S608  constants of this module


def standing(  # noqa: PLR0913  all that one redemption asks, by one statement
    operation: str,
    key: str,
    reward_code: str,
    *,
    pool: str | None,
    counts: bool,
    since: datetime | None,
    bans_at: datetime | None,
) -> Also:
    """The key's first answer, tiers, stock sold, limit used `since` (if it `counts`), free codes.

    And a ban that is in force then, where it is asked for. Of one member, read with their snapshot.
    """
    return Also(_STANDING, (operation, key, reward_code, pool, counts, since, bans_at))


async def viewer(tx: Tx, member_id: UUID, now: datetime) -> dict[str, Any]:
    """The tier, the points and the COMMUNITY of who looks at the shelf, and what bars them."""
    return await tx.fetchjson(_VIEWER, member_id, now)


async def shelf(  # noqa: PLR0913  all that the shelf shows, by one statement
    tx: Tx,
    rewards: Sequence[str],
    pools: Sequence[str],
    viewer_id: UUID | None,
    *,
    limited: Sequence[str],
    lotteries: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    """What was sold of these rewards, how many codes are free, which lotteries have an open round.

    `limited`: the rewards of which it matters how many the viewer has taken.
    """
    args = (list(pools), viewer_id, list(limited), list(rewards), list(lotteries), now)
    return await tx.fetchjson(_SHELF, *args)


async def claim_codes(
    tx: Tx, pool: str, *, quantity: int, member_id: UUID, redemption_id: UUID
) -> list[str]:
    """Free codes of a pool, now this redemption's; fewer than asked where the pool has fewer."""
    rows = await tx.fetch(_CLAIM, pool, quantity, member_id, redemption_id)
    return sorted(row["code"] for row in rows)


async def sell(tx: Tx, reward_code: str, *, quantity: int, stock: int) -> bool:
    """Count so many as sold unless that is more than the stock; the row stays locked."""
    return await tx.fetchval(_SELL, reward_code, quantity, stock) is not None


async def unsell(tx: Tx, reward_code: str, quantity: int) -> None:
    await tx.execute(
        "UPDATE reward_stock SET sold = sold - $2 WHERE reward_code = $1", reward_code, quantity
    )


async def redemption(tx: Tx, member_id: UUID, redemption_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM redemption WHERE member_id = $1 AND id = $2", member_id, redemption_id
    )


async def redemptions(tx: Tx, member_id: UUID, *, before: UUID | None, limit: int) -> list[Record]:
    """A member's redemptions, newest first, those older than `before`."""
    return await tx.fetch(
        "SELECT * FROM redemption WHERE member_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        member_id,
        before,
        limit,
    )


async def add_codes(tx: Tx, pool: str, codes: Sequence[str], *, added_at: datetime) -> int:
    """How many of these codes are new in the pool."""
    return len(await add_new_codes(tx, pool, codes, added_at=added_at))


async def add_new_codes(tx: Tx, pool: str, codes: Sequence[str], *, added_at: datetime) -> set[str]:
    """Those of these codes that are new in the pool, where they are now."""
    rows = await tx.fetch(
        "INSERT INTO reward_code (pool, code, added_at) SELECT $1, code, $3"
        " FROM unnest($2::text[]) AS given (code) ON CONFLICT DO NOTHING RETURNING code",
        pool,
        list(codes),
        added_at,
    )
    return {row["code"] for row in rows}
