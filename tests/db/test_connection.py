"""Does the transaction helper keep its connections, whatever happens inside?"""

import asyncio
import random
from contextlib import suppress

import asyncpg
import pytest

from db import signals
from db.connection import UNAVAILABLE, Contended, pool, reader, transaction, transactional
from db.signals import Signal

pytestmark = pytest.mark.usefixtures("database")
INSERT = "INSERT INTO reward_stock VALUES ($1, 0)"
ADD = "UPDATE reward_stock SET sold = sold + 1 WHERE reward_code = $1"


async def codes() -> list[str]:
    async with reader() as tx:
        rows = await tx.fetch("SELECT reward_code FROM reward_stock ORDER BY 1")
    return [row["reward_code"] for row in rows]


async def assert_whole():
    """All connections are at home, and each of them works."""
    assert pool().get_idle_size() == pool().get_size()
    together = asyncio.Barrier(pool().get_max_size())

    async def use():
        async with transaction() as tx:
            await together.wait()
            return await tx.fetchval("SELECT 1")

    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(use() for _ in range(pool().get_max_size())))
    assert answers == [1] * pool().get_max_size()


def pids() -> list[int]:
    holders = [holder._con for holder in pool()._holders]
    return [holder.get_server_pid() for holder in holders if holder and not holder.is_closed()]


async def test_a_block_that_ends_is_committed():
    async with transaction() as tx:
        assert await tx.execute(INSERT, "MUG") == 1
    assert await codes() == ["MUG"]


async def test_a_block_that_raises_is_rolled_back():
    async def fail() -> None:
        async with transaction() as tx:
            await tx.execute(INSERT, "MUG")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    assert await codes() == []
    await assert_whole()


async def test_a_signal_is_sent_after_the_commit_and_not_after_a_rollback():
    heard = asyncio.Queue()

    class Batch(list):
        def publish(self, channel: str, message: str) -> None:
            self.append((channel, message))

        async def execute(self, *, raise_on_error: bool) -> None:
            del raise_on_error
            for channel, message in self:
                heard.put_nowait((channel, message, await codes()))

    class Publisher:
        def pipeline(self, *, transaction: bool) -> Batch:
            assert not transaction
            return Batch()

    signals.use(Publisher())
    try:
        with suppress(ValueError):
            async with transaction() as tx:
                tx.wake(Signal("jobs"))
                raise ValueError("no")
        async with transaction() as tx:
            await tx.execute(INSERT, "MUG")
            tx.wake(Signal("member", "42"))
        assert await asyncio.wait_for(heard.get(), 5) == ("accrue:member", "42", ["MUG"])
    finally:
        signals.use(None)
    assert heard.empty()


async def test_a_thousand_cancelled_requests_leak_no_connection():
    chance = random.Random(2)  # noqa: S311  a fixed order

    async def request(number: int) -> None:
        async with transaction() as tx:
            await tx.execute(INSERT, f"{number}")
            await tx.fetchval("SELECT pg_sleep(0.001)")

    for hundred in range(10):
        tasks = [asyncio.create_task(request(100 * hundred + n)) for n in range(100)]
        for task in chance.sample(tasks, 100):
            await asyncio.wait({task}, timeout=chance.uniform(0, 0.001))
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    await assert_whole()


async def test_connections_that_the_server_ended_are_replaced(database):
    async def loop(errors: list[Exception], rounds: int) -> None:
        for _ in range(rounds):
            try:
                async with transaction() as tx:
                    await tx.fetchval("SELECT pg_sleep(0.001)")
            except UNAVAILABLE as error:
                errors.append(error)

    owner = await asyncpg.connect(database)
    broken, sticky = [], []
    loops = asyncio.gather(*(loop(broken, 100) for _ in range(20)))
    for _ in range(5):
        await asyncio.wait({asyncio.ensure_future(loop([], 2))})
        await owner.fetch("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", pids())
    await loops
    await asyncio.gather(*(loop(sticky, 20) for _ in range(20)))
    await owner.close()
    assert broken != []
    assert sticky == []
    await assert_whole()


async def test_a_verb_is_run_again_where_another_transaction_was_first():
    runs = []

    @transactional
    async def verb(tx):
        runs.append(await tx.execute(INSERT, "MUG"))
        if len(runs) < 3:
            raise Contended
        return "done"

    assert await verb() == "done"
    assert runs == [1, 1, 1]
    assert await codes() == ["MUG"]


async def test_a_verb_that_never_gets_through_gives_up_after_five_runs():
    runs = []

    @transactional
    async def verb(_tx):
        runs.append(1)
        raise Contended

    with pytest.raises(Contended):
        await verb()
    assert len(runs) == 5


async def test_a_deadlock_is_resolved_by_running_one_verb_again():
    async with transaction() as tx:
        await tx.execute(INSERT, "A")
        await tx.execute(INSERT, "B")
    runs = {"AB": 0, "BA": 0}
    both_began = asyncio.Barrier(2)

    @transactional
    async def add(tx, order: str) -> None:
        runs[order] += 1
        await tx.execute(ADD, order[0])
        if runs[order] == 1:
            await both_began.wait()
        await tx.execute(ADD, order[1])

    await asyncio.gather(add("AB"), add("BA"))
    async with reader() as tx:
        rows = await tx.fetch("SELECT sold FROM reward_stock")
    assert [row["sold"] for row in rows] == [2, 2]
    assert sorted(runs.values()) == [1, 2]
