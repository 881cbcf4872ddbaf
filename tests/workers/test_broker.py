"""Do doorbells reach a worker process, and does it live through the loss of Valkey?"""

import asyncio
import logging
from uuid import UUID

import pytest

from tests.workers.acts import a_job, add, counting, effects, ids
from workers.broker import Doorbells, make_broker, silence_repeated_complaints
from workers.consumer import Listener
from workers.runner import Runner
from workers.waiting import set_within

NOWHERE = "redis://127.0.0.1:1/0"


class Listening:
    """A listener for one kind of jobs, and what it answered."""

    def __init__(self, redis_url: str, answer=None) -> None:
        self.answered: asyncio.Queue[UUID] = asyncio.Queue()
        self._answer = answer
        broker = make_broker(redis_url)
        self.doorbells = Doorbells(broker, ["count"], self._heard)
        self.listener = Listener(broker, threads=2)
        self._stop = asyncio.Event()

    async def __aenter__(self):
        self._task = asyncio.create_task(self.listener.run(self._stop))
        return self

    async def __aexit__(self, *_):
        self._stop.set()
        await asyncio.wait_for(self._task, 20)

    async def ring(self, job_id: UUID, member_id: UUID) -> None:
        await asyncio.to_thread(self.doorbells.ring, "count", member_id, job_id)

    async def _heard(self, kind: str, member_id: UUID, job_id: UUID) -> None:
        if self._answer is not None:
            await self._answer(kind, member_id, job_id)
        self.answered.put_nowait(job_id)


@pytest.mark.usefixtures("database", "valkey")
async def test_a_doorbell_has_its_job_done_on_the_loop_of_the_process(redis_url):
    job = a_job()
    await add(job)
    runner = Runner([counting()], concurrency=2)
    async with Listening(redis_url, runner.answer) as listening:
        member_id, job_id = ids(job)
        await listening.ring(job_id, member_id)
        assert await asyncio.wait_for(listening.answered.get(), 10) == job_id
    assert await effects() == {job.key: 1}


@pytest.mark.usefixtures("valkey")
async def test_a_message_holds_two_ids_and_nothing_else(redis_url, valkey):
    job = a_job("secret", payload={"secret": 1})
    doorbells = Doorbells(make_broker(redis_url), ["count"], _never)
    await asyncio.to_thread(doorbells.ring, "count", *ids(job))
    (message,) = (await valkey.hgetall("accrue:jobs.msgs")).values()
    assert b"secret" not in message
    assert str(job.member_id).encode() in message
    assert str(job.id).encode() in message


@pytest.mark.usefixtures("valkey")
async def test_threads_that_died_are_replaced(redis_url, monkeypatch):
    monkeypatch.setattr("workers.consumer.WATCH_SECONDS", 0.05)
    async with Listening(redis_url) as listening, asyncio.timeout(20):
        job = a_job()
        await listening.ring(job.id, job.member_id)
        await listening.answered.get()
        first = listening.listener.worker
        assert first is not None
        first.consumers["jobs"].stop()
        await asyncio.to_thread(first.consumers["jobs"].join)
        await listening.ring(job.id, job.member_id)
        assert await listening.answered.get() == job.id
        assert listening.listener.worker is not first


async def test_without_valkey_a_worker_starts_and_stops(caplog):
    caplog.set_level(logging.INFO)
    silence_repeated_complaints()
    async with Listening(NOWHERE) as listening:
        while not caplog.messages:
            await set_within(asyncio.Event(), 0.02)
        worker = listening.listener.worker
        assert worker is not None
        assert [thread.is_alive() for thread in worker.consumers.values()] == [True, True]
    complaints = [text for text in caplog.messages if "connection error" in text]
    assert len(complaints) == 1


async def _never(*_) -> None:
    raise AssertionError
