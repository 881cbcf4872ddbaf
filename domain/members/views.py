"""Who is this member, and which services may call?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import reader
from db.queries import members as queries
from domain.members import rules
from domain.members.model import ApiKey, Member
from domain.programme.views import versions
from kit.errors import InvalidInput
from kit.paging import Page, decode_cursor, encode_cursor, page_size


async def member(member_id: UUID) -> Member | None:
    return (await members([member_id])).get(member_id)


async def members(member_ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Those that exist, by id."""
    async with reader() as tx:
        rows = await queries.by_ids(tx, member_ids)
    return {row["member_id"]: Member(**row) for row in rows}


async def by_external_id(external_id: str) -> Member | None:
    """The member of a shop's customer."""
    async with reader() as tx:
        found = await queries.by_external_ids(tx, [external_id])
    return Member(**found[0][1]) if found else None


async def by_contact(contact: str, *, now: datetime) -> Member | None:
    """The member with this email address or phone number, in any spelling."""
    programme = (await versions()).at(now).programme
    key = rules.directory_contact(contact, programme)
    if key is None:
        return None
    kind, value = key
    async with reader() as tx:
        row = await queries.by_contact(tx, kind, value)
    return None if row is None else await survivor_of(Member(**row))


async def survivor_of(member: Member) -> Member:
    """The member as whom this one goes on: most often themselves."""
    while member.merged_into is not None:
        found = await members([member.merged_into])
        member = found[member.merged_into]
    return member


async def search(
    text: str, *, now: datetime, first: int = 20, after: str | None = None
) -> Page[Member]:
    """Members for staff, the newest recorded first.

    `text` is the beginning of a nickname, or a whole email address, phone number, customer id or
    referral code; everybody where it is empty. Refuses INVALID_INPUT.
    """
    size = page_size(first)
    before = None if after is None else _position(after)
    wanted = text.strip()
    contact = rules.directory_contact(wanted, (await versions()).at(now).programme)
    async with reader() as tx:
        rows = await queries.search(
            tx, wanted, contact and contact[1], before=before, limit=size + 1
        )
    found = [Member(**row) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(str(one.member_id)) for one in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


async def api_key(key_id: str) -> ApiKey | None:
    """The key with this id, unless it is unknown or revoked."""
    async with reader() as tx:
        row = await queries.active_api_key(tx, key_id)
    return None if row is None else ApiKey(**row)


async def api_keys() -> list[ApiKey]:
    """Every key, revoked ones included, the newest first."""
    async with reader() as tx:
        rows = await queries.api_keys(tx)
    return [ApiKey(**row) for row in rows]


def _position(cursor: str) -> UUID:
    (text,) = decode_cursor(cursor, str)
    try:
        return UUID(str(text))
    except ValueError:
        raise InvalidInput(["after"], "not a cursor of this list", "不是此列表的游标") from None
