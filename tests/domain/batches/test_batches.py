"""Is everything that a batch is made of done once, however it is stopped, killed and resumed?"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from db.connection import reader
from db.jobs import LeaseLost
from domain.batches import operations, rules, views
from domain.batches.errors import BatchEnded
from domain.batches.model import Batch, Progress
from domain.batches.steps import Kind
from kit import clock
from kit.errors import IdempotencyKeyReused, NotFound
from kit.ids import new_id
from tests.domain.batches.kinds import COUNTING, ROWS, add, begin, count_some, ready
from tests.support.hooks import a_receiver, an_endpoint, posting_by
from tests.support.working import work
from tests.support.world import NOW, nothing_changed
from tests.workers.acts import effects
from workers.batches import Batches
from workers.posting import Poster

pytestmark = pytest.mark.usefixtures("database")
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def moment():
    with clock.frozen(NOW) as frozen:
        yield frozen


def worker(*kinds: Kind) -> Batches:
    return Batches(kinds or (COUNTING, ROWS))


async def begun(total: int, **facts) -> Batch:
    return (await begin(total, **facts)).batch


async def loaded(*rows: dict) -> Batch:
    batch = (await begin(None, kind="rows")).batch
    assert await add(batch, rows)
    return await ready(batch)


async def at_end(batch: Batch, by: Batches | None = None) -> Batch:
    """As it is once there is nothing due any more."""
    by = by or worker()
    while await by.turn():
        pass
    return await views.batch(batch.id)


def once(*names: object) -> dict[str, int]:
    return {str(name): 1 for name in names}


def standing(batch: Batch) -> tuple[str, int, int]:
    return batch.state, batch.done, batch.refused


async def test_a_batch_is_done_step_by_step_each_from_where_the_one_before_ended():
    batch = await begun(20)
    by, seen = worker(), []
    while await by.turn():
        now = await views.batch(batch.id)
        seen.append((now.state, now.done, now.cursor))
    assert seen == [("RUNNING", 8, "8"), ("RUNNING", 16, "16"), ("DONE", 20, None)]
    assert await effects() == once(*range(20))


async def test_what_is_stopped_stands_still_and_goes_on_where_it_stood():
    batch = await begun(20)
    assert await worker().turn()
    stopped = await operations.stop(batch.id, now=NOW)
    async with nothing_changed():
        assert not await worker().turn()
        assert await operations.stop(batch.id, now=NOW + SECOND) == stopped
    await operations.resume(batch.id, now=NOW)
    assert standing(await at_end(batch)) == ("DONE", 20, 0)
    assert await effects() == once(*range(20))


async def test_a_step_that_is_under_way_when_it_is_stopped_is_undone():
    batch = await begun(20)

    async def stopped_within(tx, batch, cursor, limit, *, now):
        progress = await count_some(tx, batch, cursor, limit, now=now)
        await operations.stop(batch.id, now=now)
        return progress

    assert await worker(Kind("count", stopped_within, limit=8)).turn()
    found = await views.batch(batch.id)
    assert (standing(found), found.last_error) == (("STOPPED", 0, 0), None)
    assert await effects() == {}


async def test_a_worker_that_died_holds_it_up_for_its_lease_and_no_longer(moment):
    batch = await begun(20)
    assert await operations.claim(["count"], now=NOW) is not None
    assert not await worker().turn()
    moment.advance(rules.LEASE)
    assert standing(await at_end(batch)) == ("DONE", 20, 0)
    assert await effects() == once(*range(20))


async def test_a_worker_that_stood_still_beyond_its_lease_can_not_do_a_step_twice(moment):
    batch = await begun(20)
    stale = await operations.claim(["count"], now=NOW)
    assert stale is not None
    moment.advance(rules.LEASE)
    assert await worker().turn()
    async with nothing_changed():
        with pytest.raises(LeaseLost):
            await operations.step(COUNTING, stale, now=clock.now())
        with pytest.raises(LeaseLost):
            await operations.fail(stale, "late", now=clock.now())
    assert standing(await at_end(batch)) == ("DONE", 20, 0)
    assert await effects() == once(*range(20))


async def test_a_batch_that_killed_five_workers_in_a_row_is_set_aside_and_may_be_resumed(moment):
    batch = await begun(20)
    for _ in range(5):
        assert await operations.claim(["count"], now=clock.now()) is not None
        moment.advance(rules.LEASE)
    assert not await worker().turn()
    found = await views.batch(batch.id)
    assert (found.state, found.last_error, found.ended_at) == (
        "FAILED",
        "its workers died",
        clock.now(),
    )
    await operations.resume(batch.id, now=clock.now())
    assert standing(await at_end(batch)) == ("DONE", 20, 0)


async def test_four_workers_at_once_do_everything_once():
    batches = [await begun(50, name=f"{name}-") for name in "ab"]

    async def until_done() -> None:
        by = worker()
        while [found for found in batches if (await views.batch(found.id)).state != "DONE"]:
            await by.turn()

    await asyncio.gather(*(until_done() for _ in range(4)))
    assert await effects() == once(*(f"{name}-{number}" for name in "ab" for number in range(50)))


async def test_batches_take_turns(moment):
    batches = [await begun(24, name=f"{name}-", now=NOW - SECOND) for name in "ab"]
    by = worker()
    progress = []
    for _ in range(4):
        assert await by.turn()
        progress.append(tuple([(await views.batch(found.id)).done for found in batches]))
        moment.advance(SECOND)
    assert progress == [(8, 0), (8, 8), (16, 8), (16, 16)]


async def test_what_can_not_be_done_ends_up_alone_with_everything_before_it_done(moment):
    batch = await begun(20, poison=13)
    by = worker()
    for _ in range(40):
        while await by.turn():
            pass
        moment.advance(timedelta(seconds=64))
    found = await views.batch(batch.id)
    assert (standing(found), found.cursor) == (("FAILED", 13, 0), "13")
    assert found.last_error == "ValueError"
    assert await effects() == once(*range(13))
    healed = Kind("count", _without_poison, limit=8)
    await operations.resume(batch.id, now=clock.now())
    assert standing(await at_end(batch, worker(healed))) == ("DONE", 20, 0)
    assert await effects() == once(*range(20))


async def _without_poison(tx, batch, cursor, limit, *, now) -> Progress:
    return await count_some(tx, replace(batch, parameters={}), cursor, limit, now=now)


async def test_a_kind_that_a_worker_does_not_know_is_left_to_those_that_do():
    await begun(20)
    async with nothing_changed():
        assert not await worker(ROWS).turn()


async def test_rows_that_are_refused_or_that_fail_undo_no_other():
    rows = [{"code": f"row {number}"} for number in range(1, 11)]
    rows[2]["is"], rows[6]["is"] = "refused", "poison"
    found = await at_end(await loaded(*rows))
    assert (standing(found), found.total) == (("DONE", 8, 2), 10)
    assert await effects() == once(*(f"row {number}" for number in (1, 2, 4, 5, 6, 8, 9, 10)))
    assert [(line.number, line.code, line.message("en")) for line in found.lines] == [
        (3, "NOT_FOUND", "Not found: what the row names."),
        (7, "INTERNAL", "An error of ours; the log has it."),
    ]
    assert found.counts == {"letters": 8 * 5 + 1}


async def test_the_report_keeps_the_first_hundred_lines_and_counts_all():
    rows = [{"code": f"row {number}", "is": "refused"} for number in range(130)]
    found = await at_end(await loaded(*rows), worker(replace(ROWS, limit=60)))
    assert standing(found) == ("DONE", 0, 130)
    assert [line.number for line in found.lines] == list(range(1, 101))


async def test_a_loader_that_died_goes_on_and_nobody_works_before_all_is_there():
    batch = (await begin(None, kind="rows", checksum="sha")).batch
    await add(batch, [{"code": "a"}, {"code": "b"}])
    assert not await worker().turn()
    again = await begin(None, kind="rows", checksum="sha")
    assert (again.is_new, again.batch) == (False, batch)
    await add(batch, [{"code": "b"}, {"code": "c"}], first=2)
    assert (await ready(batch)).total == 3
    async with nothing_changed():
        assert not await add(batch, [{"code": "d"}], first=4)
    assert standing(await at_end(batch)) == ("DONE", 3, 0)
    assert await effects() == once("a", "b", "c")


async def test_loading_that_is_stopped_is_resumed_as_loading():
    batch = (await begin(None, kind="rows")).batch
    await operations.stop(batch.id, now=NOW)
    async with nothing_changed():
        assert not await add(batch, [{"code": "a"}])
    assert (await operations.resume(batch.id, now=NOW)).state == "LOADING"
    assert await add(batch, [{"code": "a"}])


async def test_the_same_input_is_the_same_batch_whoever_begins_it_when():
    found = await asyncio.gather(*(begin(20, checksum="sha", name="x") for _ in range(8)))
    assert len({one.batch.id for one in found}) == 1
    assert sorted(one.is_new for one in found) == [False] * 7 + [True]
    async with nothing_changed():
        with pytest.raises(IdempotencyKeyReused):
            await begin(20, checksum="sha", name="y")


async def test_what_has_ended_is_neither_stopped_nor_resumed():
    batch = await at_end(await begun(3))
    unknown = new_id()
    async with nothing_changed():
        with pytest.raises(BatchEnded, match="DONE"):
            await operations.stop(batch.id, now=NOW)
        with pytest.raises(BatchEnded, match="DONE"):
            await operations.resume(batch.id, now=NOW)
        for verb in (operations.stop, operations.resume):
            with pytest.raises(NotFound):
                await verb(unknown, now=NOW)


async def test_rows_of_what_is_done_are_forgotten_after_a_week_and_others_kept():
    done, waiting = await loaded({"code": "a"}), (await begin(None, kind="rows")).batch
    await add(waiting, [{"code": "b"}])
    await at_end(done)
    for days, left in ((6, 2), (7, 1), (70, 1)):
        await operations.prune(as_of=NOW + timedelta(days=days), limit=10)
        async with reader() as tx:
            assert await tx.fetchval("SELECT count(*) FROM batch_row") == left


async def test_a_shop_is_told_how_a_batch_ended():
    async with a_receiver() as shop, posting_by(Poster(allows_private=True)):
        await an_endpoint(shop)
        batch = await at_end(await begun(3))
        await work(NOW)
        assert [one.told["type"] for one in shop.heard] == ["batch.done"]
        data = shop.heard[0].told["data"]
        assert {name: data[name] for name in ("kind", "total", "done", "refused")} == {
            "kind": "count",
            "total": 3,
            "done": 3,
            "refused": 0,
        }
        assert "member" not in data
        assert batch.state == "DONE"
