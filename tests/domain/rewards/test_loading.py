"""Do the codes of a file come into their pool once, with every duplicate reported?"""

import asyncio

import pytest

from db.connection import reader
from domain.batches import operations as batches
from domain.batches import views
from domain.batches.model import Batch, State
from domain.batches.steps import Kind
from domain.rewards.operations import import_codes, load_codes, redeem
from domain.rewards.pools import LOAD, load_some
from kit import clock
from kit.errors import InvalidInput
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed
from workers.batches import KINDS, Batches

pytestmark = pytest.mark.usefixtures("shop")
SMALL = Batches([Kind(LOAD, load_some, limit=3)])


@pytest.fixture(autouse=True)
def moment():
    with clock.frozen(NOW) as frozen:
        yield frozen


async def loaded(*codes: str, pool: str = "CODES", header: str = "code") -> Batch:
    return await load_codes(pool, "\n".join([header, *codes]), staff="ada", now=NOW)


async def at_end(batch: Batch, worker: Batches = SMALL) -> Batch:
    while await worker.turn():
        pass
    return await views.batch(batch.id)


async def in_pool(pool: str = "CODES") -> list[str]:
    async with reader() as tx:
        rows = await tx.fetch("SELECT code FROM reward_code WHERE pool = $1 ORDER BY 1", pool)
    return [row["code"] for row in rows]


def reported(batch: Batch) -> list[tuple[int | None, str]]:
    return [(line.number, line.code) for line in batch.lines]


async def test_each_code_is_added_and_each_duplicate_and_wrong_row_reported_with_its_number():
    await import_codes("CODES", ["b"], now=NOW)
    batch = await loaded("a", "b", "a", '""', "c", "a", "x" * 201, "d")
    assert (batch.state, batch.total, batch.parameters) == ("READY", 8, {"pool": "CODES"})
    batch = await at_end(batch)
    assert (batch.state, batch.done, batch.refused) == (State.DONE, 3, 5)
    assert batch.counts == {"added": 3, "duplicates": 3}
    assert reported(batch) == [
        (2, "CODE_IN_POOL"),
        (3, "CODE_IN_POOL"),
        (4, "INVALID_INPUT"),
        (6, "CODE_IN_POOL"),
        (7, "INVALID_INPUT"),
    ]
    assert {line.column for line in batch.lines} == {"code"}
    assert await in_pool() == ["a", "b", "c", "d"]


async def test_the_same_file_for_the_same_pool_is_loaded_once():
    batch = await at_end(await loaded("a", "b"))
    async with nothing_changed():
        again = await at_end(await loaded("a", "b"))
    assert again == batch
    other = await at_end(await loaded("a", "b", pool="OTHER"))
    assert (other.id != batch.id, other.done) == (True, 2)


async def test_a_file_may_have_other_columns_quotes_a_mark_and_ends_of_lines_of_any_sort():
    text = '\ufeffname,code\r\nx,"a,1"\r\ny, b \r\n'
    batch = await at_end(await load_codes("CODES", text, staff="ada", now=NOW))
    assert (batch.done, await in_pool()) == (2, ["a,1", "b"])


@pytest.mark.parametrize("text", ["", "code\n", "codes\na\n", "no header"])
async def test_what_is_no_file_of_codes_is_refused_before_anything_is_begun(text):
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await load_codes("CODES", text, staff="ada", now=NOW)
    assert refused.value.path == ["csv"]


async def test_a_pool_without_a_name_is_refused():
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await load_codes("", "code\na\n", staff="ada", now=NOW)
    assert refused.value.path == ["pool"]


async def test_a_load_that_is_stopped_goes_on_where_it_stands():
    batch = await loaded(*"abcdefgh")
    assert await SMALL.turn()
    await batches.stop(batch.id, now=NOW)
    assert not await SMALL.turn()
    assert await in_pool() == ["a", "b", "c"]
    await batches.resume(batch.id, now=NOW)
    batch = await at_end(batch)
    assert (batch.done, batch.refused, await in_pool()) == (8, 0, list("abcdefgh"))


async def test_the_worker_knows_how_to_load_codes():
    assert LOAD in {kind.name for kind in KINDS}
    batch = await at_end(await loaded("a"), Batches(KINDS))
    assert batch.state == State.DONE


async def test_codes_are_redeemed_while_others_are_loaded_and_none_goes_twice():
    await import_codes("CODES", ["a", "b"], now=NOW)
    members = [(await a_member()).member_id for _ in range(8)]
    for member_id in members:
        await give(member_id, 100)
    batch = await loaded(*"abcdefgh")
    made, _ = await asyncio.gather(
        asyncio.gather(
            *(redeem(one, "CODES", 1, idempotency_key="k", now=NOW) for one in members),
            return_exceptions=True,
        ),
        at_end(batch),
    )
    found = [one.redemption.codes[0] for one in made if not isinstance(one, BaseException)]
    assert len(found) == len(set(found)) >= 2
    assert await in_pool() == list("abcdefgh")
