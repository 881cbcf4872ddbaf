"""Do processes end soon when they are told to, and is nothing lost of what they were doing?"""

import asyncio

import pytest

from domain.intake.operations import record
from kit import clock
from tests.faults.shopping import customers, expected, shopping
from tests.faults.state import require_as_modelled, require_nothing_set_aside, require_sound_books
from tests.support.faults import any_effect, settled, until, value_of
from tests.support.world import programme

pytestmark = pytest.mark.fault
END_SECONDS_MAX = 20
# Well below a lease: what was begun has been finished or given back.
DRAINED_SECONDS_MAX = 20


async def test_a_worker_that_is_told_to_end_finishes_what_it_has_begun(fleet, chance, measured):
    await require_a_soft_landing(fleet, ["worker"], chance, measured)


async def test_when_everybody_is_told_to_end_at_once_all_of_them_do(fleet, chance, measured):
    fleet.start_relay()
    await require_a_soft_landing(fleet, ["one", "two"], chance, measured, others=["relay"])


async def require_a_soft_landing(fleet, workers, chance, measured, others=()) -> None:
    """End all in the middle of their work, start them again, and find each effect once."""
    facts = shopping(chance, await customers(100), 800, clock.now())
    for start in range(0, len(facts), 400):
        await record(facts[start : start + 400], now=clock.now())
    for name in workers:
        fleet.start_worker(name)
    names = [*workers, *others]
    await until(any_effect, 60, what="the workers are at work")
    fleet.tell_to_end(*names)
    seconds = await asyncio.to_thread(fleet.wait, *names, seconds_max=END_SECONDS_MAX)
    measured["ended after s"] = seconds
    assert {name: fleet.ended(name) for name in names} == dict.fromkeys(names, 0)
    assert await value_of("SELECT count(*) FROM job WHERE state = 'running'") == 0
    for name in names:
        fleet.restart(name)
    await until(settled, DRAINED_SECONDS_MAX, what="everything is done")
    now = clock.now()
    await require_nothing_set_aside()
    await require_as_modelled(expected(facts, programme()), now)
    await require_sound_books(now)
