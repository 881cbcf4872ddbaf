"""SQL for what members did that counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx

_DEEDS = """
SELECT json_build_object(
  'orders', (SELECT json_agg(json_build_object('member_id', p.member_id, 'kind', 'order',
      'at', p.paid_at, 'reference', p.id, 'settles_at', p.settles_at, 'lines', p.lines))
    FROM purchase p WHERE p.member_id = ANY($1) AND p.paid_at >= $2),
  'events', (SELECT json_agg(json_build_object('member_id', i.member_id, 'kind', i.type,
      'at', i.occurred_at, 'reference', i.id, 'source', i.source, 'data', i.data))
    FROM inbox i WHERE i.member_id = ANY($1) AND i.type = ANY($3) AND i.state = 'done'
      AND i.occurred_at >= $2),
  'check_ins', (SELECT json_agg(json_build_object('member_id', c.member_id, 'kind', 'check_in',
      'at', c.occurred_at, 'reference', c.day, 'day', c.day, 'streak_days', c.streak_days))
    FROM check_in c WHERE c.member_id = ANY($1) AND NOT c.made_up AND c.occurred_at >= $2),
  'invites', (SELECT json_agg(json_build_object('member_id', v.member_id, 'kind', 'invite',
      'at', v.rewarded_at, 'reference', v.invitee_id))
    FROM invitation v WHERE v.member_id = ANY($1) AND v.state = 'REWARDED'
      AND v.rewarded_at >= $2))
"""


async def deeds(
    tx: Tx, member_ids: Sequence[UUID], since: datetime, event_types: Sequence[str]
) -> list[dict[str, Any]]:
    """Orders, events of these types, check-ins and rewarded invitations since then."""
    found = await tx.fetchjson(_DEEDS, list(member_ids), since, list(event_types))
    return [row for rows in found.values() for row in rows or ()]
