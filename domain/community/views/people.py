"""Who looks, whom do they look at, and which topics are there for them?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from db.connection import Tx, reader
from db.queries.community import blocks, honours, merits, writing
from db.queries.community import feeds as queries
from domain.badges.model import Held
from domain.badges.views import named
from domain.community import rules
from domain.community.honours import Honours, Shown
from domain.community.model import Author, Earning, Guest, ShownProfile
from domain.community.views.reading import LATEST, place
from domain.programme.model import Programme, Topic
from domain.programme.views import versions
from kit.paging import Page, encode_cursor, page_size


async def guest_in(
    tx: Tx,
    member_id: UUID | None,
    programme: Programme,
    ever: Mapping[str, Topic],
    *,
    writes: bool = False,
) -> Guest:
    """What topics ask of a viewer; nobody is asked about where every topic is for everybody.

    To be read, and if they write in it, to be written in. `ever`: topics that any version had.
    """
    lowest = programme.tiers.ladder[0].code
    topics = {**ever, **{topic.code: topic for topic in programme.community.topics}}
    is_open = all(
        topic.read.is_for_everybody and (topic.write.is_for_everybody or not writes)
        for topic in topics.values()
    )
    if member_id is None or is_open:
        return Guest(lowest, programme.community.level(0), member_id)
    found = await queries.guest(tx, member_id)
    return Guest(
        found["tier_code"] or lowest, rules.level_of(found["earned"] or 0, programme), member_id
    )


async def guest(member_id: UUID | None, *, now: datetime) -> Guest:
    published = await versions()
    async with reader() as tx:
        return await guest_in(tx, member_id, published.at(now).programme, published.topics)


async def topics(member_id: UUID | None, *, now: datetime) -> Sequence[Topic]:
    """Those that the viewer may read, in the programme's order."""
    programme = (await versions()).at(now).programme
    hidden = rules.unreadable(await guest(member_id, now=now), programme)
    return [topic for topic in programme.community.topics if topic.code not in hidden]


async def writable_topics(member_id: UUID, *, now: datetime) -> frozenset[str]:
    """Codes of the topics in which a member's tier and level let them write."""
    programme = (await versions()).at(now).programme
    async with reader() as tx:
        guest = await guest_in(tx, member_id, programme, {}, writes=True)
    return frozenset(
        topic.code
        for topic in programme.community.topics
        if rules.may(guest, topic.read, programme) and rules.may(guest, topic.write, programme)
    )


async def followed_topics(member_id: UUID) -> list[str]:
    """Codes of the topics that a member follows."""
    async with reader() as tx:
        return await writing.topic_follows(tx, member_id)


async def profile(viewer_id: UUID | None, member_id: UUID, *, now: datetime) -> ShownProfile | None:
    """A member as others see them; None where there is none."""
    programme = (await versions()).at(now).programme
    async with reader() as tx:
        row = await queries.profile(tx, viewer_id, member_id)
    if row is None:
        return None
    author = Author(row["member_id"], row["nickname"], row["followed"], await _honours(row, now))
    level = rules.level_of(row["earned"], programme)
    return ShownProfile(author, row["follower_count"], level, blocked=row["blocked"])


async def _honours(row: Mapping[str, Any], now: datetime) -> Honours:
    whole = orjson.loads(row["whole"])
    published = await versions()
    badges = tuple(
        Held(
            named(published, found["code"], now),
            datetime.fromisoformat(found["awarded_at"]),
            is_title=False,
        )
        for found in whole["badges"] or ()
    )
    return Honours(**orjson.loads(row["honours"]), badges=badges, growth=whole["growth"])


async def shown(member_id: UUID) -> Shown:
    """What of their honours a member shows to others."""
    async with reader() as tx:
        row = await honours.shown(tx, member_id)
    return Shown(member_id) if row is None else Shown(**row)


async def blocked(member_id: UUID, *, first: int = 20, after: str | None = None) -> Page[Author]:
    """Whom a member has blocked, the last one first. Refuses INVALID_INPUT."""
    limit = page_size(first)
    before = LATEST if after is None else place(after)
    async with reader() as tx:
        rows = await blocks.blocked(tx, member_id, before=before, limit=limit + 1)
    kept = rows[:limit]
    return Page(
        [Author(row["blocked_id"], row["nickname"], followed=False) for row in kept],
        [encode_cursor(row["changed_at"].isoformat(), str(row["blocked_id"])) for row in kept],
        has_next=len(rows) > limit,
        has_previous=after is not None,
    )


async def earnings(member_id: UUID, subject_ids: Sequence[UUID]) -> dict[UUID, list[Earning]]:
    """What a member's own content gave, or why it gave nothing."""
    async with reader() as tx:
        rows = await merits.own(tx, member_id, subject_ids)
    found: dict[UUID, list[Earning]] = {subject_id: [] for subject_id in subject_ids}
    for row in rows:
        found[row["subject_id"]].append(Earning(**{name: row[name] for name in _EARNING}))
    return found


_EARNING = ("kind", "state", "reason", "count", "amount", "currency")
