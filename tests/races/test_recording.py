"""Does every event count once when the same ones come in at the same moment?"""

import asyncio
import inspect

import pytest

from db.connection import transaction
from domain.intake.operations import record
from tests.support.shop import paid, reviewed, states
from tests.support.value import kinds
from tests.support.working import work
from tests.support.world import NOW, a_member, counts, published

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]


async def test_20_parallel_calls_with_the_same_events_take_each_in_once():
    await published()
    members = [await a_member() for _ in range(10)]
    facts = [paid(member, f"o{n}", 100) for n, member in enumerate(members)]
    facts += [reviewed(member, f"r{n}") for n, member in enumerate(members)]
    answers = await asyncio.gather(*(record(facts[n:] + facts[:n], now=NOW) for n in range(20)))
    assert sum(answer.accepted for answer in answers) == 20
    assert sum(answer.duplicates for answer in answers) == 19 * 20
    assert [answer.refused for answer in answers] == [()] * 20
    assert await counts("inbox", "event_key") == [20, 40]
    await work(NOW)
    for member in members:
        assert await states(member.member_id) == ["done", "done"]
        assert sorted(await kinds(member.member_id)) == [("earn", 1), ("earn", 20)]


async def test_what_is_recorded_while_a_worker_looks_is_never_left_behind():
    """The worker must not end the job that waits before the event that counts on it is there."""
    await published()
    member = await a_member()
    await record([reviewed(member, "r1")], now=NOW)
    async with transaction() as shop:
        recording = inspect.unwrap(record)
        await recording(shop, [reviewed(member, "r2")], now=NOW)
        working = asyncio.create_task(work(NOW))
        await asyncio.wait({working}, timeout=0.5)
    await working
    assert await states(member.member_id) == ["done", "done"]


async def test_shops_and_workers_at_the_same_time_leave_nothing_undone():
    await published()
    members = [await a_member() for _ in range(3)]
    told = asyncio.Event()

    async def worker():
        while not told.is_set():
            await work(NOW)

    async def shop(name):
        for number in range(10):
            facts = [reviewed(member, f"{name}-{number}-{n}") for n, member in enumerate(members)]
            await record(facts, now=NOW)

    workers = [asyncio.create_task(worker()) for _ in range(2)]
    await asyncio.gather(*map(shop, range(4)))
    told.set()
    await asyncio.gather(*workers)
    await work(NOW)
    for member in members:
        assert await states(member.member_id) == ["done"] * 40
        assert await kinds(member.member_id) == [("earn", 20)] * 3
