"""What was said to posts, and to comments? Of many at once by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from db.connection import reader
from db.queries.community import feeds as queries
from domain.community.model import ShownComment
from domain.community.views.reading import EARLIEST, place, shown_comment
from kit.errors import NotFound
from kit.paging import Page, encode_cursor, page_size


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of comments on a post, or with `replies` of answers to a comment."""

    id: UUID
    replies: bool = False
    first: int = 20
    after: str | None = None


async def threads(viewer_id: UUID | None, asked: Sequence[Thread]) -> list[Page[ShownComment]]:
    """A page for each, the oldest first; those that ask alike are read together.

    Who asks has seen what they are about. Refuses INVALID_INPUT.
    """
    found: dict[Thread, Page[ShownComment]] = {}
    alike: dict[tuple[bool, int, str | None], list[Thread]] = {}
    for thread in asked:
        alike.setdefault((thread.replies, thread.first, thread.after), []).append(thread)
    for (replies, first, after), together in alike.items():
        limit = page_size(first)
        begin = EARLIEST if after is None else place(after)
        ids = [thread.id for thread in together]
        async with reader() as tx:
            rows = await queries.threads(
                tx, viewer_id, ids, replies=replies, after=begin, limit=limit + 1
            )
        shown: list[list[ShownComment]] = [[] for _ in ids]
        for row in rows:
            position: int = row["place"] - 1
            shown[position].append(shown_comment(row, orjson.loads(row["content"])))
        for thread, items in zip(together, shown, strict=True):
            found[thread] = _page(items, limit, has_previous=after is not None)
    return [found[thread] for thread in asked]


def _page(items: list[ShownComment], limit: int, *, has_previous: bool) -> Page[ShownComment]:
    kept = items[:limit]
    cursors = [
        encode_cursor(item.comment.published_at.isoformat(), str(item.comment.id)) for item in kept
    ]
    return Page(kept, cursors, has_next=len(items) > limit, has_previous=has_previous)


async def comment(member_id: UUID, comment_id: UUID) -> ShownComment:
    """A member's own comment, as they see it themselves. Refuses NOT_FOUND."""
    async with reader() as tx:
        row = await queries.own_comment(tx, member_id, comment_id)
    if row is None:
        raise NotFound("comment")
    return shown_comment(row, orjson.loads(row["content"]))
