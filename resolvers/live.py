"""How does a member hear of news at once? By looking when there is a hint, and now and then.

What is new is read from the table, so that nothing is lost or told twice, whatever becomes of
hints. A notification may be committed some time after its id was made, so each look goes back a
while and leaves out what is known.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

from domain.notifications import views
from domain.notifications.model import Shown
from kit import clock
from kit.ids import id_before
from resolvers.context import Context

LOOK_SECONDS = 30.0
BACK_SECONDS = 120


async def received(context: Context) -> AsyncIterator[Shown]:
    """What the member is told from now on, each once, in the viewer's language."""
    me = context.viewer.own_member_id()
    await context.speak()
    with context.hints.listening(me) as woken:
        floor = id_before(BACK_SECONDS)
        known = {shown.notification.id for shown in await _fresh(context, me, floor, set())}
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), LOOK_SECONDS)
            woken.clear()
            next_floor = id_before(BACK_SECONDS)
            found = await _fresh(context, me, floor, known)
            for shown in found:
                known.add(shown.notification.id)
                yield shown
            if len(found) == views.FRESH_MAX:
                woken.set()
            else:
                floor, known = next_floor, {one for one in known if one > next_floor}


async def _fresh(context: Context, me: UUID, floor: UUID, known: set[UUID]) -> list[Shown]:
    return await views.fresh(me, after=floor, known=known, locale=context.locale, now=clock.now())
