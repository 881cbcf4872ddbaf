"""Which posts does a viewer see, page by page? By keyset: new posts move nothing that follows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from db.connection import Tx, reader
from db.queries.community import feeds as queries
from db.queries.community import sharing
from domain.community import rules
from domain.community.model import Feed, Scope, Share, ShownPost
from domain.community.views.people import guest_in
from domain.community.views.reading import LATEST, hot_place, place, shown_post
from domain.programme.model import Programme
from domain.programme.views import versions
from kit.errors import InvalidInput, NotFound
from kit.paging import Page, encode_cursor, page_size

_HOTTEST = 2**62


async def feed(
    viewer_id: UUID | None, asked: Feed, *, first: int = 20, after: str | None = None, now: datetime
) -> Page[ShownPost]:
    """A page of posts: two statements, however many there are.

    What stands in a topic that the viewer may not read is left out. Refuses INVALID_INPUT,
    NOT_FOUND (no such topic for the viewer).
    """
    _check(viewer_id, asked)
    limit = page_size(first)
    published = await versions()
    programme = published.at(now).programme
    async with reader() as tx:
        guest = await guest_in(tx, viewer_id, programme, published.topics)
        hidden = rules.unreadable(guest, programme, published.topics)
        if asked.topic is not None and _is_gone(asked.topic, programme, hidden):
            raise NotFound("topic")
        rows = await _rows(tx, viewer_id, asked, hidden, after=after, limit=limit + 1)
    items = [shown_post(row, orjson.loads(row["content"])) for row in rows[:limit]]
    return Page(
        items,
        [_cursor(asked.scope, item) for item in items],
        has_next=len(rows) > limit,
        has_previous=after is not None,
    )


async def post(
    viewer_id: UUID | None, member_id: UUID, post_id: UUID, *, now: datetime
) -> ShownPost | None:
    """One post; None where it isn't there for the viewer."""
    published = await versions()
    programme = published.at(now).programme
    async with reader() as tx:
        guest = await guest_in(tx, viewer_id, programme, published.topics)
        hidden = rules.unreadable(guest, programme, published.topics)
        row = await queries.post(tx, viewer_id, hidden, member_id, post_id)
    return None if row is None else shown_post(row, orjson.loads(row["content"]))


def _check(viewer_id: UUID | None, asked: Feed) -> None:
    if (asked.topic is not None) != (asked.scope == Scope.TOPIC):
        raise InvalidInput(["topic"], "goes with scope TOPIC", "与 TOPIC 一起使用")
    if (asked.member_id is not None) != (asked.scope == Scope.MEMBER):
        raise InvalidInput(["memberId"], "goes with scope MEMBER", "与 MEMBER 一起使用")
    if (asked.sku is not None) != (asked.scope == Scope.REVIEWS):
        raise InvalidInput(["sku"], "goes with scope REVIEWS", "与 REVIEWS 一起使用")
    if asked.scope == Scope.HOME and viewer_id is None:
        raise InvalidInput(["scope"], "HOME is a member's own", "HOME 仅限会员本人")


def _is_gone(topic: str, programme: Programme, hidden: Sequence[str]) -> bool:
    return programme.community.topic(topic) is None or topic in hidden


async def _rows(
    tx: Tx,
    viewer_id: UUID | None,
    asked: Feed,
    hidden: Sequence[str],
    *,
    after: str | None,
    limit: int,
) -> Sequence[Mapping[str, Any]]:
    if asked.scope == Scope.HOT:
        begin = (_HOTTEST, LATEST[1]) if after is None else hot_place(after)
        return await queries.hot(tx, viewer_id, hidden, after=begin, limit=limit)
    since = LATEST if after is None else place(after)
    if asked.topic is not None:
        return await queries.of_topic(tx, viewer_id, hidden, asked.topic, after=since, limit=limit)
    if asked.member_id is not None:
        return await queries.of_member(
            tx, viewer_id, hidden, asked.member_id, after=since, limit=limit
        )
    if asked.sku is not None:
        return await queries.reviews(tx, viewer_id, hidden, asked.sku, after=since, limit=limit)
    assert viewer_id is not None
    return await queries.home(tx, viewer_id, hidden, after=since, limit=limit)


def _cursor(scope: Scope, item: ShownPost) -> str:
    found = item.post
    place = found.heat if scope == Scope.HOT else found.published_at.isoformat()
    return encode_cursor(place, str(found.id))


async def rating(sku: str) -> tuple[int, Decimal | None]:
    """How many reviews of goods are seen, and their mean of stars, rounded down to a hundredth."""
    async with reader() as tx:
        count, total = await sharing.rating(tx, sku)
    return count, Decimal(100 * total // count).scaleb(-2) if count else None


async def shared(token: str) -> Share | None:
    """What a link leads to; None for one that is none of ours."""
    async with reader() as tx:
        row = await sharing.of_token(tx, token)
    return None if row is None else Share(**row)
