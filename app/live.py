"""Who watches what in this process, and when should they look?

One connection to Valkey hears of what is watched here and of nothing else. A hint says that a
member or a challenge has changed, never how: whoever watches reads it as a query would. So a hint
that is lost only delays: a stream begins by reading, all look when the connection is there again,
and each by itself now and then.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from db.connection import UNAVAILABLE
from domain.members import aliases
from workers.waiting import OnceAMinute, set_within

LISTEN_SECONDS = 1.0
TURNS_PER_SECOND = 200
TOGETHER_MAX = 500
_PREFIX = "accrue:"
# A connection that listens to nothing can't be read from.
_ALWAYS = f"{_PREFIX}live"

_log = structlog.get_logger(component="live")


@dataclass(eq=False, slots=True)
class Watcher:
    """`topics` empty: any of them matters."""

    topics: frozenset[str]
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, topics: Collection[str]) -> None:
        if not self.topics or not topics or not self.topics.isdisjoint(topics):
            self.woken.set()


class Live:
    """The watchers of one process, by channel."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[Watcher]] = {}
        self._changed = asyncio.Event()
        self._next_turn = 0.0
        self._complaint = OnceAMinute()

    @contextmanager
    def listening(self, channel: str, *topics: str) -> Iterator[asyncio.Event]:
        """An event that is set when there may be news there, of these topics or of any."""
        watcher = Watcher(frozenset(topics))
        if channel not in self._watchers:
            self._changed.set()
        self._watchers.setdefault(channel, set()).add(watcher)
        try:
            yield watcher.woken
        finally:
            self._watchers[channel].discard(watcher)
            if not self._watchers[channel]:
                del self._watchers[channel]
                self._changed.set()

    async def turn(self) -> None:
        """Wait for one's turn to look: where thousands are woken at once, queries go on."""
        now = time.monotonic()
        self._next_turn = max(now, self._next_turn + 1 / TURNS_PER_SECOND)
        if self._next_turn > now:
            await set_within(asyncio.Event(), self._next_turn - now)

    def may_pass(self, error: Exception) -> bool:
        """Whether PostgreSQL is only away, so that looking again later helps."""
        return isinstance(error, UNAVAILABLE)

    async def run(self, stop: asyncio.Event, valkey: Redis) -> None:
        """Listen until `stop`, over restarts of Valkey too."""
        while not stop.is_set():
            try:
                async with valkey.pubsub() as connection, asyncio.TaskGroup() as group:
                    await connection.subscribe(_ALWAYS)
                    at_work = [self._follow(connection), self._listen(connection)]
                    tasks = [group.create_task(work) for work in at_work]
                    await stop.wait()
                    for task in tasks:
                        task.cancel()
            except* Exception as errors:  # noqa: BLE001  who ends here would be deaf for good
                if self._complaint.may_speak():
                    _log.warning("live.deaf", reason=type(errors.exceptions[0]).__name__)
                await set_within(stop, LISTEN_SECONDS)

    async def _listen(self, connection: PubSub) -> None:
        while True:
            self._hear(await connection.get_message(timeout=LISTEN_SECONDS))

    async def _follow(self, connection: PubSub) -> None:
        """Hear of what is watched, and of nothing else any more."""
        heard: set[str] = set()
        while True:
            self._changed.clear()
            wanted = set(self._watchers)
            for part in _parts(wanted - heard):
                await connection.subscribe(*part)
            for part in _parts(heard - wanted):
                await connection.unsubscribe(*part)
            heard = wanted
            await self._changed.wait()

    def _hear(self, message: "dict[str, Any] | None") -> None:
        """A subscription that has begun wakes as well: something may have changed before it did."""
        if message is None or message["type"] not in {"message", "subscribe"}:
            return
        channel = message["channel"].decode(errors="replace").removeprefix(_PREFIX)
        topics = _topics(message["data"])
        if "identity" in topics:
            aliases.expire()
        for watcher in self._watchers.get(channel, ()):
            watcher.hear(topics)


def _topics(data: object) -> list[str]:
    """None is named where a subscription begins or the sender doesn't say."""
    return data.decode(errors="replace").split(",") if isinstance(data, bytes) and data else []


def _parts(channels: Collection[str]) -> Iterable[list[str]]:
    named = [f"{_PREFIX}{channel}" for channel in channels]
    return [named[at : at + TOGETHER_MAX] for at in range(0, len(named), TOGETHER_MAX)]
