"""What has a member got from others? Counted under their lock, as it is when that is looked at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries.community import moderation, writing
from domain.community import rules, steps
from domain.community.model import (
    Action,
    Comment,
    HeldFor,
    Kind,
    Post,
    Profile,
    Received,
    ReceivedRow,
    State,
)
from domain.ledger.steps import Desk, open_desks, post
from domain.members.steps import lock_all
from domain.programme.model import Community
from domain.programme.views import versions

Ref = tuple[UUID, UUID]
Contents = dict[Ref, Post | Comment]


@transactional
async def receive(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "community.receive" jobs: likes, comments, followers and reports are counted.

    Each looks at the row of who did it, so that of many changes only how they ended counts. Enough
    reports hold content back.
    """
    members = await lock_all(tx, {claim.member_id for claim in claims})
    desks = {desk.member.member_id: desk for desk in await open_desks(tx, members, now)}
    asked = dict.fromkeys(_asked(claim) for claim in claims)
    changed = [
        ReceivedRow(**{key: row[key] for key in _KEY}, is_on=row["is_on"], changed_at=now)
        for row in await writing.received(tx, list(asked))
        if row["is_on"] != row["was_on"]
    ]
    for row in changed:
        desks[row.member_id].changes.put("community_received", row)
    community = (await versions(tx)).at(now).programme.community
    found = await _contents(tx, changed)
    _count(found, changed)
    held = await _hold(tx, desks, found, changed, community)
    for ref, content in found.items():
        steps.put(desks[ref[0]].changes, _as_counted(held.get(ref, content), community, now))
    await _count_followers(tx, desks, changed)
    await post(tx, *desks.values())
    await jobs.finish_all(tx, claims, now=now)


_KEY = ("member_id", "kind", "subject_id", "source_id", "from_member_id")


def _asked(claim: Claim) -> tuple[UUID, str, UUID, UUID, UUID]:
    facts = claim.payload
    subject_id, source_id = UUID(facts["subject_id"]), UUID(facts["source_id"])
    return claim.member_id, facts["kind"], subject_id, source_id, UUID(facts["from_member_id"])


async def _contents(tx: Tx, changed: Sequence[ReceivedRow]) -> Contents:
    """What was liked, commented on and reported."""
    refs = {(row.member_id, row.subject_id) for row in changed if row.kind != Received.FOLLOW}
    found: Contents = {}
    if refs:
        for row in await writing.content(tx, Kind.POST, sorted(refs)):
            found[row["member_id"], row["id"]] = Post(**row)
    if missing := sorted(refs - set(found)):
        for row in await writing.content(tx, Kind.COMMENT, missing):
            found[row["member_id"], row["id"]] = Comment(**row)
    return found


_COUNTED = {
    Received.LIKE: "like_count",
    Received.COMMENT: "comment_count",
    Received.REPORT: "report_count",
}


def _count(found: Contents, changed: Sequence[ReceivedRow]) -> None:
    for row in changed:
        content = found.get((row.member_id, row.subject_id))
        if content is not None:
            column = _COUNTED[Received(row.kind)]
            step = 1 if row.is_on else -1
            setattr(content, column, getattr(content, column) + step)


async def _hold(
    tx: Tx,
    desks: dict[UUID, Desk],
    found: Contents,
    changed: Sequence[ReceivedRow],
    community: Community,
) -> Contents:
    """What enough voices have reported, unless the staff has looked at it."""
    reported = {(row.member_id, row.subject_id) for row in changed if row.kind == Received.REPORT}
    if not reported:
        return {}
    voices = await moderation.voices(tx, [content_id for _, content_id in reported])
    held: Contents = {}
    for ref in sorted(reported & set(found)):
        content, enough = found[ref], community.moderation.reports_to_hold
        waits = content.state == State.VISIBLE and content.reviewed_at is None
        if waits and voices.get(ref[1], 0) >= enough:
            held[ref] = steps.move(desks[ref[0]], content, State.HELD, held_for=HeldFor.REPORTS)
            steps.note_content(
                desks[ref[0]].changes,
                held[ref],
                Action.HELD,
                actor=steps.ENGINE,
                reason=HeldFor.REPORTS,
            )
    return held


def _as_counted(found: Post | Comment, community: Community, now: datetime) -> Post | Comment:
    if isinstance(found, Comment):
        return replace(found, changed_at=now)
    heat = rules.heat(
        likes=found.like_count,
        comments=found.comment_count,
        published_at=found.published_at,
        half_life_hours=community.hot_half_life_hours,
    )
    return replace(found, heat=heat, changed_at=now)


async def _count_followers(tx: Tx, desks: dict[UUID, Desk], changed: Sequence[ReceivedRow]) -> None:
    gained: dict[UUID, int] = {}
    for row in changed:
        if row.kind == Received.FOLLOW:
            gained[row.member_id] = gained.get(row.member_id, 0) + (1 if row.is_on else -1)
    if not gained:
        return
    known = {
        row["member_id"]: row["follower_count"] for row in await writing.profiles(tx, list(gained))
    }
    for member_id, step in gained.items():
        desk, count = desks[member_id], known.get(member_id, 0) + step
        desk.changes.put("community_profile", Profile(member_id, count, desk.now))
