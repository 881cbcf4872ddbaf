"""How far is the long work that staff began, and how do they stop it?"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.batches import operations, views
from domain.batches.model import Batch
from kit.errors import NotFound
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context


async def batch(context: Context, batch: str) -> Batch | None:
    """None for what isn't there."""
    await context.speak()
    try:
        return await views.batch(_batch_id(batch))
    except NotFound:
        return None


async def batches(context: Context, first: int, after: str | None) -> Page[Batch]:
    await context.speak()
    return await views.batches(first=first, after=after)


async def stop(context: Context, batch: str) -> Answer[Batch]:
    return await _changed(context, batch, operations.stop)


async def resume(context: Context, batch: str) -> Answer[Batch]:
    return await _changed(context, batch, operations.resume)


async def _changed(
    context: Context, batch: str, operation: Callable[..., Awaitable[Batch]]
) -> Answer[Batch]:
    async def verb() -> Batch:
        found = await operation(_batch_id(batch), now=context.now)
        await context.speak()
        return found

    return await answer(context, verb())


def _batch_id(batch: str) -> UUID:
    """Refuses NOT_FOUND."""
    (found,) = ids.uuids(batch, "Batch", 1, "batch")
    return found
