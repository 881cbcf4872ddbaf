"""Does a job have its effect once, whatever happens to its workers?"""

from datetime import timedelta

import pytest

from db import jobs
from db.connection import reader, transaction
from db.jobs import LEASE, LeaseLost
from tests.workers.acts import NOW, a_job, add, count, effects, ids, row

pytestmark = pytest.mark.usefixtures("database")
SECOND = timedelta(seconds=1)


async def test_a_claim_counts_the_attempt_and_begins_a_lease():
    job = a_job(payload={"order": "A1"})
    await add(job)
    (claim,) = await jobs.claim([ids(job)], now=NOW)
    assert (claim.key, claim.payload, claim.attempts, claim.token) == (
        job.key, {"order": "A1"}, 1, 1
    )  # fmt: skip
    found = await row(job)
    assert (found["state"], found["lease_until"]) == ("running", NOW + LEASE)


async def test_a_claimed_job_is_not_given_to_another_worker():
    job = a_job()
    await add(job)
    await jobs.claim([ids(job)], now=NOW)
    assert await jobs.claim([ids(job)], now=NOW + LEASE - SECOND) == []


async def test_a_job_is_not_given_before_its_time():
    job = a_job()
    await add(job)
    assert await jobs.claim([ids(job)], now=NOW - SECOND) == []


async def test_a_stale_worker_can_not_finish_and_leaves_no_effect():
    job = a_job()
    await add(job)
    (stale,) = await jobs.claim([ids(job)], now=NOW)
    (fresh,) = await jobs.claim([ids(job)], now=NOW + LEASE)
    with pytest.raises(LeaseLost):
        await count([stale], now=NOW + LEASE)
    assert await effects() == {}
    await count([fresh], now=NOW + LEASE)
    with pytest.raises(LeaseLost):
        await count([stale], now=NOW + LEASE)
    assert await effects() == {job.key: 1}
    assert (await row(job))["state"] == "done"


async def test_a_stale_worker_can_not_fail_the_job_of_another():
    job = a_job()
    await add(job)
    (stale,) = await jobs.claim([ids(job)], now=NOW)
    await jobs.claim([ids(job)], now=NOW + LEASE)
    with pytest.raises(LeaseLost):
        await jobs.fail(stale, "late", now=NOW + LEASE)
    assert (await row(job))["token"] == 2


async def test_retries_wait_longer_each_time_and_the_fifth_failure_sets_the_job_aside():
    job, now, waits = a_job(), NOW, []
    await add(job)
    for _ in range(5):
        (claim,) = await jobs.claim([ids(job)], now=now)
        await jobs.fail(claim, "no", now=now)
        found = await row(job)
        waits.append((found["run_at"] - now).total_seconds())
        now = max(found["run_at"], now)
    assert waits[:4] == [1, 4, 16, 64]
    found = await row(job)
    assert (found["state"], found["attempts"], found["last_error"]) == ("dead", 5, "no")


async def test_a_job_that_killed_five_workers_is_set_aside():
    job, now = a_job(), NOW
    await add(job)
    for _ in range(5):
        assert len(await jobs.claim([ids(job)], now=now)) == 1
        now += LEASE
    assert await jobs.claim([ids(job)], now=now) == []
    found = await row(job)
    assert (found["state"], found["last_error"]) == ("dead", "its workers died")


async def test_a_job_given_back_begins_its_attempts_anew():
    job = a_job()
    await add(job)
    for _ in range(7):
        (claim,) = await jobs.claim([ids(job)], now=NOW)
        await _postponed(claim, NOW)
    found = await row(job)
    assert (found["state"], found["attempts"], found["token"]) == ("ready", 0, 7)


async def test_a_job_given_back_while_an_equal_one_waits_is_done():
    job = a_job("inbox")
    await add(job)
    (claim,) = await jobs.claim([ids(job)], now=NOW)
    twin = a_job("inbox", member_id=job.member_id)
    await add(twin)
    await jobs.fail(claim, "no", now=NOW)
    assert (await row(job))["state"] == "done"
    assert (await row(twin))["state"] == "ready"


async def test_while_a_job_waits_an_equal_one_is_not_added():
    job = a_job("inbox")
    await add(job)
    await add(a_job("inbox", member_id=job.member_id))
    async with reader() as tx:
        assert await tx.fetchval("SELECT count(*) FROM job") == 1


async def test_renewing_tells_which_claims_are_still_held():
    kept, lost = a_job(), a_job()
    await add(kept, lost)
    claims = await jobs.claim([ids(kept), ids(lost)], now=NOW)
    await jobs.claim([ids(lost)], now=NOW + LEASE)
    renewed = await jobs.renew(claims, now=NOW + LEASE)
    assert [claim.id for claim in renewed] == [kept.id]
    assert (await row(kept))["lease_until"] == NOW + 2 * LEASE
    assert await jobs.renew([], now=NOW) == []


async def test_due_jobs_come_in_the_order_of_their_waiting_and_lapsed_leases_with_them():
    late, early, lapsed = a_job(), a_job(run_at=NOW - 9 * LEASE), a_job(run_at=NOW - 9 * LEASE)
    future, other = a_job(run_at=NOW + SECOND), a_job(kind="other")
    await add(late, early, lapsed, future, other)
    await jobs.claim([ids(lapsed)], now=NOW - 2 * LEASE)
    async with reader() as tx:
        found = await jobs.due(tx, ["count"], NOW, limit=10)
    assert [(job.id, job.attempts) for job in found] == [
        (early.id, 0),
        (lapsed.id, 1),
        (late.id, 0),
    ]


async def test_what_came_after_a_job_is_found_by_it():
    added = [a_job(run_at=NOW - SECOND), *(a_job() for _ in range(5))]
    await add(*added)
    async with reader() as tx:
        found = await jobs.due_since(tx, "count", ids(added[2]), now=NOW, limit=3)
        unknown = await jobs.due_since(tx, "count", ids(a_job()), now=NOW, limit=3)
    assert [job.id for job in found] == [job.id for job in added[2:5]]
    assert unknown == []


async def test_pruning_forgets_what_was_done_a_week_ago_and_keeps_what_was_set_aside():
    done, dead, fresh = a_job(), a_job("poison"), a_job()
    await add(done, dead, fresh)
    claims = await jobs.claim([ids(done)], now=NOW)
    await count(claims, now=NOW)
    now = NOW
    for _ in range(5):
        (claim,) = await jobs.claim([ids(dead)], now=now)
        await jobs.fail(claim, "no", now=now)
        now += timedelta(minutes=2)
    assert await jobs.prune(NOW + jobs.KEPT - SECOND, limit=10) == 0
    assert await jobs.prune(NOW + 2 * jobs.KEPT, limit=10) == 1
    assert (await row(dead))["state"] == "dead"
    assert (await row(fresh))["state"] == "ready"


async def _postponed(claim, run_at):
    async with transaction() as tx:
        await jobs.postpone(tx, claim, run_at)
