"""How do doorbells travel? As Dramatiq messages that hold a member's and a job's id, no more."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import dramatiq
import redis
from dramatiq.asyncio import EventLoopThread, set_event_loop_thread
from dramatiq.brokers.redis import RedisBroker
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from workers.waiting import OnceAMinute

QUEUE = "jobs"
NAMESPACE = "accrue"
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5
HEARTBEAT_TIMEOUT_MILLISECONDS = 20_000
# Out of a million commands; the default of 1,000 finds a dead worker's doorbells after 20 minutes.
MAINTENANCE_CHANCE = 100_000

Answer = Callable[[str, UUID, UUID], Awaitable[None]]


class _Client(redis.Redis):
    """Every failure looks like a lost connection: others (fail-over) end Dramatiq's threads."""

    def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  as the client's
        try:
            return super().execute_command(*args, **options)
        except NoScriptError:
            raise
        except redis.RedisError as error:
            raise redis.ConnectionError(str(error)) from error


class _Loop(EventLoopThread):
    """The process's own loop stands in for the thread that Dramatiq would start for its coroutines.

    The connections of actors, of the poll and of the signals belong to one loop this way, and it
    outlives a Dramatiq worker that has to be replaced.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        threading.Thread.__init__(self)
        self.loop = loop
        self.interrupt_check_ival = 1.0


def use_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Run coroutines of Dramatiq's threads on `loop`."""
    set_event_loop_thread(_Loop(loop) if loop is not None else None)


def make_broker(redis_url: str) -> RedisBroker:
    """Without Dramatiq's retries, results, time limits and metrics: jobs have ours."""
    client = _Client.from_url(
        redis_url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisBroker(
        client=client,
        middleware=[],
        namespace=NAMESPACE,
        heartbeat_timeout=HEARTBEAT_TIMEOUT_MILLISECONDS,
        maintenance_chance=MAINTENANCE_CHANCE,
    )


def make_client(redis_url: str) -> AsyncRedis:
    """For signals: a lost one isn't sent again."""
    return AsyncRedis.from_url(
        redis_url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=AsyncRetry(NoBackoff(), 0),
    )


class Doorbells:
    """One Dramatiq actor for each kind of jobs, all on one queue."""

    def __init__(self, broker: RedisBroker, kinds: Iterable[str], answer: Answer) -> None:
        self._actors = {kind: _declare(broker, kind, answer) for kind in kinds}

    def ring(self, kind: str, member_id: UUID, job_id: UUID) -> None:
        """Send a doorbell. Blocks, at most some seconds: call it in a thread."""
        self._actors[kind].send(str(member_id), str(job_id))


def _declare(broker: RedisBroker, kind: str, answer: Answer) -> dramatiq.Actor[..., Any]:
    async def answer_doorbell(member_id: str, job_id: str) -> None:
        await answer(kind, UUID(member_id), UUID(job_id))

    return dramatiq.actor(actor_name=kind, queue_name=QUEUE, broker=broker)(answer_doorbell)


def silence_repeated_complaints() -> None:
    """While Valkey is gone, Dramatiq's consumers say so once a minute, not every three seconds."""
    complaint = OnceAMinute()
    for queue in (QUEUE, f"{QUEUE}.DQ"):
        logger = logging.getLogger(f"dramatiq.worker.ConsumerThread({queue})")
        logger.addFilter(lambda record: record.levelno >= logging.WARNING and complaint.may_speak())
