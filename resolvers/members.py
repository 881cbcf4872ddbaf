"""Who is asking, who is asked for, and what may they change of themselves?"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from domain.dashboard.model import Part
from domain.members import operations, views
from domain.members.model import Member
from kit.errors import InvalidInput, NotFound, Unauthenticated
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context
from resolvers.seeing import Seen, see


class Profile(NamedTuple):
    """What a member may change of themselves; None stays as it is."""

    nickname: str | None
    locale: str | None
    birthday: date | None


async def me(context: Context, parts: frozenset[Part]) -> Seen:
    """Refuses UNAUTHENTICATED, also to the token of a member who isn't there."""
    found = await see(context, context.viewer.own_member_id(), parts)
    if found is None:
        raise Unauthenticated
    return found


async def member(
    context: Context, member_id: str | None, external_id: str | None, parts: frozenset[Part]
) -> Seen | None:
    """By global id or by the shop's customer id; None where there is none."""
    if (member_id is None) == (external_id is None):
        raise InvalidInput(["id"], "give an id or an externalId", "须提供 id 或 externalId 之一")
    found = await _found(member_id, external_id)
    return None if found is None else await see(context, found, parts)


async def _found(member_id: str | None, external_id: str | None) -> UUID | None:
    if external_id is not None:
        known = await views.by_external_id(external_id)
        return None if known is None else known.member_id
    try:
        return ids.member_id(member_id or "")
    except NotFound:
        return None


async def search(context: Context, text: str, first: int, after: str | None) -> Page[Member]:
    return await views.search(text, now=context.now, first=first, after=after)


async def suspend(context: Context, member: str, reason: str, parts: Parts) -> Answer[Member]:
    async def verb() -> Member:
        return await operations.suspend(
            ids.member_id(member), actor=context.viewer.subject, reason=reason, now=context.now
        )

    return await answer(context, verb(), parts, shows=_member_id)


async def resume(context: Context, member: str, reason: str, parts: Parts) -> Answer[Member]:
    async def verb() -> Member:
        return await operations.resume(
            ids.member_id(member), actor=context.viewer.subject, reason=reason, now=context.now
        )

    return await answer(context, verb(), parts, shows=_member_id)


async def change_timezone(context: Context, timezone: str, parts: Parts) -> Answer[Member]:
    me = context.viewer.own_member_id()
    verb = operations.change_timezone(me, timezone, now=context.now)
    return await answer(context, verb, parts)


async def update_profile(context: Context, profile: Profile, parts: Parts) -> Answer[Member]:
    me = context.viewer.own_member_id()
    verb = operations.update_profile(me, **profile._asdict(), now=context.now)
    return await answer(context, verb, parts)


async def correct_birthday(
    context: Context, member: str, birthday: date, reason: str, parts: Parts
) -> Answer[Member]:
    async def verb() -> Member:
        found, actor = ids.member_id(member), context.viewer.subject
        return await operations.correct_birthday(
            found, birthday, actor=actor, reason=reason, now=context.now
        )

    return await answer(context, verb(), parts, shows=_member_id)


def _member_id(member: Member) -> UUID:
    return member.member_id
