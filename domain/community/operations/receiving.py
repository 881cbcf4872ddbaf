"""What has a member got from others? Counted under their lock, as it is when that is looked at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db import jobs
from db.changes import Changes
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries.community import writing as queries
from domain.community import rules
from domain.community.model import Comment, Kind, Post, Profile, Received, ReceivedRow
from domain.members.steps import lock_all
from domain.programme.views import versions
from domain.webhooks.steps import write

Ref = tuple[UUID, UUID]


@transactional
async def receive(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "community.receive" jobs: likes, comments and followers are counted.

    Each looks at the row of who did it, so that of many changes only how they ended counts.
    """
    await lock_all(tx, {claim.member_id for claim in claims})
    asked = [_asked(claim) for claim in claims]
    changed = [
        ReceivedRow(**{key: row[key] for key in _KEY}, is_on=row["is_on"], changed_at=now)
        for row in await queries.received(tx, list(dict.fromkeys(asked)))
        if row["is_on"] != row["was_on"]
    ]
    changes = Changes()
    for row in changed:
        changes.put("community_received", row)
    hours = (await versions(tx)).at(now).programme.community.hot_half_life_hours
    await _count_content(tx, changes, changed, half_life_hours=hours, now=now)
    await _count_followers(tx, changes, changed, now)
    await write(tx, changes, now=now)
    await jobs.finish_all(tx, claims, now=now)


_KEY = ("member_id", "kind", "subject_id", "source_id", "from_member_id")


def _asked(claim: Claim) -> tuple[UUID, str, UUID, UUID, UUID]:
    facts = claim.payload
    subject_id, source_id = UUID(facts["subject_id"]), UUID(facts["source_id"])
    return claim.member_id, facts["kind"], subject_id, source_id, UUID(facts["from_member_id"])


async def _count_content(
    tx: Tx,
    changes: Changes,
    changed: Sequence[ReceivedRow],
    *,
    half_life_hours: int,
    now: datetime,
) -> None:
    refs = {(row.member_id, row.subject_id) for row in changed if row.kind != Received.FOLLOW}
    if not refs:
        return
    posts = await _posts(tx, refs)
    comments = await _comments(tx, refs - set(posts))
    for row in changed:
        ref, step = (row.member_id, row.subject_id), 1 if row.is_on else -1
        if ref in comments:
            comments[ref].like_count += step
        elif ref in posts and row.kind == Received.LIKE:
            posts[ref].like_count += step
        elif ref in posts:
            posts[ref].comment_count += step
    for found in posts.values():
        heat = rules.heat(
            likes=found.like_count,
            comments=found.comment_count,
            published_at=found.published_at,
            half_life_hours=half_life_hours,
        )
        changes.put("community_post", replace(found, heat=heat, changed_at=now))
    for found in comments.values():
        changes.put("community_comment", replace(found, changed_at=now))


async def _posts(tx: Tx, refs: set[Ref]) -> dict[Ref, Post]:
    rows = await queries.content(tx, Kind.POST, sorted(refs))
    return {(row["member_id"], row["id"]): Post(**row) for row in rows}


async def _comments(tx: Tx, refs: set[Ref]) -> dict[Ref, Comment]:
    rows = await queries.content(tx, Kind.COMMENT, sorted(refs)) if refs else []
    return {(row["member_id"], row["id"]): Comment(**row) for row in rows}


async def _count_followers(
    tx: Tx, changes: Changes, changed: Sequence[ReceivedRow], now: datetime
) -> None:
    gained: dict[UUID, int] = {}
    for row in changed:
        if row.kind == Received.FOLLOW:
            gained[row.member_id] = gained.get(row.member_id, 0) + (1 if row.is_on else -1)
    if not gained:
        return
    known = {
        row["member_id"]: row["follower_count"] for row in await queries.profiles(tx, list(gained))
    }
    for member_id, step in gained.items():
        count = known.get(member_id, 0) + step
        changes.put("community_profile", Profile(member_id, count, now))
