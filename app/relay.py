"""What runs in a relay process? The relay, and the schedule of the one relay process that leads."""

import asyncio
from collections.abc import Sequence

import uvloop

from app.leaderboards import Leaderboards
from app.processes import Heartbeat, stop_event
from app.worker import HANDLERS
from db import signals
from db.connection import close_pool, open_pool, reader
from db.leadership import Leadership
from domain.challenges import boards
from domain.challenges.views import entries_after
from domain.programme.views import versions
from kit.settings import Settings
from workers.broker import Doorbells, make_broker, make_client
from workers.entries import ENTRIES
from workers.relay import Relay
from workers.runner import Handler
from workers.schedule import LOCK, Day, Entry, Schedule

POOL_SIZE = 5
DAY_BEFORE_THE_FIRST_PROGRAMME = Day("UTC")


def run_relay(
    settings: Settings,
    handlers: Sequence[Handler] = HANDLERS,
    entries: Sequence[Entry] = ENTRIES,
) -> None:
    """Ring and schedule until SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_relay(settings, handlers, entries))


def schedule(entries: Sequence[Entry] = ENTRIES) -> Schedule:
    """The schedule, for the process that leads and for commands."""
    return Schedule(entries, _day)


async def _relay(settings: Settings, handlers: Sequence[Handler], entries: Sequence[Entry]) -> None:
    stop = stop_event()
    await open_pool(settings.database_url, size=POOL_SIZE)
    kinds = {handler.kind: handler.batch for handler in handlers if not handler.calls_out}
    doorbells = Doorbells(make_broker(settings.redis_url), kinds, _unanswered)
    heartbeat = Heartbeat(settings.data_dir / "relay.alive", 2)
    leadership = Leadership(settings.database_url, LOCK)
    async with make_client(settings.redis_url) as valkey:
        signals.use(valkey)  # pyright: ignore[reportArgumentType]  its overloads
        boards.use(Leaderboards(valkey, entries_after))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(Relay(doorbells.ring, kinds).run(stop, valkey, heartbeat.of(0)))
                group.create_task(schedule(entries).run(stop, leadership, heartbeat.of(1)))
        finally:
            boards.use(None)
            signals.use(None)
            await close_pool()


async def _unanswered(kind: str, member_id: object, job_id: object) -> None:
    raise NotImplementedError(f"{kind} {member_id} {job_id}: a relay rings and never answers")


async def _day() -> Day:
    async with reader() as tx:
        latest = (await versions(tx)).latest()
    if latest is None:
        return DAY_BEFORE_THE_FIRST_PROGRAMME
    return Day(latest.programme.zone, latest.programme.day_start_hour)
