"""Is every job done, alone or with its neighbours, by doorbell or without one?"""

import asyncio
from datetime import timedelta

import pytest
from structlog.contextvars import get_contextvars

from app.worker import CALLS_OUT_MAX, callers
from db import jobs
from db.jobs import LEASE
from kit import clock
from tests.workers.acts import NOW, a_job, add, count, counting, effects, ids, row, states
from workers.runner import Runner, actor, batches

pytestmark = pytest.mark.usefixtures("database")
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def moment():
    with clock.frozen(NOW) as frozen:
        yield frozen


async def polled(runner: Runner) -> None:
    """One turn of the poll, and the jobs that it began."""
    stop = asyncio.Event()
    await runner.poll(stop, stop.set)


async def test_a_doorbell_has_its_job_done():
    job = a_job()
    await add(job)
    await Runner([counting()], concurrency=2).answer("count", *ids(job))
    assert await effects() == {job.key: 1}
    assert (await row(job))["state"] == "done"


async def test_ten_doorbells_for_one_job_have_one_effect():
    job = a_job()
    await add(job)
    runner = Runner([counting()], concurrency=10)
    await asyncio.gather(*(runner.answer("count", *ids(job)) for _ in range(10)))
    assert await effects() == {job.key: 1}
    assert (await row(job))["attempts"] == 1


async def test_a_doorbell_for_a_job_that_is_done_or_unknown_does_nothing():
    job = a_job()
    await add(job)
    for handler in (counting(), counting(batch=5)):
        runner = Runner([handler], concurrency=2)
        await runner.answer("count", *ids(job))
        await runner.answer("count", *ids(job))
        await runner.answer("count", *ids(a_job()))
    assert await effects() == {job.key: 1}


async def test_a_doorbell_takes_along_what_waits_behind_its_job():
    added = [a_job() for _ in range(7)]
    await add(*added)
    sizes = []

    @actor("count", batch=3)
    async def handler(claims, *, now):
        sizes.append(len(claims))
        await count(claims, now=now)

    runner = Runner([handler], concurrency=2)
    for job in added[::3]:
        await runner.answer("count", *ids(job))
    assert sizes == [3, 3, 1]
    assert await effects() == {job.key: 1 for job in added}


async def test_a_poisonous_job_neither_holds_up_nor_undoes_its_neighbours():
    added = [a_job("1"), a_job("2 poison"), a_job("3")]
    await add(*added)
    await Runner([counting(batch=10)], concurrency=2).answer("count", *ids(added[0]))
    assert await effects() == {"1": 1, "3": 1}
    assert await states() == ["done", "ready", "done"]
    found = await row(added[1])
    assert found["last_error"] == "ValueError"
    assert found["run_at"] == NOW + SECOND


async def test_a_job_that_was_tried_before_is_claimed_alone(moment):
    poison, *fresh = added = [a_job("0 poison"), *(a_job() for _ in range(3))]
    await add(*added)
    await jobs.claim([ids(poison)], now=NOW)
    moment.advance(LEASE)
    sizes = []

    @actor("count", batch=10)
    async def handler(claims, *, now):
        sizes.append(len(claims))
        await count(claims, now=now)

    runner = Runner([handler], concurrency=4)
    await runner.answer("count", *ids(poison))
    await runner.answer("count", *ids(fresh[0]))
    assert sizes == [1, 3]
    assert (await row(poison))["attempts"] == 2


async def test_a_poisonous_job_is_set_aside_after_five_attempts(moment):
    job = a_job("poison")
    await add(job)
    runner = Runner([counting(batch=10)], concurrency=2)
    for _ in range(8):
        await runner.answer("count", *ids(job))
        moment.advance(timedelta(minutes=2))
    found = await row(job)
    assert (found["state"], found["attempts"]) == ("dead", 5)
    assert await effects() == {}


async def test_a_worker_that_slept_past_its_lease_has_no_effect(moment):
    job = a_job()
    await add(job)
    asleep, awake = asyncio.Event(), asyncio.Event()

    @actor("count")
    async def sleepy(claims, *, now):
        asleep.set()
        await awake.wait()
        await count(claims, now=now)

    zombie = asyncio.create_task(Runner([sleepy], concurrency=1).answer("count", *ids(job)))
    await asleep.wait()
    moment.advance(LEASE)
    await Runner([counting()], concurrency=1).answer("count", *ids(job))
    awake.set()
    await zombie
    assert await effects() == {job.key: 1}
    found = await row(job)
    assert (found["state"], found["token"], found["last_error"]) == ("done", 2, None)


async def test_an_actor_that_hangs_is_ended_and_its_job_tried_again(monkeypatch):
    monkeypatch.setattr("workers.runner.HANDLER_SECONDS", 0.05)
    job = a_job()
    await add(job)

    @actor("count")
    async def hanging(claims, *, now):  # noqa: ARG001  as every actor
        await asyncio.Event().wait()

    await Runner([hanging], concurrency=1).answer("count", *ids(job))
    found = await row(job)
    assert (found["state"], found["last_error"]) == ("ready", "TimeoutError")


async def test_without_doorbells_the_poll_finds_what_is_overdue(moment):
    single, many = [a_job() for _ in range(3)], [a_job(kind="many") for _ in range(120)]
    await add(*single, *many)
    runner = Runner([counting(), counting(kind="many", batch=50)], concurrency=8)
    await polled(runner)
    assert await effects() == {}
    moment.advance(SECOND)
    await polled(runner)
    assert await effects() == {job.key: 1 for job in (*single, *many)}


async def test_no_more_is_done_at_a_time_than_the_process_may():
    added = [a_job() for _ in range(12)]
    await add(*added)
    at_once = most = 0
    is_full = asyncio.Event()

    @actor("count")
    async def handler(claims, *, now):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == 3:
            is_full.set()
        await is_full.wait()
        await count(claims, now=now)
        at_once -= 1

    runner = Runner([handler], concurrency=3)
    await asyncio.gather(*(runner.answer("count", *ids(job)) for job in added))
    assert most == 3
    assert len(await effects()) == 12


async def test_what_an_actor_logs_carries_the_ids_of_its_job():
    job = a_job()
    await add(job)
    seen = {}

    @actor("count")
    async def handler(claims, *, now):
        seen.update(get_contextvars())
        await count(claims, now=now)

    await Runner([handler], concurrency=1).answer("count", *ids(job))
    assert seen == {"kind": "count", "member": str(job.member_id), "job": str(job.id)}


async def test_the_last_jobs_are_finished_when_the_poll_stops(moment):
    job = a_job()
    await add(job)
    moment.advance(SECOND)
    begun, stop = asyncio.Event(), asyncio.Event()

    @actor("count")
    async def handler(claims, *, now):
        begun.set()
        await stop.wait()
        await count(claims, now=now)

    poll = asyncio.create_task(Runner([handler], concurrency=1).poll(stop, lambda: None))
    await begun.wait()
    stop.set()
    await poll
    assert await effects() == {job.key: 1}


def test_jobs_are_grouped_by_kind_up_to_the_size_of_a_batch():
    def due(kind: str, attempts: int = 0) -> jobs.Due:
        job = a_job()
        return jobs.Due(job.member_id, job.id, kind, attempts, NOW)

    found = [due("many"), due("one"), due("many"), due("many", 1), due("one"), due("many")]
    groups = batches(found, {"one": 1, "many": 2})
    assert [[found.index(job) for job in group] for group in groups] == [[0, 2], [1], [3], [4], [5]]


async def test_who_is_slow_to_answer_one_kind_holds_up_no_other():
    may_go, stop = asyncio.Event(), asyncio.Event()

    @actor("slow", calls_out=True)
    async def slow(claims, *, now):
        del claims, now
        await may_go.wait()

    waiting = [a_job(kind="slow") for _ in range(CALLS_OUT_MAX + 1)]
    await add(*waiting, a_job("other", kind="count"))
    runners = callers([slow, actor("count", calls_out=True)(count)])
    polls = [asyncio.create_task(runner.poll(stop, lambda: None)) for runner in runners]
    async with asyncio.timeout(5):
        while await effects() != {"other": 1}:
            await asyncio.wait(polls, timeout=0.02)
    may_go.set()
    stop.set()
    await asyncio.gather(*polls)
