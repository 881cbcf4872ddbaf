"""Which badges has a member, and what do they want to be called?"""

from uuid import UUID

from domain.badges import operations, views
from domain.badges.model import Held
from domain.programme.model import Text
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context


async def held(context: Context, member_id: UUID) -> list[Held]:
    return await views.held(member_id, now=context.now)


async def title(context: Context, member_id: UUID) -> Text | None:
    found = await views.held(member_id, now=context.now)
    return next((one.badge.title for one in found if one.is_title), None)


async def choose_title(context: Context, code: str | None, parts: Parts) -> Answer[None]:
    me = context.viewer.own_member_id()
    verb = operations.choose_title(me, code, now=context.now)
    return await answer(context, verb, parts, shows=lambda _: me)
