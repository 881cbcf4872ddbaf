"""How is content reported, hidden, restored, and objected to?"""

from datetime import datetime
from uuid import UUID

from domain.community import operations, views
from domain.community.model import (
    BAN,
    Acted,
    Appeal,
    Ban,
    Case,
    Kind,
    ReportReason,
    Subject,
)
from domain.community.views import Mine
from domain.members import aliases
from kit.errors import NotFound
from kit.ids import global_id, parse_global_id
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.community import post_ids, subject, subject_id
from resolvers.context import Context

_BAN = "CommunityBan"


def ban_id(found: Ban) -> str:
    return global_id(_BAN, found.member_id, found.id)


def appealed_id(found: Appeal | Acted) -> str:
    """Of the content or the ban that it is about."""
    if found.subject_kind == BAN:
        return global_id(_BAN, found.member_id, found.subject_id)
    return subject_id(Subject(found.member_id, found.subject_id, Kind(found.subject_kind)))


async def mine(context: Context) -> Mine:
    await context.speak()
    return await views.mine(context.viewer.own_member_id(), now=context.now)


async def queue(context: Context, page: tuple[int, str | None]) -> Page[Case]:
    await context.speak()
    first, after = page
    return await views.queue(first=first, after=after)


async def appeals(context: Context, page: tuple[int, str | None]) -> Page[Appeal]:
    await context.speak()
    first, after = page
    return await views.appeals(first=first, after=after)


async def log(context: Context, member: str, page: tuple[int, str | None]) -> Page[Acted]:
    """Refuses NOT_FOUND, INVALID_INPUT."""
    await context.speak()
    first, after = page
    return await views.log(ids.member_id(member), first=first, after=after)


async def report(context: Context, text: str, reason: ReportReason, note: str) -> Answer[bool]:
    me = context.viewer.own_member_id()

    async def verb() -> bool:
        await context.attempts.write(str(me))
        await operations.report(me, subject(text), reason, note=note, now=context.now)
        return True

    return await answer(context, verb())


async def appeal(context: Context, of: str, text: str) -> Answer[Appeal]:
    me = context.viewer.own_member_id()

    async def verb() -> Appeal:
        await context.attempts.write(str(me))
        member_id, kind, found = _appealed(of)
        if member_id != me:
            raise NotFound("content")
        return await operations.appeal(me, kind, found, text=text, now=context.now)

    return await answer(context, verb())


def _appealed(text: str) -> tuple[UUID, str, UUID]:
    found = parse_global_id(text)
    if found is not None and found[0] == _BAN and len(found[1]) == 2:  # noqa: PLR2004  member, id
        return aliases.current(found[1][0]), BAN, found[1][1]
    content = subject(text)
    return content.member_id, content.kind, content.id


async def hide(context: Context, text: str, reason: str) -> Answer[bool]:
    async def verb() -> bool:
        await operations.hide(
            subject(text), reason=reason, actor=context.viewer.subject, now=context.now
        )
        return True

    return await answer(context, verb())


async def restore(context: Context, text: str, reason: str) -> Answer[bool]:
    async def verb() -> bool:
        await operations.restore(
            subject(text), reason=reason, actor=context.viewer.subject, now=context.now
        )
        return True

    return await answer(context, verb())


async def pick(context: Context, text: str, reason: str) -> Answer[bool]:
    async def verb() -> bool:
        author, found = post_ids(text)
        actor = context.viewer.subject
        await operations.pick(author, found, reason=reason, actor=actor, now=context.now)
        return True

    return await answer(context, verb())


async def ban(context: Context, member: str, reason: str, ends_at: datetime | None) -> Answer[bool]:
    async def verb() -> bool:
        found, actor = ids.member_id(member), context.viewer.subject
        await operations.ban(found, ends_at=ends_at, reason=reason, actor=actor, now=context.now)
        return True

    return await answer(context, verb())


async def lift_ban(context: Context, member: str, reason: str) -> Answer[bool]:
    async def verb() -> bool:
        found, actor = ids.member_id(member), context.viewer.subject
        await operations.lift_ban(found, reason=reason, actor=actor, now=context.now)
        return True

    return await answer(context, verb())


async def decide(context: Context, appeal_id: str, *, accept: bool, text: str) -> Answer[Appeal]:
    async def verb() -> Appeal:
        member_id, found = ids.uuids(appeal_id, "Appeal", 2, "appeal")
        return await operations.decide_appeal(
            *(aliases.current(member_id), found),
            accept=accept,
            answer=text,
            actor=context.viewer.subject,
            now=context.now,
        )

    return await answer(context, verb())
