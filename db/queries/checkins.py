"""SQL for check-ins."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

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
# A member who moves has two zones; which one is in force is for the rules to say.
_TO_REMIND = """
WITH zone AS (SELECT name, hour FROM unnest($1::text[], $2::integer[]) AS z (name, hour))
SELECT to_json(m) AS member, p.check_in_hour,
  (SELECT json_build_array(c.day, c.streak_days) FROM check_in c
   WHERE c.member_id = m.member_id ORDER BY c.day DESC LIMIT 1) AS streak,
  (SELECT json_build_array(c.day, c.occurred_at, c.streak_days, c.points_awarded) FROM check_in c
   WHERE c.member_id = m.member_id AND NOT c.made_up ORDER BY c.day DESC LIMIT 1) AS last,
  ARRAY(SELECT n.cause FROM notification n WHERE n.member_id = m.member_id
    AND n.template = 'check_in_reminder' AND n.cause = ANY($6)) AS told
FROM preference p JOIN member m USING (member_id)
LEFT JOIN zone z ON z.name = m.timezone LEFT JOIN zone n ON n.name = m.next_timezone
WHERE p.check_in_hour IS NOT NULL AND p.member_id > $4 AND m.suspended_at IS NULL
  AND m.merged_into IS NULL
  AND (p.check_in_hour > z.hour - $3 AND p.check_in_hour <= z.hour
    OR p.check_in_hour > n.hour - $3 AND p.check_in_hour <= n.hour)
ORDER BY p.member_id LIMIT $5
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


async def to_remind(
    tx: Tx,
    hours: Mapping[str, int],
    *,
    within_hours: int,
    after: UUID,
    limit: int,
    causes: Sequence[str],
) -> list[dict[str, Any]]:
    """Members, by id, whose hour to check in came in the last `within_hours`.

    `hours`: what the clock shows in each zone. With each the hour, what `state` says of streak and
    last, and of which of these causes they were told.
    """
    rows = await tx.fetch(
        _TO_REMIND, list(hours), list(hours.values()), within_hours, after, limit, list(causes)
    )
    names = ("member", "streak", "last")
    return [
        {**row, **{name: row[name] and orjson.loads(row[name]) for name in names}} for row in rows
    ]
