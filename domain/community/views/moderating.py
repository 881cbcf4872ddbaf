"""What does the staff look at, and what does a member know of what was done about them?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from db.connection import reader
from db.queries.community import feeds as people
from db.queries.community import moderation as queries
from domain.community import rules
from domain.community.model import Acted, Appeal, Ban, Case, Kind, Subject
from domain.community.views.reading import EARLIEST, LATEST, place
from domain.programme.model import CommunityLevel
from domain.programme.views import versions
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size


@dataclass(frozen=True, slots=True)
class Mine:
    """A member's own part: `ban` None: none in force."""

    level: CommunityLevel
    earned: int
    available: int
    debt: int
    ban: Ban | None


async def mine(member_id: UUID, *, now: datetime) -> Mine:
    programme = (await versions()).at(now).programme
    async with reader() as tx:
        found = await people.guest(tx, member_id)
        bans = await queries.bans(tx, member_id, now)
    earned = found["earned"] or 0
    return Mine(
        rules.level_of(earned, programme),
        earned,
        found["available"] or 0,
        found["debt"] or 0,
        Ban(**bans[0]) if bans else None,
    )


async def queue(*, first: int = 20, after: str | None = None) -> Page[Case]:
    """Content that is held, or reported and not looked at; the oldest first.

    Refuses INVALID_INPUT.
    """
    limit = page_size(first)
    begin = EARLIEST if after is None else place(after)
    async with reader() as tx:
        rows = await queries.queue(tx, after=begin, limit=limit + 1)
    kept = [_case(row) for row in rows[:limit]]
    cursors = [encode_cursor(case.published_at.isoformat(), str(case.subject.id)) for case in kept]
    return Page(kept, cursors, has_next=len(rows) > limit, has_previous=after is not None)


def _case(row: Mapping[str, Any]) -> Case:
    return Case(
        Subject(row["member_id"], row["id"], Kind(row["kind"])),
        row["nickname"],
        row["body"],
        list(row["images"]),
        row["state"],
        row["held_for"],
        row["report_count"],
        orjson.loads(row["reasons"]),
        row["published_at"],
    )


async def appeals(*, first: int = 20, after: str | None = None) -> Page[Appeal]:
    """Those that wait for the staff, the oldest first. Refuses INVALID_INPUT."""
    limit = page_size(first)
    begin = EARLIEST if after is None else place(after)
    async with reader() as tx:
        rows = await queries.open_appeals(tx, after=begin, limit=limit + 1)
    items = [Appeal(**row) for row in rows]
    kept = items[:limit]
    cursors = [encode_cursor(item.appealed_at.isoformat(), str(item.id)) for item in kept]
    return Page(kept, cursors, has_next=len(items) > limit, has_previous=after is not None)


async def log(member_id: UUID, *, first: int = 20, after: str | None = None) -> Page[Acted]:
    """What was done about a member and what they wrote, the newest first. Refuses INVALID_INPUT."""
    limit = page_size(first)
    begin = LATEST[1] if after is None else _log_place(after)
    async with reader() as tx:
        rows = await queries.actions(tx, member_id, before=begin, limit=limit + 1)
    kept = [Acted(**row) for row in rows[:limit]]
    cursors = [encode_cursor(str(item.id)) for item in kept]
    return Page(kept, cursors, has_next=len(rows) > limit, has_previous=after is not None)


def _log_place(after: str) -> UUID:
    (text,) = decode_cursor(after, str)
    try:
        return UUID(str(text))
    except ValueError:
        raise foreign_cursor() from None
