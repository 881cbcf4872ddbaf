"""What may be won, what was drawn, and how does a thing that was won reach its winner?"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from strawberry.dataloader import DataLoader

from domain.lottery import operations, views
from domain.lottery.model import Drawn
from domain.lottery.views import Listed, Shown, Verified
from domain.rewards import operations as rewards
from kit.errors import NotFound
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context


async def lotteries(context: Context) -> list[Listed]:
    await context.speak()
    return await views.lotteries(context.now)


async def rounds(lottery: str, first: int, after: str | None) -> Page[Shown]:
    return await views.rounds(lottery, first=first, after=after)


async def my_draws(context: Context, first: int, after: str | None) -> Page[Drawn]:
    await context.speak()
    return await views.draws(context.viewer.own_member_id(), first=first, after=after)


async def draws_of(context: Context, member_id: UUID, redemption_id: UUID) -> list[Drawn]:
    """Those of one redemption, read together with those of others on the page."""
    name = f"draws of {member_id}"
    loader: DataLoader[UUID, list[Drawn]] | None = context.loaders.get(name)
    if loader is None:

        async def load(redemptions: Sequence[UUID]) -> list[list[Drawn]]:
            found = await views.draws_of(member_id, redemptions)
            return [found.get(one, []) for one in redemptions]

        loader = context.loaders[name] = DataLoader(load)
    return await loader.load(redemption_id)


async def draw_or_none(context: Context, member_id: UUID, draw_id: UUID) -> Drawn | None:
    await context.speak()
    try:
        return await views.drawn(member_id, draw_id)
    except NotFound:
        return None


async def verify(context: Context, draw: str) -> Verified | None:
    """A member's own draw, or by staff anybody's; None for any other id."""
    try:
        member_id, draw_id = ids.draw_ids(draw)
        if not context.viewer.may_read(member_id):
            return None
        return await views.verify(member_id, draw_id)
    except NotFound:
        return None


async def close_round(context: Context, lottery: str) -> Answer[Shown]:
    async def verb() -> Shown:
        staff = context.viewer.subject
        closed = await operations.close_round(lottery, staff=staff, now=context.now)
        await context.speak()
        return await views.shown(closed)

    return await answer(context, verb())


async def ship_prize(context: Context, draw: str) -> Answer[Drawn]:
    return await _step(context, draw, rewards.ship_prize)


async def deliver_prize(context: Context, draw: str) -> Answer[Drawn]:
    return await _step(context, draw, rewards.deliver_prize)


async def fail_prize(context: Context, draw: str, reason: str) -> Answer[Drawn]:
    async def verb() -> Drawn:
        staff, now = context.viewer.subject, context.now
        ids_ = ids.draw_ids(draw)
        found = await rewards.fail_prize(*ids_, staff=staff, reason=reason, now=now)
        await context.speak()
        return found

    return await answer(context, verb())


async def _step(
    context: Context, draw: str, operation: Callable[..., Awaitable[Drawn]]
) -> Answer[Drawn]:
    async def verb() -> Drawn:
        staff, now = context.viewer.subject, context.now
        found = await operation(*ids.draw_ids(draw), staff=staff, now=now)
        await context.speak()
        return found

    return await answer(context, verb())
