"""SQL for what a member says and does, and for what others' rows say of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from db.connection import Tx
from db.queries.ledger import Also

_DAYS_AROUND = timedelta(days=2)
BAN = """
(SELECT to_json(b) FROM community_ban b WHERE b.member_id = ANY($1)
  AND b.lifted_at IS NULL AND (b.ends_at IS NULL OR b.ends_at > {at}) AND {at} IS NOT NULL
  ORDER BY b.ends_at DESC NULLS FIRST LIMIT 1)
"""
_ENTERING = f"""
SELECT json_build_object(
  'first', (SELECT json_build_object('input_hash', input_hash, 'result', result) FROM idempotency
    WHERE member_id = ANY($1) AND operation = $2 AND key = $3),
  'usage', (SELECT json_agg(u) FROM usage u WHERE u.member_id = ANY($1)
    AND u.code LIKE 'interaction:%' AND u.period >= $5),
  'tier_code', (SELECT tier_code FROM standing WHERE member_id = ANY($1)),
  'ban', {BAN.format(at="$4::timestamptz")})
"""  # noqa: S608  constants of this module
_CONTENT = {"POST": "community_post", "COMMENT": "community_comment"}
# What was written by who was merged since is the survivor's, and theirs again once they are parted:
# an id is looked for with all of them. A like that a merged member gave stays
# counted as theirs, and the survivor's own beside it isn't. Nobody accepts or opens their own.
# Of each asked: whether it is so now where it was done, and whether it was counted before.
_RECEIVED = """
SELECT asked.*, coalesce(CASE asked.kind
  WHEN 'LIKE' THEN (SELECT l.is_on AND NOT EXISTS (SELECT FROM member m JOIN community_like o
      ON o.member_id = m.member_id AND o.subject_id = l.subject_id
      WHERE m.merged_into = l.member_id AND o.is_on)
    FROM community_like l WHERE l.member_id = asked.from_member_id
    AND l.subject_id = asked.subject_id)
  WHEN 'COMMENT' THEN (SELECT c.state = 'VISIBLE' FROM community_comment c
    WHERE c.member_id = ANY(author.ids) AND c.id = asked.source_id)
  WHEN 'FOLLOW' THEN (SELECT f.is_on FROM community_follow f
    WHERE f.member_id = asked.from_member_id AND f.followed_id = asked.member_id)
  WHEN 'ACCEPT' THEN (SELECT q.accepted_id = asked.subject_id FROM community_post q
    WHERE q.member_id = ANY(author.ids) AND q.id = asked.source_id)
    AND author.id <> asked.member_id
  WHEN 'OPEN' THEN EXISTS (SELECT FROM community_open o
    WHERE o.member_id = author.id AND o.share_id = asked.subject_id)
    AND author.id <> asked.member_id
  WHEN 'REPORT' THEN EXISTS (SELECT FROM community_report r
    WHERE r.member_id = author.id AND r.subject_id = asked.subject_id)
  END, false) AS is_on,
  CASE asked.kind
  WHEN 'LIKE' THEN (SELECT l.silent_for FROM community_like l
    WHERE l.member_id = asked.from_member_id AND l.subject_id = asked.subject_id)
  WHEN 'ACCEPT' THEN (SELECT q.accepted_silent_for FROM community_post q
    WHERE q.member_id = ANY(author.ids) AND q.id = asked.source_id)
  END AS silent_for,
  author.device_hash,
  coalesce(r.is_on, false) AS was_on
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[])
  AS asked (member_id, kind, subject_id, source_id, from_member_id)
CROSS JOIN LATERAL (SELECT coalesce(m.merged_into, m.member_id) AS id, m.device_hash,
    array(SELECT coalesce(m.merged_into, m.member_id) UNION ALL SELECT g.absorbed_id FROM merge g
      WHERE g.member_id = m.member_id AND g.unmerged_at IS NOT NULL) AS ids
  FROM member m WHERE m.member_id = asked.from_member_id) AS author
LEFT JOIN community_received r USING (member_id, kind, subject_id, source_id)
"""


def entering(operation: str, key: str, now: datetime) -> Also:
    """The key's first answer, tier, ban and counts of late of one member."""
    since = f"{now - _DAYS_AROUND:%Y-%m-%d}"
    return Also(_ENTERING, (operation, key, now, since))


async def content(tx: Tx, kind: str, refs: Sequence[tuple[UUID, UUID]]) -> list[Record]:
    """Posts or comments (member id, id), in whatever state."""
    return await tx.fetch(
        f"SELECT c.* FROM {_CONTENT[kind]} c"  # noqa: S608  a constant of this module
        " JOIN unnest($1::uuid[], $2::uuid[]) AS asked (member_id, id) USING (member_id, id)",
        [member_id for member_id, _ in refs],
        [content_id for _, content_id in refs],
    )


async def bought(tx: Tx, member_id: UUID, source: str, order_id: str) -> Record | None:
    """The id and the lines (JSON) of a member's own order."""
    return await tx.fetchrow(
        "SELECT id, lines FROM purchase WHERE member_id = $1 AND source = $2 AND order_id = $3",
        member_id,
        source,
        order_id,
    )


async def like(tx: Tx, member_id: UUID, subject_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "SELECT * FROM community_like WHERE member_id = $1 AND subject_id = $2",
        member_id,
        subject_id,
    )


async def likes_of_merged(tx: Tx, member_id: UUID, subject_id: UUID) -> list[Record]:
    """Likes of the same that were given by who was merged into the member."""
    return await tx.fetch(
        "SELECT l.* FROM member m JOIN community_like l ON l.member_id = m.member_id"
        " WHERE m.merged_into = $1 AND l.subject_id = $2 AND l.is_on",
        member_id,
        subject_id,
    )


async def following(tx: Tx, member_id: UUID, followed_id: UUID) -> dict[str, Any]:
    """Whether the member follows the other one, how many in all, and whether the other is there."""
    row = await tx.fetchrow(
        "SELECT coalesce((SELECT is_on FROM community_follow WHERE member_id = $1"
        "  AND followed_id = $2), false) AS is_on,"
        " (SELECT count(*) FROM community_follow WHERE member_id = $1 AND is_on) AS count,"
        " EXISTS (SELECT FROM member WHERE member_id = $2) AS is_there",
        member_id,
        followed_id,
    )
    assert row is not None
    return dict(row)


async def received(tx: Tx, asked: Sequence[tuple[UUID, str, UUID, UUID, UUID]]) -> list[Record]:
    """Of each (member id, kind, subject id, source id, from member id) what is and what was."""
    columns = list(zip(*asked, strict=True))
    return await tx.fetch(_RECEIVED, *(list(column) for column in columns))


async def profiles(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch(
        "SELECT * FROM community_profile WHERE member_id = ANY($1)", list(member_ids)
    )


async def topic_follows(tx: Tx, member_id: UUID) -> list[str]:
    """Topics that the member follows."""
    rows = await tx.fetch(
        "SELECT topic FROM community_topic_follow WHERE member_id = $1 AND is_on ORDER BY topic",
        member_id,
    )
    return [row["topic"] for row in rows]


async def all_of(tx: Tx, kind: str, member_id: UUID) -> list[Record]:
    """Everything of a kind that a member has said and that isn't deleted."""
    return await tx.fetch(
        f"SELECT * FROM {_CONTENT[kind]} WHERE member_id = $1 AND state <> 'DELETED'",  # noqa: S608
        member_id,
    )


async def attention(tx: Tx, member_id: UUID) -> list[Record]:
    """What a member likes and whom they follow, as those members count it."""
    return await tx.fetch(
        "SELECT 'LIKE' AS kind, subject_member_id AS to_member_id, subject_id FROM community_like"
        " WHERE member_id = $1 AND is_on UNION ALL"
        " SELECT 'FOLLOW', followed_id, followed_id FROM community_follow"
        " WHERE member_id = $1 AND is_on",
        member_id,
    )
