"""How does a row with what its viewer thinks of it become what is shown?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from db.rows import read
from domain.community.honours import NO_HONOURS, Honours
from domain.community.model import Author, Comment, Post, ShownComment, ShownPost
from kit.paging import decode_cursor, foreign_cursor

LATEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
EARLIEST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


def shown_post(row: Mapping[str, Any], content: Mapping[str, Any]) -> ShownPost:
    return ShownPost(read(Post, content), author_of(row, content), row["liked"])


def shown_comment(row: Mapping[str, Any], content: Mapping[str, Any]) -> ShownComment:
    return ShownComment(read(Comment, content), author_of(row, content), row["liked"])


def author_of(row: Mapping[str, Any], content: Mapping[str, Any]) -> Author:
    honours = Honours(**orjson.loads(row["honours"])) if "honours" in row else NO_HONOURS
    return Author(UUID(content["member_id"]), row["nickname"], row["followed"], honours)


def place(after: str) -> tuple[datetime, UUID]:
    """Where a page by time begins. Refuses INVALID_INPUT."""
    at, content_id = decode_cursor(after, str, str)
    try:
        found = datetime.fromisoformat(str(at)), UUID(str(content_id))
    except ValueError:
        raise foreign_cursor() from None
    if found[0].tzinfo is None:
        raise foreign_cursor()
    return found


def hot_place(after: str) -> tuple[int, UUID]:
    """Where a page by heat begins. Refuses INVALID_INPUT."""
    heat, content_id = decode_cursor(after, int, str)
    try:
        return _bigint(heat), UUID(str(content_id))
    except ValueError:
        raise foreign_cursor() from None


def _bigint(number: object) -> int:
    assert isinstance(number, int)
    if not -(2**63) <= number < 2**63:
        raise ValueError(number)
    return number
