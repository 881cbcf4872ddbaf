"""How does a worker learn of a due job? The relay reads which are due and rings doorbells.

It reads when a commit has woken it, and twice a second anyway. It is a window over the jobs that
wait longest: what it read last time and didn't find again was claimed. Without Valkey nothing is
lost, for workers look for overdue jobs themselves; more than one relay rings twice, no worse.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from db import jobs
from db.connection import reader
from db.jobs import Due
from db.signals import JOBS
from kit import clock
from workers.runner import batches
from workers.waiting import OnceAMinute, set_within

IDLE_SECONDS = 0.5
# Between two reads: commits that follow each other closely wake it once.
BREATH_SECONDS = 0.05
BACK_OFF_SECONDS_MAX = 5.0
WINDOW_MAX = 500
SILENCE = timedelta(seconds=10)
LISTEN_SECONDS = 1.0

_log = structlog.get_logger(component="relay")

Ring = Callable[[str, UUID, UUID], None]


class Relay:
    def __init__(self, ring: Ring, sizes: Mapping[str, int]) -> None:
        """`sizes`: each kind of jobs and how many of it are claimed together."""
        self._ring = ring
        self._sizes = sizes
        self._rung_at: dict[UUID, datetime] = {}
        self._woken = asyncio.Event()
        self._without_valkey = OnceAMinute()
        self._without_postgres = OnceAMinute()

    async def run(self, stop: asyncio.Event, valkey: Redis, beat: Callable[[], None]) -> None:
        """Ring until `stop`; `beat` is called each time round."""
        listening = asyncio.create_task(self._listen(stop, valkey))
        back_off_seconds = IDLE_SECONDS
        while not stop.is_set():
            beat()
            turn = asyncio.create_task(self.tick(clock.now()))
            await asyncio.wait({turn})
            if error := turn.exception():
                if self._without_postgres.may_speak():
                    _log.warning("due jobs can't be read", exc_info=error)
                await set_within(stop, back_off_seconds)
                back_off_seconds = min(back_off_seconds * 2, BACK_OFF_SECONDS_MAX)
                continue
            back_off_seconds = IDLE_SECONDS
            await self._wait(stop, is_full=turn.result() >= WINDOW_MAX)
        await listening

    async def tick(self, now: datetime) -> int:
        """Ring for what is due and wasn't rung for within 10 seconds; how many jobs are due."""
        async with reader() as tx:
            found = await jobs.due(tx, list(self._sizes), now, limit=WINDOW_MAX)
        self._rung_at = {
            job.id: at
            for job in found
            if (at := self._rung_at.get(job.id)) is not None and now - at < SILENCE
        }
        waiting = [job for job in found if job.id not in self._rung_at]
        if waiting:
            rung = await asyncio.to_thread(self._ring_all, batches(waiting, self._sizes))
            self._rung_at |= dict.fromkeys(rung, now)
        return len(found)

    def _ring_all(self, groups: Sequence[Sequence[Due]]) -> list[UUID]:
        rung: list[UUID] = []
        for group in groups:
            try:
                self._ring(group[0].kind, group[0].member_id, group[0].id)
            except (RedisError, OSError) as error:
                if self._without_valkey.may_speak():
                    _log.warning("no doorbells: Valkey is gone, workers poll", error=str(error))
                break
            rung += [job.id for job in group]
        return rung

    async def _wait(self, stop: asyncio.Event, *, is_full: bool) -> None:
        if await set_within(stop, BREATH_SECONDS) or is_full:
            return
        waits = {asyncio.create_task(event.wait()) for event in (stop, self._woken)}
        await asyncio.wait(waits, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self._woken.clear()

    async def _listen(self, stop: asyncio.Event, valkey: Redis) -> None:
        while not stop.is_set():
            try:
                async with valkey.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(f"accrue:{JOBS.channel}")
                    while not stop.is_set():
                        if await channel.get_message(timeout=LISTEN_SECONDS):
                            self._woken.set()
            except (RedisError, OSError):
                await set_within(stop, LISTEN_SECONDS)
