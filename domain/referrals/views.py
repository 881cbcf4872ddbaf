"""How do a member's invitations stand?"""

from uuid import UUID

from db.connection import reader
from db.queries import referrals as queries
from domain.referrals.model import InvitationRow, Summary
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
