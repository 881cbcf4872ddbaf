"""What do staff put under a member's tier?"""

from uuid import UUID

from domain.members.model import Member
from domain.retention import operations
from domain.retention.model import FloorAsked
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context


async def set_floor(
    context: Context, member: str, asked: FloorAsked, reason: str, parts: Parts
) -> Answer[Member]:
    async def verb() -> Member:
        found, actor = ids.member_id(member), context.viewer.subject
        return await operations.set_floor(found, asked, actor=actor, reason=reason, now=context.now)

    return await answer(context, verb(), parts, shows=_member_id)


async def end_floor(context: Context, member: str, reason: str, parts: Parts) -> Answer[Member]:
    async def verb() -> Member:
        return await operations.end_floor(
            ids.member_id(member), actor=context.viewer.subject, reason=reason, now=context.now
        )

    return await answer(context, verb(), parts, shows=_member_id)


def _member_id(member: Member) -> UUID:
    return member.member_id
