"""Has every event one effect, whatever is killed while it is processed?"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable

import pytest

from domain.programme import operations as programmes
from kit import clock
from tests.faults.shopping import customers, expected, shopping, with_a_capped_rule
from tests.faults.state import require_as_modelled, require_nothing_set_aside, require_sound_books
from tests.support.faults import count_of, pause, send, settled, tell, until, valkey_says
from tests.support.world import NOW, programme

pytestmark = pytest.mark.fault
EVENTS = 2_000
CUSTOMERS = 500
# In effects: the later a worker dies, the longer the test waits for a lease to end.
KILLS_APART = (100, 300)
KILLS_UNTIL = 1_300
CRASHES_BETWEEN = (50, 400)
VALKEY_SECONDS = 10
DRAINED_SECONDS_MAX = 120
_EFFECTS = "SELECT count(*) FROM inbox WHERE state = 'done'"

Fault = Callable[[], Awaitable[None]]
Plan = list[tuple[int, Fault]]
"""After how many effects each fault comes."""


async def test_2000_events_have_one_effect_each_whatever_dies_meanwhile(
    shop, fleet, service, chance, measured
):
    offer = with_a_capped_rule(programme())
    await programmes.publish(offer, now=NOW, published_by="tests", effective_from=NOW)
    facts = shopping(chance, await customers(CUSTOMERS), EVENTS, clock.now())
    fleet.start_relay()
    fleet.start_worker()
    api_pid, postmaster, begun = fleet.pid("api"), shop.postgres.pid, time.monotonic()
    plans = [kills(chance, fleet), *([crash] for crash in crashes(chance, shop))]
    wrecking = asyncio.gather(*map(wreck, plans))
    accepted, duplicates = await send(service, facts)
    await wrecking
    await until(settled, DRAINED_SECONDS_MAX, what="everything is done")
    measured |= {"all done after s": time.monotonic() - begun}
    measured |= {"kills": len(plans[0]), "retries": len(service.answers.failures)}
    assert accepted + duplicates >= EVENTS
    assert shop.postgres.pid != postmaster
    assert (fleet.pid("api"), fleet.ended("api")) == (api_pid, None)
    now = clock.now()
    await require_nothing_set_aside()
    await require_as_modelled(expected(facts, offer), now)
    await require_sound_books(now)


def kills(chance, fleet) -> Plan:
    """The worker dies again and again, and is started again at once."""

    async def kill_the_worker() -> None:
        fleet.kill("worker")
        fleet.restart("worker")

    plan: Plan = []
    at = chance.randrange(*KILLS_APART)
    while at < KILLS_UNTIL:
        plan.append((at, kill_the_worker))
        at += chance.randrange(*KILLS_APART)
    return plan


def crashes(chance, shop) -> Plan:
    """What happens to the servers, each once, while the shop is still sending."""

    async def flush_valkey() -> None:
        await valkey_says(shop.valkey.url, "FLUSHALL")

    async def stop_valkey() -> None:
        os.kill(shop.valkey.pid, signal.SIGSTOP)
        await pause(VALKEY_SECONDS)
        os.kill(shop.valkey.pid, signal.SIGCONT)

    async def crash_postgres() -> None:
        await asyncio.to_thread(shop.postgres.restart, immediate=True)

    faults = [flush_valkey, stop_valkey, crash_postgres]
    return [(chance.randrange(*CRASHES_BETWEEN), fault) for fault in faults]


async def wreck(plan: Plan) -> None:
    begun = time.monotonic()
    for effects, fault in plan:

        async def reached(effects: int = effects) -> bool:
            return await count_of(_EFFECTS) >= effects

        await until(reached, DRAINED_SECONDS_MAX, what=f"{effects} effects")
        tell(f"{time.monotonic() - begun:6.1f} s, {effects} effects: {fault.__name__}")
        await fault()
