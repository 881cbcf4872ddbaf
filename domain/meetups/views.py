"""Which meetups are there, and who comes?"""

from datetime import datetime
from uuid import UUID

import orjson

from db.connection import reader
from db.queries import meetups as queries
from db.rows import read
from domain.meetups.model import Attendee, ShownMeetup, SignUp, State
from domain.programme.views import versions
from kit.errors import NotFound
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size

_FIRST = (0, UUID(int=0))


async def meetups(viewer_id: UUID | None, *, now: datetime) -> list[ShownMeetup]:
    """Those that are not over, in the programme's order, by one statement."""
    programme = (await versions()).at(now).programme
    coming = {found.code: found for found in programme.community.meetups if now < found.ends_at}
    async with reader() as tx:
        rows = {row["meetup"]: row for row in await queries.shown(tx, viewer_id, list(coming))}
    shown: list[ShownMeetup] = []
    for code, meetup in coming.items():
        row = rows[code]
        mine = None if row["mine"] is None else read(SignUp, orjson.loads(row["mine"]))
        place = row["place"] or None
        shown.append(ShownMeetup(meetup, row["taken"], row["waiting"], mine, place))
    return shown


async def place_in_line(found: SignUp) -> int | None:
    """Of who waits, from 1; None for others."""
    if found.state != State.WAITING:
        return None
    async with reader() as tx:
        return await queries.place_in_line(tx, found.meetup, found.position)


async def attendees(
    code: str, *, first: int = 20, after: str | None = None, now: datetime
) -> Page[Attendee]:
    """Who has signed up, in the order in which they asked. Refuses NOT_FOUND, INVALID_INPUT."""
    limit = page_size(first)
    begin = _FIRST if after is None else _place(after)
    if (await versions()).at(now).programme.community.meetup(code) is None:
        raise NotFound("meetup")
    async with reader() as tx:
        rows = [dict(row) for row in await queries.list_of(tx, code, after=begin, limit=limit + 1)]
    items = [Attendee(nickname=row.pop("nickname"), sign_up=SignUp(**row)) for row in rows[:limit]]
    cursors = [encode_cursor(one.sign_up.position, str(one.sign_up.member_id)) for one in items]
    return Page(items, cursors, has_next=len(rows) > limit, has_previous=after is not None)


def _place(after: str) -> tuple[int, UUID]:
    position, member_id = decode_cursor(after, int, str)
    assert isinstance(position, int)
    try:
        found = UUID(str(member_id))
    except ValueError:
        raise foreign_cursor() from None
    if not 0 <= position < 2**63:
        raise foreign_cursor()
    return position, found
