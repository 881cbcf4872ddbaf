"""Do the worker and the relay process do their work together, and end when they are told to?"""

import asyncio
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from kit import clock
from tests.support.processes import ROOT, eventually
from tests.workers.acts import a_job, add, effects
from workers.waiting import set_within

PROGRAM = """
import sys
from app.{name} import run_{name}
from kit.settings import Settings
from tests.workers.acts import counting
url, redis, folder = sys.argv[1:]
settings = Settings(DATABASE_URL=url, REDIS_URL=redis, data_dir=folder)
run_{name}(settings, [counting(batch=5)]{more})
"""
WORKER = PROGRAM.format(name="worker", more="")
RELAY = PROGRAM.format(name="relay", more=", []")
NOWHERE = "redis://127.0.0.1:1/0"

pytestmark = pytest.mark.usefixtures("database", "valkey")


@contextmanager
def started(program: str, *arguments: object):
    """The process, told to stop at the end, which it has to do by itself and soon."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


async def counted(number: int) -> dict[str, int]:
    async with asyncio.timeout(20):
        while len(found := await effects()) < number:
            await set_within(asyncio.Event(), 0.02)
    return found


async def test_relay_and_worker_do_the_jobs_between_them(database, redis_url, tmp_path):
    added = [a_job(run_at=clock.now()) for _ in range(60)]
    with (
        started(WORKER, database, redis_url, tmp_path),
        started(RELAY, database, redis_url, tmp_path),
    ):
        await asyncio.to_thread(eventually, (tmp_path / "worker.alive").exists)
        await asyncio.to_thread(eventually, (tmp_path / "relay.alive").exists)
        await add(*added)
        assert await counted(60) == {job.key: 1 for job in added}


async def test_a_worker_alone_does_them_without_valkey(database, tmp_path):
    added = [a_job(run_at=clock.now()) for _ in range(20)]
    await add(*added)
    with started(WORKER, database, NOWHERE, tmp_path):
        assert await counted(20) == {job.key: 1 for job in added}
