"""How do a member's invitations stand, what waits for staff, and whose link came first?"""

from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import reader
from db.queries import referral_reviews as review_queries
from db.queries import referrals as queries
from domain.programme.model import Programme
from domain.referrals.looking import review_row
from domain.referrals.model import InvitationRow, ShownReview, Summary, Touch
from domain.referrals.rules import UNDECIDED, standing_touch, touch_of
from domain.referrals.steps import owner_of
from kit.errors import InvalidInput, NotFound
from kit.paging import Page, decode_cursor, encode_cursor, page_size


async def summary(member_id: UUID) -> Summary:
    """The member's code and what came of it. Refuses NOT_FOUND."""
    async with reader() as tx:
        row = await queries.summary(tx, member_id)
    if row is None:
        raise NotFound("member")
    return Summary(**row)


async def invitations(
    member_id: UUID, *, first: int = 20, after: str | None = None
) -> Page[InvitationRow]:
    """The newest invitee first. Refuses INVALID_INPUT."""
    size = page_size(first)
    before = None if after is None else _position(after)
    async with reader() as tx:
        rows = await queries.invitations(tx, member_id, before=before, limit=size + 1)
    found = [InvitationRow(**row) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(str(one.invitee_id)) for one in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


def _position(cursor: str) -> UUID:
    (text,) = decode_cursor(cursor, str)
    try:
        return UUID(str(text))
    except ValueError:
        raise InvalidInput(["after"], "not a cursor of this list", "不是此列表的游标") from None


async def reviews(state: str, *, first: int = 20, after: str | None = None) -> Page[ShownReview]:
    """Reviews in that state, the oldest first; of open ones those that can still be decided.

    Refuses INVALID_INPUT.
    """
    size = page_size(first)
    since = None if after is None else _position(after)
    async with reader() as tx:
        rows = await review_queries.reviews(
            tx, state, sorted(UNDECIDED), after=since, limit=size + 1
        )
    found = [_shown(dict(row)) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(str(one.review.id)) for one in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


async def land(
    code: str, earlier: str | None, *, now: datetime, secret: bytes, programme: Programme
) -> Touch:
    """What who opens a link carries away: the first link that they opened, while it counts.

    `earlier`: what they carry already. Refuses NOT_FOUND (the code).
    """
    async with reader() as tx:
        owner = await owner_of(tx, code)
        touch = standing_touch(earlier, now, secret=secret, programme=programme)
        if touch is not None and await queries.owner(tx, touch.code) is not None:
            return touch
    return touch_of(owner.referral_code, now, secret)


def _shown(row: dict[str, Any]) -> ShownReview:
    state, bound_at = row.pop("referral_state"), row.pop("bound_at")
    return ShownReview(review_row(row), state, bound_at)
