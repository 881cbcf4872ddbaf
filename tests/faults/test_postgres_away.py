"""What do users notice when PostgreSQL crashes or stands still, and is all well afterwards?"""

import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager, contextmanager

import psutil
import pytest

from db.connection import COMMAND_SECONDS
from kit import clock
from tests.faults.shopping import customers, expected, shopping
from tests.faults.state import require_as_modelled, require_nothing_set_aside, require_sound_books
from tests.support.faults import Client, pause, ready, send, settled, token, until, worked_off
from tests.support.world import programme

pytestmark = [pytest.mark.fault, pytest.mark.alone]
READERS = 8
RESTARTS = 3
HEALED_SECONDS_MAX = 3
STILL_SECONDS = 10
RED_SECONDS_MAX = 5
READ = "query Read($id: String!) { member(externalId: $id) { nickname points { available } } }"


class Readers:
    """Clients that ask without end, and when each answer or failure came."""

    def __init__(self, api: str, subject: str) -> None:
        self.seen: list[tuple[float, str]] = []
        self.slowest_seconds = 0.0
        self._api = api
        self._subject = subject

    @asynccontextmanager
    async def reading(self):
        tasks = [asyncio.create_task(self._read()) for _ in range(READERS)]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def first_success(self, since: float) -> float | None:
        return next((at - since for at, error in self.seen if at > since and not error), None)

    def failures(self, since: float) -> list[str]:
        return [error for at, error in self.seen if at > since and error]

    async def _read(self) -> None:
        async with Client(self._api, token("staff", "reader"), timeout_seconds=60) as client:
            while True:
                found = await client.try_once(READ, id=self._subject)
                error = "" if found else client.answers.failures[-1]
                self.seen.append((time.monotonic(), error))
                self.slowest_seconds = max(self.slowest_seconds, client.answers.seconds[-1])
                await pause(0.01)


async def test_reads_go_on_3_seconds_after_postgresql_is_back(shop, fleet, api, measured):
    api_pid = fleet.pid("api")
    readers = Readers(api, (await customers(1))[0])
    async with readers.reading():
        for number in range(RESTARTS):
            await until(lambda: a_read(readers), 10, what="readers read")
            await asyncio.to_thread(shop.postgres.restart, immediate=True)
            up_at = time.monotonic()
            await pause(HEALED_SECONDS_MAX)
            healed_at = time.monotonic()
            first = readers.first_success(up_at)
            assert first is not None
            assert first <= HEALED_SECONDS_MAX
            await pause(1)
            assert readers.failures(healed_at) == []
            measured[f"first success {number} after s"] = first
    assert not [error for error in readers.failures(0) if "INTERNAL" in error]
    assert (fleet.pid("api"), fleet.ended("api")) == (api_pid, None)


async def a_read(readers) -> bool:
    now = time.monotonic()
    return any(at > now - 0.5 and not error for at, error in readers.seen)


async def test_when_postgresql_stands_still_requests_end_and_readiness_says_so(
    shop, fleet, api, service, chance, measured
):
    subjects = await customers(20)
    facts = shopping(chance, subjects, 200, clock.now())
    fleet.start_worker()
    fleet.start_relay()
    await send(service, facts[:80])
    await until(worked_off, 60, what="worker and relay are at work")
    readers = Readers(api, subjects[0])
    async with readers.reading(), Client(api, token("staff", "probe")) as probe:
        with standing_still(shop.postgres.pid):
            sending = asyncio.create_task(send(service, facts[80:]))
            red_after = await until(lambda: is_red(probe), STILL_SECONDS, what="readiness is red")
            await pause(STILL_SECONDS - red_after)
        green_after = await until(lambda: ready(probe), 20, what="readiness is green again")
        await sending
    slowest = max(readers.slowest_seconds, *service.answers.seconds)
    measured |= {"red after s": red_after, "green after s": green_after, "slowest s": slowest}
    assert red_after <= RED_SECONDS_MAX
    assert slowest <= COMMAND_SECONDS + 1
    await until(settled, 60, what="everything is done")
    now = clock.now()
    await require_nothing_set_aside()
    await require_as_modelled(expected(facts, programme()), now)
    await require_sound_books(now)


async def is_red(probe) -> bool:
    return await probe.status("/readyz") == 503


@contextmanager
def standing_still(pid: int):
    """SIGSTOP for a server and all its children."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)
