"""SQL for check-ins."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.queries.ledger import Also

_STATE = """
SELECT json_build_object(
  'streak', (SELECT json_build_array(c.day, c.streak_days) FROM check_in c
    WHERE c.member_id = ($1::uuid[])[1] ORDER BY c.day DESC LIMIT 1),
  'last', (SELECT json_build_array(c.day, c.occurred_at, c.streak_days, c.points_awarded)
    FROM check_in c WHERE c.member_id = ($1::uuid[])[1] AND NOT c.made_up
    ORDER BY c.day DESC LIMIT 1),
  'badges', (SELECT json_agg(b.code) FROM badge b WHERE b.member_id = ($1::uuid[])[1]),
  'interaction', (SELECT coalesce(sum(CASE WHEN t.credit_account = 'available' THEN t.amount
      ELSE -t.amount END), 0)::bigint FROM transfer t WHERE t.member_id = ($1::uuid[])[1]
    AND t.currency = 'GROWTH' AND t.reason = 'interaction' AND t.occurred_at >= $2))
"""
_DAYS = """
SELECT c.day, c.streak_days, c.points_awarded, c.made_up, c.occurred_at, c.decision_id, d.outcome
FROM check_in c JOIN decision d ON d.member_id = c.member_id AND d.id = c.decision_id
WHERE c.member_id = $1 AND c.day >= $2 ORDER BY c.day
"""


def state(since: datetime) -> Also:
    """A member's last days, their badges, and GROWTH of class interaction since then."""
    return Also(_STATE, (since,))


async def days_since(tx: Tx, member_id: UUID, day: date) -> list[dict[str, Any]]:
    """Check-ins from `day` on with what was decided, oldest first; `outcome` is JSON text."""
    return [dict(row) for row in await tx.fetch(_DAYS, member_id, day)]


async def made_up_between(tx: Tx, member_id: UUID, start: datetime, end: datetime) -> int:
    return await tx.fetchval(
        "SELECT count(*) FROM check_in WHERE member_id = $1 AND made_up"
        " AND occurred_at >= $2 AND occurred_at < $3",
        member_id,
        start,
        end,
    )
