"""Who watches their notifications here, and when should they look?

One connection to Valkey hears of all members and wakes those who watch in this process. A hint that
is lost only delays: who watches looks by themselves every half a minute, and all look when the
connection is there again.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from workers.waiting import set_within

LISTEN_SECONDS = 1.0
_PATTERN = "accrue:member:*"


class Live:
    """The watchers of one process, by member."""

    def __init__(self) -> None:
        self._watchers: dict[UUID, set[asyncio.Event]] = {}

    @contextmanager
    def listening(self, member_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set when there may be news of the member."""
        event = asyncio.Event()
        self._watchers.setdefault(member_id, set()).add(event)
        try:
            yield event
        finally:
            self._watchers[member_id].discard(event)
            if not self._watchers[member_id]:
                del self._watchers[member_id]

    async def run(self, stop: asyncio.Event, valkey: Redis) -> None:
        """Listen until `stop`, over restarts of Valkey too."""
        while not stop.is_set():
            try:
                async with valkey.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.psubscribe(_PATTERN)
                    self._wake_all()
                    while not stop.is_set():
                        self._hear(await channel.get_message(timeout=LISTEN_SECONDS))
            except (RedisError, OSError):
                await set_within(stop, LISTEN_SECONDS)

    def _hear(self, message: "dict[str, bytes] | None") -> None:
        if message is None:
            return
        try:
            member_id = UUID(message["channel"].decode().rpartition(":")[2])
        except ValueError:
            return
        for event in self._watchers.get(member_id, ()):
            event.set()

    def _wake_all(self) -> None:
        for events in self._watchers.values():
            for event in events:
                event.set()
