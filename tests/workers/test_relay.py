"""Is there a doorbell for every due job, one and not more?"""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from redis.exceptions import ConnectionError as Gone

from db import jobs, signals
from db.connection import transaction
from db.jobs import LEASE
from db.signals import JOBS
from kit import clock
from tests.workers.acts import NOW, a_job, add, counting, effects, ids
from workers.broker import make_client
from workers.relay import SILENCE, WINDOW_MAX, Relay
from workers.runner import Runner

pytestmark = pytest.mark.usefixtures("database")
SECOND = timedelta(seconds=1)


class Bell:
    """Writes down who was rung for; breaks when told to."""

    def __init__(self) -> None:
        self.rung: list[UUID] = []
        self.heard = asyncio.Event()
        self.is_broken = False
        self._loop = asyncio.get_running_loop()

    def ring(self, _kind: str, _member_id: UUID, job_id: UUID) -> None:
        if self.is_broken:
            raise Gone("no Valkey")
        self.rung.append(job_id)
        self._loop.call_soon_threadsafe(self.heard.set)


@pytest.fixture
async def bell():
    return Bell()


async def test_the_relay_rings_once_for_a_due_job_and_not_before_its_time(bell):
    job, later = a_job(), a_job(run_at=NOW + SECOND)
    await add(job, later)
    relay = Relay(bell.ring, {"count": 1})
    assert await relay.tick(NOW) == 1
    assert await relay.tick(NOW) == 1
    assert bell.rung == [job.id]
    assert await relay.tick(NOW + SECOND) == 2
    assert bell.rung == [job.id, later.id]


async def test_it_rings_again_for_what_nobody_claimed_within_ten_seconds(bell):
    job = a_job()
    await add(job)
    relay = Relay(bell.ring, {"count": 1})
    for elapsed in (0, 9, 10, 19, 20):
        await relay.tick(NOW + elapsed * SECOND)
    assert bell.rung == [job.id] * 3
    assert timedelta(seconds=10) == SILENCE


async def test_it_rings_for_a_lease_that_ran_out(bell):
    job = a_job()
    await add(job)
    relay = Relay(bell.ring, {"count": 1})
    await relay.tick(NOW)
    await jobs.claim([ids(job)], now=NOW)
    assert await relay.tick(NOW + SECOND) == 0
    assert await relay.tick(NOW + LEASE) == 1
    assert bell.rung == [job.id] * 2


async def test_one_doorbell_serves_a_batch(bell):
    added = [a_job() for _ in range(120)]
    await add(*added)
    await Relay(bell.ring, {"count": 50}).tick(NOW)
    assert bell.rung == [added[0].id, added[50].id, added[100].id]


async def test_more_than_its_window_is_rung_for_as_jobs_are_claimed(bell):
    added = [a_job() for _ in range(WINDOW_MAX + 1)]
    await add(*added)
    relay = Relay(bell.ring, {"count": 1})
    assert await relay.tick(NOW) == WINDOW_MAX
    assert await relay.tick(NOW) == WINDOW_MAX
    assert len(bell.rung) == WINDOW_MAX
    await jobs.claim([ids(added[0])], now=NOW)
    await relay.tick(NOW)
    assert bell.rung == [job.id for job in added]


async def test_without_valkey_nothing_counts_as_rung_and_the_poll_does_the_work(bell):
    job = a_job()
    await add(job)
    bell.is_broken = True
    relay = Relay(bell.ring, {"count": 1})
    assert await relay.tick(NOW) == 1
    with clock.frozen(NOW + SECOND):
        stop = asyncio.Event()
        await Runner([counting()], concurrency=1).poll(stop, stop.set)
    assert await effects() == {job.key: 1}
    bell.is_broken = False
    second = a_job()
    await add(second)
    await relay.tick(NOW)
    assert bell.rung == [second.id]


async def test_a_commit_wakes_the_relay(bell, redis_url, monkeypatch):
    monkeypatch.setattr("workers.relay.IDLE_SECONDS", 600)
    stop, turns = asyncio.Event(), asyncio.Queue()
    relay = Relay(bell.ring, {"count": 1})
    async with make_client(redis_url) as valkey, asyncio.timeout(10):
        running = asyncio.create_task(relay.run(stop, valkey, lambda: turns.put_nowait(1)))
        await turns.get()
        await subscribed(valkey)
        job = a_job()
        await add(job)
        signals.use(valkey)  # pyright: ignore[reportArgumentType]  its overloads
        async with transaction() as tx:
            tx.wake(JOBS)
        await bell.heard.wait()
        signals.use(None)
        stop.set()
        await running
    assert bell.rung == [job.id]


async def subscribed(valkey) -> None:
    while (await valkey.pubsub_numsub("accrue:jobs"))[0][1] < 1:
        pass
