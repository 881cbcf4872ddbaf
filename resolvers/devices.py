"""From where does a member come, and is it them?"""

from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.devices import operations, views
from domain.devices.errors import NewDeviceLimit
from domain.devices.model import Shown, Visit
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context

T = TypeVar("T")


async def guarded(context: Context, verb: Awaitable[T]) -> T:
    """What the verb answers. One that was refused has kept nothing of who asked: this does."""
    try:
        return await verb
    except NewDeviceLimit:
        await arrive(context, context.viewer.own_member_id())
        raise


async def arrive(context: Context, member_id: UUID) -> None:
    await operations.arrive(member_id, Visit(context.device), now=context.now)


async def own(context: Context) -> list[Shown]:
    me = context.viewer.own_member_id()
    return await views.devices(me, now=context.now, current=context.device)


async def of_member(context: Context, member: str) -> list[Shown]:
    return await views.devices(ids.member_id(member), now=context.now)


async def ask_for_code(context: Context) -> Answer[datetime]:
    me = context.viewer.own_member_id()

    async def verb() -> datetime:
        await context.attempts.device_code(str(me))
        code = await operations.ask_for_code(me, Visit(context.device), now=context.now)
        return code.expires_at

    return await answer(context, verb())


async def confirm(context: Context, code: str) -> Answer[list[Shown]]:
    me = context.viewer.own_member_id()

    async def verb() -> list[Shown]:
        await context.attempts.device_code_try(str(me))
        secret, visit = context.device_secret, Visit(context.device)
        await operations.confirm(me, visit, code, secret=secret, now=context.now)
        return await own(context)

    return await answer(context, verb())


async def forget(context: Context, device: str, *, was_not_me: bool) -> Answer[list[Shown]]:
    me = context.viewer.own_member_id()

    async def verb() -> list[Shown]:
        device_id, visit = ids.device_id(device, me), Visit(context.device)
        await operations.forget(me, device_id, visit=visit, was_not_me=was_not_me, now=context.now)
        return await own(context)

    return await answer(context, verb())
