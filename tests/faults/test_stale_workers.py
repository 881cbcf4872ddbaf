"""Does a worker that stood still for longer than its lease do any harm when it goes on?"""

import pytest

from domain.intake.operations import record
from kit import clock
from tests.faults.shopping import expected, shopping
from tests.faults.state import require_as_modelled, require_nothing_set_aside, require_sound_books
from tests.support.faults import locked, rows_of, settled, until, waiting, worked_off
from tests.support.world import a_member, programme

pytestmark = pytest.mark.fault
LEASE_SECONDS = 3
LOCK_SECONDS_MAX = 20
# A worker as the command starts it, with a lease that a test can wait for.
HASTY = f"""
from datetime import timedelta
from db import jobs
jobs.LEASE = timedelta(seconds={LEASE_SECONDS})
from app.cli import main
main()
"""


async def test_the_commit_of_a_worker_that_stood_still_is_refused(shop, fleet, chance, measured):
    member = await a_member(external_id="customer")
    facts = shopping(chance, ["customer"], 12, clock.now())
    await record(facts[:6], now=clock.now())
    async with locked(shop.postgres.url, member.member_id):
        fleet.start("stale", "-c", HASTY, "worker")
        await until(waits_for_a_lock, LOCK_SECONDS_MAX, what="the worker is within its effect")
        fleet.pause("stale")
        await until(waits_for_nothing, LOCK_SECONDS_MAX, what="PostgreSQL ends the wait")
    fleet.start_worker("other")
    seconds = await until(worked_off, 60, what="the other worker does the job")
    measured["done by the other after s"] = seconds
    fleet.tell_to_end("other")
    fleet.wait("other", seconds_max=20)
    await record(facts[6:], now=clock.now())
    fleet.resume("stale")
    await until(settled, 60, what="the worker that stood still does what is new")
    assert "another worker has this job now" in fleet.log("stale")
    assert await first_job() == {"state": "done", "token": 2, "attempts": 2}
    now = clock.now()
    await require_nothing_set_aside()
    await require_as_modelled(expected(facts, programme()), now)
    await require_sound_books(now)


async def waits_for_a_lock() -> bool:
    return await waiting() == 1


async def waits_for_nothing() -> bool:
    return await waiting() == 0


async def first_job():
    jobs = await rows_of("SELECT state, token, attempts FROM job ORDER BY id LIMIT 1")
    return jobs[0]
