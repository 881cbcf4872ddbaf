"""How does a member check in, and restore a missed day?"""

from datetime import date

from domain.checkins import operations
from domain.checkins.operations import CheckedIn
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context
from resolvers.devices import guarded


async def check_in(context: Context, parts: Parts) -> Answer[CheckedIn]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.check_in(me, now=context.now), parts)


async def make_up(context: Context, day: date, parts: Parts) -> Answer[CheckedIn]:
    me = context.viewer.own_member_id()
    verb = operations.make_up(me, day, visit=context.visit, now=context.now)
    return await answer(context, guarded(context, verb), parts)
