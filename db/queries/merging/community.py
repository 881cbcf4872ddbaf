"""SQL by which what two members like, follow and said is one member's, and is parted again.

Likes and follows are switched where they are, for a job counts them by the row as it is then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from db.connection import Tx


@dataclass(frozen=True, slots=True)
class Liking:
    """A table of what members like or follow: the columns of what, of whose it is, and others."""

    table: str
    what: str
    whose: str
    more: str = ""


LIKES = Liking("community_like", "subject_id", "subject_member_id", ", subject_kind, silent_for")
FOLLOWS = Liking("community_follow", "followed_id", "followed_id")
_FOLLOWERS = """
SELECT from_member_id FROM community_received
  WHERE member_id = $1 AND kind = 'FOLLOW' AND subject_id = $1 AND is_on
UNION SELECT (payload ->> 'from_member_id')::uuid FROM job
  WHERE member_id = $1 AND kind = 'community.receive' AND state IN ('ready', 'running')
    AND payload ->> 'kind' = 'FOLLOW' AND payload ->> 'subject_id' = $1::uuid::text
"""


async def take_over(
    tx: Tx, liking: Liking, source: UUID, target: UUID, now: datetime
) -> list[Record]:
    """Let a member like what another does, but nothing of their own; `what` and `whose` is new.

    What the member once took back stays so.
    """
    columns = f"{liking.what}{_other(liking)}{liking.more}"
    return await tx.fetch(
        f"INSERT INTO {liking.table} (member_id, {columns}, is_on, changed_at)"  # noqa: S608
        f" SELECT $2, {columns}, true, $3 FROM {liking.table} WHERE member_id = $1 AND is_on"
        f" AND {liking.whose} NOT IN (SELECT member_id FROM member"
        " WHERE member_id = $2 OR merged_into = $2)"
        f" ON CONFLICT DO NOTHING RETURNING {liking.what} AS what, {liking.whose} AS whose",
        source,
        target,
        now,
    )


async def switch_off(
    tx: Tx, liking: Liking, member_id: UUID, now: datetime, *, of: UUID | None = None
) -> list[Record]:
    """Let a member like nothing any more, or nothing `of` another; what they did like."""
    return await tx.fetch(
        f"UPDATE {liking.table} SET is_on = false, changed_at = $2"  # noqa: S608
        f" WHERE member_id = $1 AND is_on AND ($3::uuid IS NULL"
        f" OR {liking.whose} IN (SELECT member_id FROM member"
        " WHERE member_id = $3 OR merged_into = $3))"
        f" RETURNING {liking.what} AS what, {liking.whose} AS whose",
        member_id,
        now,
        of,
    )


async def switch(
    tx: Tx, liking: Liking, member_id: UUID, what: Sequence[UUID], now: datetime, *, is_on: bool
) -> list[Record]:
    """Let a member like these, or like them no more; those that were otherwise."""
    return await tx.fetch(
        f"UPDATE {liking.table} SET is_on = $4, changed_at = $3"  # noqa: S608
        f" WHERE member_id = $1 AND {liking.what} = ANY($2) AND is_on <> $4"
        f" RETURNING {liking.what} AS what, {liking.whose} AS whose",
        member_id,
        list(what),
        now,
        is_on,
    )


async def from_themselves(tx: Tx, one: UUID, other: UUID) -> list[Record]:
    """Answers accepted and links opened that two members, who are one, have from each other."""
    return await tx.fetch(
        "SELECT member_id, kind, subject_id, source_id, from_member_id FROM community_received"
        " WHERE member_id = ANY($1) AND kind IN ('ACCEPT', 'OPEN') AND from_member_id IN"
        " (SELECT member_id FROM member WHERE member_id = ANY($1) OR merged_into = ANY($1))",
        [one, other],
    )


async def followers(tx: Tx, member_id: UUID) -> list[UUID]:
    """Who follows the member, counted yet or not; their jobs are done with."""
    rows = await tx.fetch(_FOLLOWERS, member_id)
    await tx.execute(
        "DELETE FROM job WHERE member_id = $1 AND kind = 'community.receive'"
        " AND state IN ('ready', 'running') AND payload ->> 'kind' = 'FOLLOW'"
        " AND payload ->> 'subject_id' = $1::uuid::text",
        member_id,
    )
    return [row["from_member_id"] for row in rows]


async def take_followers(
    tx: Tx, source: UUID, target: UUID, ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Let those of these who follow a member follow another; who does so now.

    These rows are others' own: they are added, and none is changed that is there.
    """
    rows = await tx.fetch(
        "INSERT INTO community_follow (member_id, followed_id, is_on, changed_at)"
        " SELECT member_id, $2, true, $4 FROM community_follow WHERE member_id = ANY($3)"
        " AND followed_id = $1 AND is_on AND member_id <> $2"
        " ON CONFLICT DO NOTHING RETURNING member_id",
        source,
        target,
        list(ids),
        now,
    )
    return [row["member_id"] for row in rows]


async def drop_followers(tx: Tx, member_id: UUID, ids: Sequence[UUID], now: datetime) -> None:
    """Undo `take_followers`."""
    await tx.execute(
        "UPDATE community_follow SET is_on = false, changed_at = $3"
        " WHERE member_id = ANY($2) AND followed_id = $1 AND is_on",
        member_id,
        list(ids),
        now,
    )


async def point_comments(tx: Tx, source: UUID, target: UUID) -> None:
    """Let what anybody said to content that went to another member be found with it.

    And answers that were accepted, and links to it.
    """
    await tx.execute(
        "UPDATE community_comment SET post_member_id = $2 WHERE post_member_id = $1"
        " AND post_id IN (SELECT id FROM community_post WHERE member_id = $2)",
        source,
        target,
    )
    await tx.execute(
        "UPDATE community_comment SET parent_member_id = $2 WHERE parent_member_id = $1"
        " AND state = 'VISIBLE'"
        " AND parent_id IN (SELECT id FROM community_comment WHERE member_id = $2)",
        source,
        target,
    )
    await tx.execute(
        "UPDATE community_post SET accepted_member_id = $2 WHERE accepted_member_id = $1"
        " AND accepted_id IN (SELECT id FROM community_comment WHERE member_id = $2)",
        source,
        target,
    )
    await tx.execute(
        "UPDATE community_share SET post_member_id = $2 WHERE post_member_id = $1"
        " AND post_id IN (SELECT id FROM community_post WHERE member_id = $2)",
        source,
        target,
    )


async def point_links(tx: Tx, member_id: UUID, shares: Sequence[UUID]) -> None:
    """Let shared links be found with this member."""
    await tx.execute(
        "UPDATE community_link SET member_id = $1 WHERE share_id = ANY($2)",
        member_id,
        list(shares),
    )


async def shows(tx: Tx, member_id: UUID, purchases: Sequence[UUID]) -> list[UUID]:
    """Posts that show these orders."""
    rows = await tx.fetch(
        "SELECT id FROM community_post WHERE member_id = $1 AND purchase_id = ANY($2)",
        member_id,
        list(purchases),
    )
    return [row["id"] for row in rows]


async def received(tx: Tx, member_id: UUID, subjects: Sequence[UUID]) -> list[list[str]]:
    """Keys of what was counted of this content."""
    return await _about(tx, "community_received", member_id, subjects)


async def merits(tx: Tx, member_id: UUID, subjects: Sequence[UUID]) -> list[list[str]]:
    """Keys of what this content earned."""
    return await _about(tx, "community_merit", member_id, subjects)


async def _about(tx: Tx, table: str, member_id: UUID, subjects: Sequence[UUID]) -> list[list[str]]:
    rows = await tx.fetch(
        f"SELECT kind, subject_id, source_id FROM {table}"  # noqa: S608  ours
        " WHERE member_id = $1 AND subject_id = ANY($2)",
        member_id,
        list(subjects),
    )
    return [[row["kind"], str(row["subject_id"]), str(row["source_id"])] for row in rows]


def _other(liking: Liking) -> str:
    return "" if liking.whose == liking.what else f", {liking.whose}"
