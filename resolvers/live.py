"""How does a stream go on? By looking when there is a hint, and now and then.

What is shown is read as a query would read it, so that nothing is lost, shown to somebody else or
told twice, whatever becomes of hints. Hints that come while one waits, reads or sends are one.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from domain.community.model import ShownPost
from domain.dashboard.model import Part
from domain.members import aliases
from domain.notifications import views
from domain.notifications.model import Shown
from domain.programme.views import versions
from kit import clock
from kit.errors import Unauthenticated
from kit.ids import id_before
from resolvers import challenges, community, members
from resolvers.challenges import Listed
from resolvers.context import Context
from resolvers.seeing import Seen

T = TypeVar("T")

LOOK_SECONDS = 30.0
CALM_LOOK_SECONDS = 60.0
"""At most between two looks; for what has the whole of its state in each value."""
SPACING_SECONDS = 0.2
"""Between two looks of a stream: a burst is one value, or two."""
AWAY_SECONDS = 2.0
BACK_SECONDS = 120


def me(context: Context, parts: frozenset[Part]) -> AsyncGenerator[Seen]:
    """The viewer as `me` shows them: now, and whenever anything of theirs changes.

    Who is merged goes on as the survivor.
    """
    return _values(context, lambda: _own_channel(context), lambda: members.me(context, parts))


async def challenge(context: Context, code: str) -> AsyncGenerator[Listed | None]:
    """A challenge now, and whenever its board changes; None, once, for one that isn't there."""
    if await challenges.challenge(context, code) is None:
        yield None
        return
    channel = f"challenge:{code}"
    values = _values(context, lambda: channel, lambda: challenges.challenge(context, code))
    async with aclosing(values):
        async for listed in values:
            yield listed


async def post(context: Context, text: str) -> AsyncGenerator[ShownPost | None]:
    """A post now, and whenever it or a comment changes; None, once, for one that isn't there."""
    if await community.post(context, text) is None:
        yield None
        return
    channel = f"post:{community.post_ids(text)[1]}"
    values = _values(context, lambda: channel, lambda: community.post(context, text))
    async with aclosing(values):
        async for shown in values:
            yield shown


async def _values(
    context: Context, channel: Callable[[], str], read: Callable[[], Awaitable[T]]
) -> AsyncGenerator[T]:
    context.repeats_nothing = True
    while True:
        here = channel()
        with context.hints.listening(here) as woken:
            while channel() == here:
                yield await _patiently(context, lambda: _read(context, woken, read))
                await _woken(asyncio.Event(), SPACING_SECONDS)
                if channel() == here:
                    await _woken(woken, CALM_LOOK_SECONDS * _jitter())


async def _read(context: Context, woken: asyncio.Event, read: Callable[[], Awaitable[T]]) -> T:
    await context.hints.turn()
    woken.clear()
    await _renew(context)
    return await read()


async def _renew(context: Context) -> None:
    """What comes next is as of now, and for who the viewer is by now.

    Refuses UNAUTHENTICATED for who was erased.
    """
    now = clock.now()
    published = (await versions()).at(now)
    context.renew(now, published.programme, published.version)
    await aliases.refresh()
    member_id = context.viewer.member_id
    if member_id is None:
        return
    current = aliases.current(member_id)
    if aliases.is_erased(current):
        raise Unauthenticated
    if current != member_id:
        context.viewer = replace(context.viewer, subject=str(current), member_id=current)


def _own_channel(context: Context) -> str:
    return f"member:{context.viewer.own_member_id()}"


def _jitter() -> float:
    return random.uniform(0.75, 1.0)  # noqa: S311  so that streams don't march in step


async def received(context: Context) -> AsyncGenerator[Shown]:
    """What the member is told from now on, each once, in the viewer's language."""
    await context.speak()
    floor = id_before(BACK_SECONDS)
    known = {shown.notification.id for shown in await _fresh(context, floor, set())}
    while True:
        here = _own_channel(context)
        with context.hints.listening(here, "notifications", "identity") as woken:
            woken.set()  # what came since the last look, before anybody listened
            while _own_channel(context) == here:
                await _woken(woken, LOOK_SECONDS)
                await context.hints.turn()
                woken.clear()
                next_floor = id_before(BACK_SECONDS)
                found = await _fresh(context, floor, known)
                for shown in found:
                    known.add(shown.notification.id)
                    yield shown
                if len(found) == views.FRESH_MAX:
                    woken.set()
                else:
                    floor, known = next_floor, {one for one in known if one > next_floor}


async def _fresh(context: Context, floor: UUID, known: set[UUID]) -> list[Shown]:
    async def read() -> list[Shown]:
        await _renew(context)
        me, locale = context.viewer.own_member_id(), context.locale
        return await views.fresh(me, after=floor, known=known, locale=locale, now=context.now)

    return await _patiently(context, read)


async def _patiently(context: Context, read: Callable[[], Awaitable[T]]) -> T:
    """What is read; while the database is away, tried again until it is there."""
    while True:
        try:
            return await read()
        except Exception as error:
            if not context.hints.may_pass(error):
                raise
        await _woken(asyncio.Event(), AWAY_SECONDS)


async def _woken(event: asyncio.Event, seconds: float) -> None:
    # `wait_for` of Python 3.11 swallows a cancellation that comes together with the event.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
