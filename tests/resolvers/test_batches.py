"""How do staff follow long work over GraphQL, and stop it?"""

import pytest

from domain.batches.model import Batch
from kit.ids import global_id, new_id
from tests.domain.batches.kinds import COUNTING, ROWS, add, begin, ready
from tests.support.api import ADA, REFUSAL, Asking
from tests.support.world import nothing_changed
from workers.batches import Batches

BATCH = """id kind state parameters total done refused createdBy lastError counts { name count }
  refusedRows { number column code message }"""
ONE = f"query($id: ID!) {{ batch(id: $id) {{ {BATCH} }} }}"
ALL = """query($first: Int, $after: String) { batches(first: $first, after: $after) {
  nodes { kind state done } pageInfo { hasNextPage endCursor } } }"""
STOP = f"mutation($id: ID!) {{ stopBatch(id: $id) {{ batch {{ state done }} {REFUSAL} }} }}"
RESUME = f"mutation($id: ID!) {{ resumeBatch(id: $id) {{ batch {{ state done }} {REFUSAL} }} }}"
WORKER = Batches([COUNTING, ROWS])


def id_of(batch: Batch) -> str:
    return global_id("Batch", batch.id)


async def done(ask: Asking, document: str, *, locale: str = "en", **variables):
    answer = await ask(document, ask.staff(), locale=locale, **variables)
    assert "errors" not in answer, answer
    (payload,) = answer["data"].values()
    return payload


async def test_staff_see_progress_and_the_rows_that_were_refused(ask: Asking):
    batch = (await begin(None, kind="rows", file="members.csv")).batch
    await add(batch, [{"code": "a"}, {"code": "b", "is": "refused"}])
    await ready(batch)
    assert await WORKER.turn()
    found = await done(ask, ONE, id=id_of(batch))
    line = {"number": 2, "column": None, "code": "NOT_FOUND"}
    assert found == {
        "id": id_of(batch),
        "kind": "rows",
        "state": "DONE",
        "parameters": {"file": "members.csv"},
        "total": 2,
        "done": 1,
        "refused": 1,
        "createdBy": ADA,
        "lastError": None,
        "counts": [{"name": "letters", "count": 1}],
        "refusedRows": [line | {"message": "Not found: what the row names."}],
    }
    found = await done(ask, ONE, locale="zh-CN", id=id_of(batch))
    assert found["refusedRows"] == [line | {"message": "找不到：what the row names。"}]


async def test_staff_list_batches_the_newest_first(ask: Asking):
    for name in "abc":
        await begin(5, name=name)
    assert await WORKER.turn()
    page = await done(ask, ALL, first=2)
    ready_ = {"kind": "count", "state": "READY", "done": 0}
    assert page["nodes"] == [ready_, ready_]
    assert page["pageInfo"]["hasNextPage"]
    page = await done(ask, ALL, first=2, after=page["pageInfo"]["endCursor"])
    assert page["nodes"] == [{"kind": "count", "state": "DONE", "done": 5}]
    assert not page["pageInfo"]["hasNextPage"]


async def test_staff_stop_a_batch_and_let_it_go_on(ask: Asking):
    batch = (await begin(20)).batch
    assert await WORKER.turn()
    stopped = {"batch": {"state": "STOPPED", "done": 8}, "refusal": None}
    assert await done(ask, STOP, id=id_of(batch)) == stopped
    async with nothing_changed():
        assert not await WORKER.turn()
        assert await done(ask, STOP, id=id_of(batch)) == stopped
    resumed = {"batch": {"state": "READY", "done": 8}, "refusal": None}
    assert await done(ask, RESUME, id=id_of(batch)) == resumed
    while await WORKER.turn():
        pass
    assert (await done(ask, ONE, id=id_of(batch)))["done"] == 20


@pytest.mark.parametrize("document", [STOP, RESUME])
async def test_what_is_done_or_unknown_is_refused_and_nothing_changes(ask: Asking, document: str):
    batch = (await begin(5)).batch
    assert await WORKER.turn()
    async with nothing_changed():
        refusal = (await done(ask, document, id=id_of(batch)))["refusal"]
        assert refusal == {
            "__typename": "BatchEnded",
            "code": "BATCH_ENDED",
            "message": "This batch has ended: it is DONE.",
        }
        for unknown in ("?", global_id("Member", batch.id), global_id("Batch", new_id())):
            refusal = (await done(ask, document, id=unknown))["refusal"]
            assert refusal["code"] == "NOT_FOUND"
            assert await done(ask, ONE, id=unknown) is None


async def test_a_cursor_of_another_list_is_refused(ask: Asking):
    answer = await ask(ALL, ask.staff(), after="W10")
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
