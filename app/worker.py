"""What runs in a worker process? Actors for doorbells, and a poll for when there are none."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import uvloop

from app.leaderboards import Leaderboards
from app.letters import outbox
from app.processes import Heartbeat, stop_event
from db import signals
from db.connection import close_pool, open_pool
from domain.batches.steps import Kind
from domain.challenges import boards
from domain.challenges.views import entries_after
from kit.settings import Settings
from workers import (
    challenges,
    checkouts,
    community,
    gifts,
    intake,
    meetups,
    notifications,
    posting,
    referrals,
    rewards,
    tasks,
    webhooks,
)
from workers.batches import KINDS, Batches
from workers.broker import Doorbells, make_broker, make_client, silence_repeated_complaints
from workers.consumer import Listener
from workers.runner import Handler, Runner

HANDLERS = (
    gifts.welcome,
    gifts.tier_gifts,
    intake.process,
    intake.assess_tiers,
    intake.remove,
    intake.settle,
    notifications.send,
    referrals.bound,
    referrals.qualify,
    referrals.award_invitee,
    referrals.award_inviter,
    referrals.reverse,
    referrals.reverse_inviter,
    rewards.raise_tier,
    webhooks.send,
    challenges.assess,
    challenges.pay,
    tasks.assess,
    tasks.complete,
    checkouts.complete,
    checkouts.lapse,
    community.receive,
    community.look_at_returned,
    meetups.promote,
)
CALLS_OUT_MAX = 32


def run_worker(
    settings: Settings, handlers: Sequence[Handler] = HANDLERS, kinds: Sequence[Kind] = KINDS
) -> None:
    """Work until SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings, handlers, kinds))


async def _work(settings: Settings, handlers: Sequence[Handler], kinds: Sequence[Kind]) -> None:
    stop = stop_event()
    silence_repeated_complaints()
    await open_pool(settings.database_url, size=settings.worker_pool_size)
    notifications.use(outbox(settings))
    posting.use(posting.Poster(allows_private=settings.webhook_allow_private))
    inside = [handler for handler in handlers if not handler.calls_out]
    runner = Runner(inside, concurrency=settings.worker_threads)
    outside = callers(handlers)
    broker = make_broker(settings.redis_url)
    Doorbells(broker, [handler.kind for handler in inside], runner.answer)
    listener = Listener(broker, threads=settings.worker_threads)
    heartbeat = Heartbeat(settings.data_dir / "worker.alive", 2 + len(outside))
    async with make_client(settings.redis_url) as valkey:
        signals.use(valkey)  # pyright: ignore[reportArgumentType]  its overloads
        boards.use(Leaderboards(valkey, entries_after))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(listener.run(stop))
                group.create_task(runner.poll(stop, heartbeat.of(0)))
                group.create_task(Batches(kinds).run(stop, heartbeat.of(1)))
                for number, caller in enumerate(outside, start=2):
                    group.create_task(caller.poll(stop, heartbeat.of(number)))
        finally:
            boards.use(None)
            signals.use(None)
            await close_pool()


def callers(handlers: Sequence[Handler]) -> list[Runner]:
    """A runner for each kind that calls out: who is slow to answer one kind holds up no other."""
    outside = [handler for handler in handlers if handler.calls_out]
    return [Runner([one], concurrency=CALLS_OUT_MAX, grace=timedelta()) for one in outside]
