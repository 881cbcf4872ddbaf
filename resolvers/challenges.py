"""Which contests are there, who leads, and how does a member take part?"""

from collections.abc import Awaitable
from uuid import UUID

from domain.challenges import operations, views
from domain.challenges.model import Part, Round, Shown, ShownPlace, State
from resolvers.answers import Answer, answer
from resolvers.context import Context

Listed = tuple[Round, State]


async def challenges(context: Context) -> list[Listed]:
    await context.speak()
    return await views.challenges(context.now)


async def challenge(context: Context, code: str) -> Listed | None:
    await context.speak()
    return await views.challenge(code, context.now)


async def leaderboard(context: Context, code: str, first: int) -> list[ShownPlace]:
    return await views.leaderboard(code, first, viewer=context.viewer.member_id)


async def part(context: Context, code: str) -> Part | None:
    """The viewer's own; None for who isn't a member."""
    me = context.viewer.member_id
    return None if me is None else await views.part(me, code)


async def shown_as(member_id: UUID) -> Shown:
    return await views.shown_as(member_id)


async def join(context: Context, code: str) -> Answer[Listed]:
    me = context.viewer.own_member_id()
    return await _taken(context, operations.join(me, code, now=context.now), code)


async def leave(context: Context, code: str) -> Answer[Listed]:
    me = context.viewer.own_member_id()
    return await _taken(context, operations.leave(me, code, now=context.now), code)


async def show_as(context: Context, shown: Shown) -> Answer[Shown]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.show_as(me, shown, now=context.now))


async def _taken(context: Context, verb: Awaitable[None], code: str) -> Answer[Listed]:
    made = await answer(context, verb)
    if made.refusal is not None:
        return Answer(refusal=made.refusal)
    return Answer(await challenge(context, code))
