"""Does each of many members get one coupon, however often the work is stopped or killed?"""

from datetime import timedelta
from typing import Any

import pytest

from db.connection import reader
from domain.batches import operations as batches
from domain.batches.model import State
from domain.coupons.model import BulkAsked
from domain.coupons.operations import issue_in_bulk
from domain.members.operations import suspend
from domain.tasks.operations import tag
from kit import clock
from kit.errors import IdempotencyKeyReused, InvalidInput, NotFound
from tests.domain.coupons.test_issuing import in_force, in_stock
from tests.support.world import NOW, a_member, counts, nothing_changed
from workers.batches import KINDS, Batches

pytestmark = pytest.mark.usefixtures("database")

NARROW = [kind.__class__(kind.name, kind.step, limit=3) for kind in KINDS]


async def begin(template="COUPON_10", key="k", **asked: Any):
    return await issue_in_bulk(BulkAsked(template, key, **asked), actor="ada", now=NOW)


async def work(batch, steps=100):
    """That many steps of three members each, or until nothing is due."""
    workers = Batches(NARROW)
    with clock.frozen(NOW + timedelta(seconds=1)):
        for _ in range(steps):
            if not await workers.turn(only=batch.id):
                break


async def found(batch):
    async with reader() as tx:
        row = await tx.fetchrow("SELECT state, done, refused FROM batch WHERE id = $1", batch.id)
        each = await tx.fetch(
            "SELECT count(c.id) AS n FROM member m LEFT JOIN coupon c USING (member_id)"
            " GROUP BY member_id"
        )
        report = await tx.fetchjson("SELECT report -> 'counts' FROM batch WHERE id = $1", batch.id)
    assert row is not None
    return tuple(row), sorted(row["n"] for row in each), report


async def test_everybody_gets_one_though_it_is_stopped_killed_and_resumed():
    await in_force()
    for _ in range(10):
        await a_member()
    batch = await begin()
    await work(batch, steps=1)
    await batches.stop(batch.id, now=NOW)
    await work(batch)
    assert await counts("coupon") == [3], "nothing is done once the stop was answered"
    await batches.resume(batch.id, now=NOW)
    await work(batch, steps=1)
    # A worker that took the next step dies: its lease ends, and nothing of it is there.
    claimed = await batches.claim(["coupons.issue"], only=batch.id, now=NOW + timedelta(seconds=1))
    assert claimed is not None
    late = Batches(NARROW)
    with clock.frozen(NOW + timedelta(minutes=5)):
        while await late.turn(only=batch.id):
            pass
    assert await found(batch) == (("DONE", 10, 0), [1] * 10, {"issued": 10})


async def test_it_is_for_who_is_in_the_audience_in_good_standing_and_has_none_yet():
    await in_force({"code": "ONE", "limit": {"count": 1, "period": "ever"}})
    members = [await a_member() for _ in range(4)]
    for member in members[:3]:
        await tag(member.member_id, "taster", actor="ada", now=NOW)
    await suspend(members[0].member_id, actor="ada", reason="fraud", now=NOW)
    batch = await begin("ONE", tags=("taster",))
    await work(batch)
    counted = {"issued": 2, "suspended": 1, "not_in_audience": 1}
    assert await found(batch) == (("DONE", 4, 0), [0, 0, 1, 1], counted)
    again = await begin("ONE", "another key", tags=("taster",))
    await work(again)
    counted = {"limit_reached": 2, "suspended": 1, "not_in_audience": 1}
    assert await found(again) == (("DONE", 4, 0), [0, 0, 1, 1], counted)


async def test_customers_who_are_listed_get_one_and_unknown_ones_are_reported():
    await in_force()
    members = [await a_member(external_id=f"c-{number}") for number in range(5)]
    await a_member()
    batch = await begin(external_ids=("c-1", "c-4", "nobody", "c-1"))
    await work(batch)
    assert await found(batch) == (("DONE", 2, 1), [0, 0, 0, 0, 1, 1], {"issued": 2})
    async with reader() as tx:
        held = await tx.fetch("SELECT member_id FROM coupon")
        (line,) = await tx.fetchjson("SELECT report -> 'lines' FROM batch")
    assert {row["member_id"] for row in held} == {members[1].member_id, members[4].member_id}
    assert (line["code"], line["column"], line["number"]) == ("NOT_FOUND", "externalIds", 3)


async def test_it_ends_with_the_stock():
    await in_force({"code": "FEW", "stock": 4})
    for _ in range(9):
        await a_member()
    batch = await begin("FEW")
    await work(batch)
    (state, *_), each, report = await found(batch)
    assert (state, sum(each), report) == ("DONE", 4, {"issued": 4, "out_of_stock": 2})
    assert await in_stock("FEW") == 4


async def test_the_same_request_is_the_same_batch_and_nonsense_is_refused():
    await in_force({"code": "NOT_BY_STAFF", "channels": ["task"]})
    batch = await begin()
    async with nothing_changed():
        assert (await begin()).id == batch.id
        with pytest.raises(IdempotencyKeyReused):
            await begin("NEW_MEMBER_20")
        for template in ("NONE", "NOT_BY_STAFF"):
            with pytest.raises(NotFound):
                await begin(template, "other")
        wrong: dict[str, Any]
        for wrong in (
            {"tiers": ("GOLDEN",)},
            {"segments": ("NONE",)},
            {"stages": ("old",)},
            {"tags": ("Ä",)},
            {"external_ids": ()},
            {"external_ids": tuple(map(str, range(5_001)))},
        ):
            with pytest.raises(InvalidInput):
                await begin(key="other", **wrong)
    assert batch.state == State.READY
