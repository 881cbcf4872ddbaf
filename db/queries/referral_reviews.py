"""SQL for what members left behind, who is near a referral, and what staff are asked to look at."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from db.connection import Tx

# Who shares a mark comes without their other ones, and nobody comes for an address: half a house
# lives at one. Who was merged is no other member: the survivor has their marks.
_SHARING = """
WITH own AS (SELECT kind, digest, member_id FROM fingerprint WHERE member_id = ANY($1))
SELECT kind, digest, member_id FROM own
UNION
SELECT o.kind, o.digest, f.member_id
FROM (SELECT DISTINCT kind, digest FROM own WHERE kind <> 'address') o,
  LATERAL (SELECT s.member_id FROM fingerprint s JOIN member m USING (member_id)
    WHERE s.kind = o.kind AND s.digest = o.digest AND m.merged_into IS NULL
    ORDER BY s.member_id LIMIT $2) f
"""
_FACTS = """
SELECT asked.member_id,
  (SELECT count(*) FROM (SELECT FROM purchase p WHERE p.member_id = asked.member_id LIMIT 2) _)
    AS orders,
  (SELECT count(*) FROM (SELECT FROM referral r WHERE r.inviter_id = asked.member_id LIMIT 2) _)
    AS invited
FROM unnest($1::uuid[]) AS asked (member_id)
"""
# Who left the same as somebody did lately is looked at as well: it may be their inviter's.
_RECENT = """
WITH recent AS (
  SELECT member_id FROM referral WHERE bound_at >= $1
  UNION SELECT member_id FROM fingerprint WHERE seen_at >= $1
  UNION SELECT s.member_id FROM fingerprint f JOIN fingerprint s USING (kind, digest)
    WHERE f.seen_at >= $5 AND f.kind <> 'address' AND s.member_id <> f.member_id)
SELECT member_id FROM recent JOIN referral USING (member_id) JOIN member m USING (member_id)
WHERE state = ANY($2) AND m.merged_into IS NULL AND ($3::uuid IS NULL OR member_id > $3)
ORDER BY member_id LIMIT $4
"""
# A binding that had to stand behind at a merge is nobody's to decide about.
_PAGE = """
SELECT v.*, r.state AS referral_state, r.bound_at FROM referral_review v
CROSS JOIN LATERAL (SELECT member_id, state, bound_at FROM referral
    WHERE member_id = v.member_id AND bound_as = v.member_id
  UNION ALL SELECT member_id, state, bound_at FROM referral
    WHERE bound_as = v.member_id AND bound_as <> member_id) AS r
JOIN member m ON m.member_id = r.member_id AND m.merged_into IS NULL
WHERE v.state = $1 AND ($1 <> 'OPEN' OR r.state = ANY($2)) AND ($3::uuid IS NULL OR v.id > $3)
ORDER BY v.id LIMIT $4
"""
_MILESTONES = """
SELECT l.id, l.source_id::integer AS count, l.granted,
  split_part(d.key, $3, 2)::uuid AS invitee_id
FROM lot l JOIN decision d ON d.member_id = l.member_id AND d.id = l.decision_id
WHERE l.member_id = $1 AND l.source_type = $2 AND NOT l.gone AND NOT EXISTS (
  SELECT FROM decision b WHERE b.member_id = l.member_id AND b.key = $4 || l.id::text)
ORDER BY l.id
"""


async def marks_of(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    return await tx.fetch(
        "SELECT kind, digest, member_id FROM fingerprint WHERE member_id = ANY($1)",
        list(member_ids),
    )


async def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Delete marks that were first seen before then, the oldest first; how many."""
    return await tx.execute(
        "DELETE FROM fingerprint f USING (SELECT kind, digest, member_id FROM fingerprint"
        " WHERE seen_at < $1 ORDER BY seen_at, member_id LIMIT $2) old"
        " WHERE (f.kind, f.digest, f.member_id) = (old.kind, old.digest, old.member_id)",
        before,
        limit,
    )


async def sharing(tx: Tx, member_ids: Sequence[UUID], each_max: int) -> list[Record]:
    """The marks of these members, and up to `each_max` members who left the same one."""
    return await tx.fetch(_SHARING, list(member_ids), each_max)


async def bound(tx: Tx, invitees: Sequence[UUID], limit: int) -> list[Record]:
    """Who invited these, as they are now."""
    return await tx.fetch(
        "SELECT r.member_id, coalesce(i.merged_into, r.inviter_id) AS inviter_id, r.bound_at"
        " FROM referral r JOIN member i ON i.member_id = r.inviter_id"
        " WHERE r.member_id = ANY($1) LIMIT $2",
        list(invitees),
        limit,
    )


async def bound_by(tx: Tx, inviters: Sequence[UUID], limit: int) -> list[Record]:
    """Whom these invited, the newest first."""
    return await tx.fetch(
        "SELECT r.member_id, coalesce(i.merged_into, r.inviter_id) AS inviter_id, r.bound_at"
        " FROM referral r JOIN member i ON i.member_id = r.inviter_id"
        " JOIN member m ON m.member_id = r.member_id AND m.merged_into IS NULL"
        " WHERE r.inviter_id = ANY(ARRAY(SELECT unnest($1::uuid[])"
        "  UNION ALL SELECT member_id FROM member WHERE merged_into = ANY($1)))"
        " ORDER BY r.bound_at DESC, r.member_id LIMIT $2",
        list(inviters),
        limit,
    )


async def facts(tx: Tx, member_ids: Sequence[UUID]) -> list[Record]:
    """How many `orders` each paid for and how many they `invited`; of both at most two."""
    return await tx.fetch(_FACTS, list(member_ids))


async def nth_of_day(
    tx: Tx, inviter_id: UUID, day_starts_at: datetime, bound_at: datetime, member_id: UUID
) -> int:
    """The place of this binding among the inviter's since then."""
    found = await tx.fetchval(
        "SELECT count(*) FROM referral WHERE inviter_id = $1 AND bound_at >= $2"
        " AND (bound_at, member_id) <= ($3, $4)",
        inviter_id,
        day_starts_at,
        bound_at,
        member_id,
    )
    return int(found)


async def recent(
    tx: Tx,
    since: datetime,
    shared_since: datetime,
    states: Sequence[str],
    *,
    after: UUID | None,
    limit: int,
) -> list[UUID]:
    """Invitees who were bound or left a mark since then, or share what was, in order."""
    rows = await tx.fetch(_RECENT, since, list(states), after, limit, shared_since)
    return [row["member_id"] for row in rows]


async def review(tx: Tx, member_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM referral_review WHERE member_id = $1", member_id)


async def reviews(
    tx: Tx, state: str, undecided: Sequence[str], *, after: UUID | None, limit: int
) -> list[Record]:
    """Reviews in that state, the oldest first; open ones whose referral is still undecided."""
    return await tx.fetch(_PAGE, state, list(undecided), after, limit)


async def standing_milestones(
    tx: Tx, member_id: UUID, *, source: str, paid_by: str, undone_by: str
) -> list[Record]:
    """Lots of milestones that were not taken back, with the invitee whose award reached them.

    `paid_by` and `undone_by`: how the keys of the decisions begin.
    """
    return await tx.fetch(_MILESTONES, member_id, source, paid_by, undone_by)
