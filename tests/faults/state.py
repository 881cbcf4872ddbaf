"""Is the state of the shop what the model says, and are its books right?"""

from collections.abc import Mapping
from datetime import datetime

from domain.ledger.operations import audit, settle_members
from tests.faults.shopping import Expected
from tests.support.faults import rows_of, value_of

_MEMBERS = """
SELECT m.external_id AS subject,
  coalesce((SELECT available FROM wallet w WHERE w.member_id = m.member_id
    AND w.currency = 'POINTS'), 0)::int AS available,
  coalesce((SELECT pending FROM wallet w WHERE w.member_id = m.member_id
    AND w.currency = 'POINTS'), 0)::int AS pending,
  coalesce((SELECT available FROM wallet w WHERE w.member_id = m.member_id
    AND w.currency = 'GROWTH'), 0)::int AS growth,
  (SELECT count(*) FROM purchase p WHERE p.member_id = m.member_id)::int AS orders,
  (SELECT count(*) FROM refund r WHERE r.member_id = m.member_id)::int AS refunds,
  (SELECT count(*) FROM decision d WHERE d.member_id = m.member_id
    AND d.kind = 'interaction')::int AS reviews,
  (SELECT tier_code FROM standing s WHERE s.member_id = m.member_id) AS tier
FROM member m
"""
_TWICE = """
SELECT count(*)::int FROM (SELECT FROM transfer WHERE kind = 'earn'
  GROUP BY member_id, currency, source_type, source_id HAVING count(*) > 1) AS twice
"""


async def settle_all(now: datetime) -> None:
    """Post everything that is due by `now`, as the schedule does."""
    after = None
    while (after := await settle_members(as_of=now, after=after)) is not None:
        continue


async def require_as_modelled(members: Mapping[str, Expected], now: datetime) -> None:
    """Every event has had its effect once: points, growth and counts are those of the model."""
    await settle_all(now)
    found = {row.pop("subject"): row for row in await rows_of(_MEMBERS)}
    wanted = {
        subject: {
            "available": member.available(now),
            "pending": member.pending(now),
            "growth": member.growth,
            "orders": len(member.orders),
            "refunds": member.refunds,
            "reviews": member.reviews,
            "tier": "NORMAL",
        }
        for subject, member in members.items()
    }
    assert {subject: found[subject] for subject in wanted} == wanted
    assert await value_of(_TWICE) == 0


async def require_sound_books(now: datetime) -> None:
    """The audit finds nothing: not one breach, and no work that is late or set aside."""
    findings = await audit(now=now)
    assert findings.breaches == []
    assert findings.checked["transfers"] > 0


async def require_nothing_set_aside() -> None:
    events = await rows_of("SELECT state, count(*)::int AS n FROM inbox GROUP BY 1")
    assert {row["state"] for row in events} <= {"done"}, events
    jobs = await rows_of("SELECT kind, last_error FROM job WHERE state = 'dead'")
    assert jobs == []
