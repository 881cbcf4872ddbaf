"""Do processes end soon when they are told to, and is what they were doing done all the same?"""

import asyncio
import os
import signal
import time

import pytest

from domain.intake.operations import record
from kit import clock
from tests.faults.shopping import customers, expected, shopping
from tests.faults.state import require_as_modelled, require_nothing_set_aside, require_sound_books
from tests.support.faults import any_effect, settled, until, value_of
from tests.support.world import programme

pytestmark = pytest.mark.fault
END_SECONDS_MAX = 20
DRAINED_SECONDS_MAX = 60


async def test_a_worker_that_is_told_to_end_finishes_what_it_has_begun(fleet, chance, measured):
    facts = await a_backlog(chance)
    fleet.start_relay()
    fleet.start_worker()
    await until(any_effect, DRAINED_SECONDS_MAX, what="the worker is at work")
    seconds = await asyncio.to_thread(fleet.stop, "worker", seconds_max=END_SECONDS_MAX)
    measured["ended after s"] = seconds
    assert fleet.ended("worker") == 0
    assert await value_of("SELECT count(*) FROM job WHERE state = 'running'") == 0
    fleet.restart("worker")
    await require_all_done(facts)


async def test_when_the_whole_group_is_told_to_end_all_of_it_does(fleet, chance, measured):
    facts = await a_backlog(chance)
    fleet.start_relay()
    for name in ("one", "two"):
        fleet.start_worker(name)
    await until(any_effect, DRAINED_SECONDS_MAX, what="the workers are at work")
    names, told_at = ["one", "two", "relay"], time.monotonic()
    for name in names:
        os.killpg(fleet.pid(name), signal.SIGTERM)
    for name in names:
        await asyncio.to_thread(fleet.stop, name, seconds_max=END_SECONDS_MAX)
    measured["ended after s"] = time.monotonic() - told_at
    assert measured["ended after s"] <= END_SECONDS_MAX
    for name in names:
        fleet.restart(name)
    await require_all_done(facts)


async def a_backlog(chance):
    """Facts that are recorded and wait for their effects."""
    subjects = await customers(100)
    facts = shopping(chance, subjects, 800, clock.now())
    for start in range(0, len(facts), 400):
        await record(facts[start : start + 400], now=clock.now())
    return facts


async def require_all_done(facts):
    await until(settled, DRAINED_SECONDS_MAX, what="everything is done")
    now = clock.now()
    await require_nothing_set_aside()
    await require_as_modelled(expected(facts, programme()), now)
    await require_sound_books(now)
