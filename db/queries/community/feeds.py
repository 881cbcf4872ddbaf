"""SQL for feeds, threads and profiles: one statement each, however many rows there are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.queries.community import honours

Row = dict[str, Any]

# What is said by whom the viewer, $1, has blocked isn't there for them.
_UNBLOCKED = """
{of}.member_id <> ALL (ARRAY(SELECT b.blocked_id FROM community_block b
  WHERE b.member_id = $1 AND b.is_on))"""
_READABLE = (
    "p.state = 'VISIBLE' AND (p.topic IS NULL OR p.topic <> ALL($2::text[]))"
    f" AND {_UNBLOCKED.format(of='p')}"
)
_BY_TIME = "p.published_at DESC, p.id DESC"
_BY_HEAT = "p.heat DESC, p.id DESC"
# A limit that is written out, so that a plan for any arguments knows how few rows are wanted.
_NEWEST = f"ORDER BY {_BY_TIME} LIMIT :limit"
_AFTER = "(p.published_at, p.id) < ($3::timestamptz, $4::uuid)"
_SINCE = "(p.published_at, p.id) >= ((SELECT published_at FROM floor), (SELECT id FROM floor))"
_BY_PLACE = f"{_READABLE} AND {_AFTER} {_NEWEST}"
_MEMBER = f"SELECT p.* FROM community_post p WHERE p.member_id = $5 AND {_BY_PLACE}"  # noqa: S608
_TOPIC = f"SELECT p.* FROM community_post p WHERE p.topic = $5 AND {_BY_PLACE}"  # noqa: S608
_REVIEWS = f"""
SELECT p.* FROM community_post p WHERE p.skus[1] = $5 AND p.kind = 'REVIEW' AND {_BY_PLACE}
"""  # noqa: S608  constants of this module
# An index answers for each that is followed. The first look takes one post of each: a page full of
# those is all there can be, so that the second takes of each what is as new as the last of them.
_HOME = f"""
WITH followed AS MATERIALIZED (
  SELECT followed_id AS member_id FROM community_follow WHERE member_id = $1 AND is_on
  UNION ALL SELECT $1),
last AS MATERIALIZED (
  SELECT newest.published_at, newest.id FROM followed CROSS JOIN LATERAL (
    SELECT p.published_at, p.id FROM community_post p WHERE p.member_id = followed.member_id
      AND {_READABLE} AND {_AFTER} ORDER BY {_BY_TIME} LIMIT 1) AS newest
  ORDER BY newest.published_at DESC, newest.id DESC OFFSET :limit - 1 LIMIT 1),
floor AS MATERIALIZED (
  SELECT coalesce(max(published_at), '-infinity') AS published_at,
    coalesce((SELECT id FROM last), '{UUID(int=0)}') AS id FROM last)
SELECT p.* FROM (
  SELECT found.* FROM followed CROSS JOIN LATERAL (SELECT p.* FROM community_post p
    WHERE p.member_id = followed.member_id AND {_SINCE} AND {_BY_PLACE}) AS found
  UNION
  SELECT found.* FROM (SELECT topic FROM community_topic_follow
    WHERE member_id = $1 AND is_on) AS followed
  CROSS JOIN LATERAL (SELECT p.* FROM community_post p WHERE p.topic = followed.topic
    AND {_SINCE} AND {_BY_PLACE}) AS found) AS p
{_NEWEST}
"""  # noqa: S608  constants of this module
_HOT = f"""
SELECT p.* FROM community_post p WHERE {_READABLE} AND (p.heat, p.id) < ($3::bigint, $4::uuid)
ORDER BY {_BY_HEAT} LIMIT :limit
"""  # noqa: S608  constants of this module
# One's own is there until one deletes it, in whatever topic.
_ONE = f"""
SELECT p.* FROM community_post p WHERE p.member_id = $3 AND p.id = $4
  AND ({_READABLE} OR (p.member_id = $1 AND p.state <> 'DELETED'))
"""  # noqa: S608  constants of this module
_SEEN = f"""
SELECT to_jsonb(p) AS content, m.nickname, {honours.OF_AUTHOR} AS honours,
  EXISTS (SELECT FROM community_like l WHERE l.member_id = $1 AND l.subject_id = p.id
    AND l.is_on) AS liked,
  EXISTS (SELECT FROM community_follow f WHERE f.member_id = $1 AND f.followed_id = p.member_id
    AND f.is_on) AS followed
FROM ({{picked}}) AS p JOIN member m ON m.member_id = p.member_id
{honours.JOINED}
ORDER BY {{order}}
"""  # noqa: S608  constants
_THREADS = f"""
SELECT asked.place, to_jsonb(p) AS content, m.nickname, {honours.OF_AUTHOR} AS honours,
  EXISTS (SELECT FROM community_like l WHERE l.member_id = $1 AND l.subject_id = p.id
    AND l.is_on) AS liked,
  EXISTS (SELECT FROM community_follow f WHERE f.member_id = $1 AND f.followed_id = p.member_id
    AND f.is_on) AS followed
FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, place)
CROSS JOIN LATERAL (SELECT c.* FROM community_comment c WHERE {{of}} AND c.state = 'VISIBLE'
  AND {_UNBLOCKED.format(of="c")}
  AND (c.published_at, c.id) > ($3::timestamptz, $4::uuid)
  ORDER BY c.published_at, c.id LIMIT :limit) AS p
JOIN member m ON m.member_id = p.member_id
{honours.JOINED}
ORDER BY asked.place, p.published_at, p.id
"""  # noqa: S608  constants of this module
_OF_POST = "c.post_id = asked.id AND c.parent_id IS NULL"
_OF_COMMENT = "c.parent_id = asked.id"
_GUEST = """
SELECT (SELECT tier_code FROM standing WHERE member_id = $1) AS tier_code,
  w.lifetime_earned AS earned, w.available, w.debt
FROM (SELECT 1) AS one LEFT JOIN wallet w ON w.member_id = $1 AND w.currency = 'COMMUNITY'
"""
_PROFILE = f"""
SELECT m.member_id, m.nickname, {honours.OF_AUTHOR} AS honours,
  {honours.OF_PROFILE} AS whole, coalesce(p.follower_count, 0) AS follower_count,
  coalesce(w.lifetime_earned, 0) AS earned,
  EXISTS (SELECT FROM community_follow f WHERE f.member_id = $1 AND f.followed_id = m.member_id
    AND f.is_on) AS followed,
  EXISTS (SELECT FROM community_block b WHERE b.member_id = $1 AND b.blocked_id = m.member_id
    AND b.is_on) AS blocked
FROM member m LEFT JOIN community_profile p USING (member_id)
LEFT JOIN wallet w ON w.member_id = m.member_id AND w.currency = 'COMMUNITY'
{honours.JOINED}
WHERE m.member_id = $2
"""  # noqa: S608  constants


def _limited(sql: str, limit: int) -> str:
    return sql.replace(":limit", str(int(limit)))


async def _page(tx: Tx, picked: str, limit: int, *args: object, order: str = _BY_TIME) -> list[Row]:
    sql = _limited(_SEEN.format(picked=picked, order=order), limit)
    return [dict(row) for row in await tx.fetch(sql, *args)]


async def home(
    tx: Tx, viewer_id: UUID, hidden: Sequence[str], *, after: tuple[datetime, UUID], limit: int
) -> list[Row]:
    """Of whom and what the viewer follows, their own included; the newest first."""
    return await _page(tx, _HOME, limit, viewer_id, list(hidden), *after)


async def of_member(
    tx: Tx,
    viewer_id: UUID | None,
    hidden: Sequence[str],
    member_id: UUID,
    *,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Row]:
    return await _page(tx, _MEMBER, limit, viewer_id, list(hidden), *after, member_id)


async def of_topic(
    tx: Tx,
    viewer_id: UUID | None,
    hidden: Sequence[str],
    topic: str,
    *,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Row]:
    return await _page(tx, _TOPIC, limit, viewer_id, list(hidden), *after, topic)


async def reviews(
    tx: Tx,
    viewer_id: UUID | None,
    hidden: Sequence[str],
    sku: str,
    *,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Row]:
    return await _page(tx, _REVIEWS, limit, viewer_id, list(hidden), *after, sku)


async def hot(
    tx: Tx, viewer_id: UUID | None, hidden: Sequence[str], *, after: tuple[int, UUID], limit: int
) -> list[Row]:
    return await _page(tx, _HOT, limit, viewer_id, list(hidden), *after, order=_BY_HEAT)


async def post(
    tx: Tx, viewer_id: UUID | None, hidden: Sequence[str], member_id: UUID, post_id: UUID
) -> Row | None:
    sql = _SEEN.format(picked=_ONE, order=_BY_TIME)
    row = await tx.fetchrow(sql, viewer_id, list(hidden), member_id, post_id)
    return None if row is None else dict(row)


async def threads(
    tx: Tx,
    viewer_id: UUID | None,
    ids: Sequence[UUID],
    *,
    replies: bool,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Row]:
    """Of each post (of each comment with `replies`) comments, the oldest first; `place` from 1."""
    sql = _limited(_THREADS.format(of=_OF_COMMENT if replies else _OF_POST), limit)
    return [dict(row) for row in await tx.fetch(sql, viewer_id, list(ids), *after)]


async def own_comment(tx: Tx, member_id: UUID, comment_id: UUID) -> Row | None:
    row = await tx.fetchrow(
        f"SELECT to_jsonb(p) AS content, m.nickname, {honours.OF_AUTHOR} AS honours,"  # noqa: S608
        " false AS liked, false AS followed FROM community_comment p"
        f" JOIN member m ON m.member_id = p.member_id {honours.JOINED}"
        " WHERE p.member_id = $1 AND p.id = $2",
        member_id,
        comment_id,
    )
    return None if row is None else dict(row)


async def guest(tx: Tx, member_id: UUID) -> Row:
    """Tier and COMMUNITY earned; None where there is no such member."""
    row = await tx.fetchrow(_GUEST, member_id)
    assert row is not None
    return dict(row)


async def profile(tx: Tx, viewer_id: UUID | None, member_id: UUID) -> Row | None:
    row = await tx.fetchrow(_PROFILE, viewer_id, member_id)
    return None if row is None else dict(row)
