"""What has a member got from others? Counted under their lock, as it is when that is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from db.queries.community import merits, moderation, sharing, writing
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
    Row,
    Share,
    State,
)
from domain.ledger.steps import Desk, open_desks, post
from domain.members.steps import lock_all
from domain.programme.model import Community
from domain.programme.views import versions

Ref = tuple[UUID, UUID]
Asked = tuple[UUID, str, UUID, UUID, UUID]
Contents = dict[Ref, Post | Comment]


@transactional
async def receive(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "community.receive" jobs: likes, comments, followers and reports are counted.

    Each looks at the row of who did it, so that of many changes only how they ended counts. Enough
    reports hold content back. What stays of who was erased is counted, too, and gives nothing.
    """
    members = await lock_all(tx, {claim.member_id for claim in claims}, erased_too=True)
    desks = {desk.member.member_id: desk for desk in await open_desks(tx, members, now)}
    asked = dict.fromkeys(_asked(claim) for claim in claims)
    news = await _news(tx, desks, list(asked), now)
    changed = list(news)
    earners = await _earners(tx, desks, now)
    community = (await versions(tx)).at(now).programme.community
    found = await _contents(tx, changed)
    _count(found, changed)
    held = await _hold(tx, earners, found, changed, community)
    for ref, content in found.items():
        steps.put(desks[ref[0]].changes, _as_counted(held.get(ref, content), community, now))
    shares = await _count_opens(tx, desks, changed)
    worth = [(row, silent) for row, silent in news.items() if row.kind in steps.GIVES]
    await steps.earn_from_others(tx, earners, {**found, **held, **shares}, worth)
    await _count_followers(tx, desks, changed)
    await post(tx, *desks.values())
    await jobs.finish_all(tx, claims, now=now)


async def _news(
    tx: Tx, desks: Mapping[UUID, Desk], asked: Sequence[Asked], now: datetime
) -> dict[ReceivedRow, str | None]:
    """What differs from what was counted, each with why a like counts for nothing."""
    news: dict[ReceivedRow, str | None] = {}
    for row in await writing.received(tx, asked):
        if row["is_on"] != row["was_on"]:
            one = ReceivedRow(**{key: row[key] for key in _KEY}, is_on=row["is_on"], changed_at=now)
            desk = desks[one.member_id]
            desk.changes.put("community_received", one)
            device = desk.member.device_hash
            same = device is not None and device == row["device_hash"]
            news[one] = steps.SAME_DEVICE if same else row["silent_for"]
    return news


async def _earners(tx: Tx, desks: Mapping[UUID, Desk], now: datetime) -> dict[UUID, steps.Earner]:
    published = (await versions(tx)).at(now)
    lowest = published.programme.tiers.ladder[0].code
    found = await merits.earners(tx, list(desks), f"{now - timedelta(days=2):%Y-%m-%d}")
    tiers = {UUID(row["member_id"]): row["tier_code"] for row in found["tiers"]}
    usage: dict[UUID, list[Row]] = {member_id: [] for member_id in desks}
    for row in found["usage"]:
        usage[UUID(row["member_id"])].append(row)
    return {
        member_id: steps.Earner(
            desk, published, tiers.get(member_id, lowest), steps.usage_of(usage[member_id])
        )
        for member_id, desk in desks.items()
    }


_KEY = ("member_id", "kind", "subject_id", "source_id", "from_member_id")


def _asked(claim: Claim) -> Asked:
    facts = claim.payload
    subject_id, source_id = UUID(facts["subject_id"]), UUID(facts["source_id"])
    return claim.member_id, facts["kind"], subject_id, source_id, UUID(facts["from_member_id"])


_OF_CONTENT = frozenset({Received.LIKE, Received.COMMENT, Received.REPORT, Received.ACCEPT})


async def _contents(tx: Tx, changed: Sequence[ReceivedRow]) -> Contents:
    """What was liked, commented on and reported."""
    refs = {(row.member_id, row.subject_id) for row in changed if row.kind in _OF_CONTENT}
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
        column = _COUNTED.get(Received(row.kind))
        if content is not None and column is not None:
            step = 1 if row.is_on else -1
            setattr(content, column, getattr(content, column) + step)


async def _hold(
    tx: Tx,
    earners: Mapping[UUID, steps.Earner],
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
            desk = earners[ref[0]].desk
            held[ref] = steps.move(desk, content, State.HELD, held_for=HeldFor.REPORTS)
            await steps.follow_content(tx, earners[ref[0]], held[ref])
            steps.note_content(
                desk.changes,
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


async def _count_opens(
    tx: Tx, desks: Mapping[UUID, Desk], changed: Sequence[ReceivedRow]
) -> dict[Ref, Share]:
    refs = {(row.member_id, row.subject_id) for row in changed if row.kind == Received.OPEN}
    rows = await sharing.shares(tx, sorted(refs)) if refs else []
    found = {(row["member_id"], row["id"]): Share(**row) for row in rows}
    for row in changed:
        share = found.get((row.member_id, row.subject_id))
        if share is not None and row.kind == Received.OPEN:
            share.open_count += 1 if row.is_on else -1
            share.changed_at = desks[row.member_id].now
            desks[row.member_id].changes.put("community_share", share)
    return found


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


@transactional
async def look_at_returned(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "community.returned" jobs: a review of what was sent back gives nothing."""
    desk = await steps.enter(tx, claim.member_id, now)
    await steps.take_back_returned(tx, await steps.at_desk(tx, desk), UUID(claim.key))
    await post(tx, desk)
    await jobs.finish(tx, claim, now=now)
