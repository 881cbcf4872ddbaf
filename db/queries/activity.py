"""SQL for what members did that counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx

# The types are those of the index inbox_deeds.
_DEEDS = """
SELECT json_build_object(
  'orders', (SELECT json_agg(json_build_object('member_id', p.member_id, 'kind', 'order',
      'at', p.paid_at, 'reference', p.id, 'source', p.source, 'order_id', p.order_id,
      'settles_at', p.settles_at, 'completed_at', p.completed_at,
      'programme_version', p.programme_version, 'lines', p.lines))
    FROM purchase p WHERE p.member_id = ANY($1) AND p.paid_at >= $2),
  'events', (SELECT json_agg(told.event) FROM (
    SELECT json_build_object('member_id', i.member_id, 'kind', i.type,
      'at', i.occurred_at, 'reference', i.id, 'source', i.source, 'data', i.data,
      'by_member', i.data ->> 'opener' = i.subject) AS event
    FROM inbox i WHERE i.member_id = ANY($1) AND i.state = 'done' AND i.occurred_at >= $2
      AND i.type IN ('review.approved', 'share.opened', 'post.published', 'campaign.joined',
        'review.removed', 'post.removed')
    UNION ALL
    SELECT json_build_object('member_id', m.member_id, 'kind', CASE m.kind
        WHEN 'POST' THEN 'post.published' WHEN 'REVIEW' THEN 'review.approved'
        ELSE 'share.opened' END,
      'at', m.happened_at, 'reference', m.subject_id || ' ' || m.source_id,
      'source', coalesce(p.source, 'community'),
      'data', json_build_object('reviewId', m.subject_id, 'orderId', p.order_id,
        'link', m.subject_id, 'opener', m.source_id),
      'by_member', false)
    FROM community_merit m
    LEFT JOIN community_post r ON r.member_id = m.member_id AND r.id = m.subject_id
      AND m.kind = 'REVIEW'
    LEFT JOIN purchase p ON p.member_id = r.member_id AND p.id = r.purchase_id
    WHERE m.member_id = ANY($1) AND m.happened_at >= $2
      AND m.kind IN ('POST', 'REVIEW', 'SHARE_OPENED')
      AND (m.state = 'PAID' OR m.reason = 'DAILY_LIMIT')) AS told),
  'reviewed', (SELECT json_agg(json_build_object('member_id', p.member_id, 'source', p.source,
      'order_id', p.order_id, 'settles_at', p.settles_at, 'completed_at', p.completed_at,
      'programme_version', p.programme_version, 'lines', p.lines))
    FROM purchase p WHERE (p.member_id, p.source, p.order_id) IN (
      SELECT i.member_id, i.source, i.data ->> 'orderId' FROM inbox i
      WHERE i.member_id = ANY($1) AND i.state = 'done' AND i.occurred_at >= $2
        AND i.type = 'review.approved'
      UNION SELECT r.member_id, o.source, o.order_id FROM community_merit m
      JOIN community_post r ON r.member_id = m.member_id AND r.id = m.subject_id
      JOIN purchase o ON o.member_id = r.member_id AND o.id = r.purchase_id
      WHERE m.member_id = ANY($1) AND m.happened_at >= $2 AND m.kind = 'REVIEW')),
  'check_ins', (SELECT json_agg(json_build_object('member_id', c.member_id, 'kind', 'check_in',
      'at', c.occurred_at, 'reference', c.day, 'day', c.day, 'streak_days', c.streak_days))
    FROM check_in c WHERE c.member_id = ANY($1) AND NOT c.made_up AND c.occurred_at >= $2),
  'invites', (SELECT json_agg(json_build_object('member_id', v.member_id, 'kind', 'invite',
      'at', v.rewarded_at, 'reference', v.invitee_id))
    FROM invitation v WHERE v.member_id = ANY($1) AND v.state = 'REWARDED'
      AND v.rewarded_at >= $2),
  'quizzes', (SELECT json_agg(json_build_object('member_id', q.member_id, 'kind', 'quiz',
      'at', q.answered_at, 'reference', q.id, 'data', json_build_object('task', q.task)))
    FROM quiz_attempt q WHERE q.member_id = ANY($1) AND q.is_passed AND q.answered_at >= $2))
"""


async def deeds(
    tx: Tx, member_ids: Sequence[UUID], since: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Orders, events, check-ins, rewarded invitations and passed quizzes since then.

    `reviewed`: the orders that the reviews among the events are about, however old.
    """
    found = await tx.fetchjson(_DEEDS, list(member_ids), since)
    return {name: rows or [] for name, rows in found.items()}
