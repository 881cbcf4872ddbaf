"""Does a process go on by itself when PostgreSQL is restarted under it?"""

import asyncio
import json
import shutil

from db.connection import UNAVAILABLE, close_pool, open_pool, pool, transaction
from dev.postgres import Postgres, psql
from tests.support.processes import python
from tests.support.services import open_folder

TASKS = 20
ROUNDS_AFTERWARDS = 50
PROGRAM = """
import asyncio, json
from tests.db.test_connection_restart import restart_under_load
print(json.dumps(asyncio.run(restart_under_load())))
"""


def test_after_an_immediate_restart_no_error_stays_and_no_connection_is_lost():
    with python(PROGRAM) as process:
        output, _ = process.communicate(timeout=120)
    found = json.loads(output.splitlines()[-1])
    assert found["while it was away"] > 0
    assert found["afterwards"] == 0
    assert found["idle"] == found["size"]


async def restart_under_load() -> dict[str, int]:
    """What the test's own process does: the pool is one a process, and here its server dies."""
    folder = open_folder()
    server = Postgres(folder, durable=False)
    await asyncio.to_thread(server.start)
    try:
        psql(server.url, "CREATE ROLE accrue_app")
        await open_pool(server.url)
        errors = await _errors(server)
        await close_pool()
    finally:
        server.stop()
        server.remove()
        shutil.rmtree(folder)
    return errors


async def _errors(server: Postgres) -> dict[str, int]:
    is_back = asyncio.Event()
    tasks = [asyncio.create_task(_use(is_back)) for _ in range(TASKS)]
    for _ in range(2):
        await asyncio.to_thread(server.restart, immediate=True)
        await asyncio.wait(tasks, timeout=0.2)
    is_back.set()
    errors = await asyncio.gather(*tasks)
    return {
        "while it was away": sum(away for away, _ in errors),
        "afterwards": sum(afterwards for _, afterwards in errors),
        "idle": pool().get_idle_size(),
        "size": pool().get_size(),
    }


async def _use(is_back: asyncio.Event) -> tuple[int, int]:
    """Errors while the server was away, and of a long-lived task once it had answered again."""
    away = 0
    while not is_back.is_set():
        away += not await _succeeds()
    afterwards = sum([not await _succeeds() for _ in range(ROUNDS_AFTERWARDS)])
    return away, afterwards


async def _succeeds() -> bool:
    try:
        async with transaction() as tx:
            await tx.fetchval("SELECT pg_sleep(0.001)")
    except UNAVAILABLE:
        # Without a server a refusal comes at once: leave the other tasks their turn.
        await asyncio.wait_for(_turn(), 1)
        return False
    return True


async def _turn() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, done.set)
    await done.wait()
