"""A change until its subscriber sees it, against what Valkey alone takes to bring a message.

One uvicorn process with 1,000 idle subscribers of `meChanged`, each another member; this process
changes one member after another and publishes the hint, as any process of ours does. Measured from
the end of the commit to the answer at the client. In turn a bare message goes through the same
Valkey to a plain subscriber in this process. The ratio is that of the median times. Memory and CPU
are those of the API process, before and with its idle subscribers.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from statistics import quantiles
from uuid import UUID

import uvloop
from psutil import Process
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.bed import Bed, arguments, bed, free_port, report, token, wait_until_ready
from benchmarks.crowd import member_id
from db import signals
from db.connection import close_pool, open_pool
from domain.rewards import operations
from domain.rewards.model import Adjustment
from kit.ids import new_id
from workers.broker import make_client

SUBSCRIBERS = 1_000
SETTLE_SECONDS = 3.0
IDLE_SECONDS = 60.0
"""So long that each subscriber's own look falls into it."""
CHANGES_PER_SECOND = 20
SECONDS_MAX = 30
GOAL = 0.05
CHANNEL = "benchmark"
QUERY = "subscription { meChanged { points { available pending } } }"


class Subscriber:
    """One idle client; `seen` is set to when its latest answer came."""

    def __init__(self, who: UUID, socket: ClientConnection) -> None:
        self.who = who
        self._socket = socket
        self._reading: asyncio.Task[None] | None = None
        self.seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def begin(self, bearer: str) -> None:
        payload = {"Authorization": f"Bearer {bearer}"}
        await self._socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await self._socket.recv()
        asked = {"type": "subscribe", "id": "1", "payload": {"query": QUERY}}
        await self._socket.send(json.dumps(asked))
        answer = json.loads(await self._socket.recv())
        if answer["type"] != "next" or "errors" in answer["payload"]:
            raise SystemExit(f"not a first value: {answer}")
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for _ in self._socket:
            if not self.seen.done():
                self.seen.set_result(time.perf_counter())


def main() -> None:
    asked = arguments(__doc__)
    subscribers, seconds = min(SUBSCRIBERS, asked.members - 1), asked.seconds * asked.rounds
    with bed(asked.members) as found:
        port = free_port()
        argv = ("-m", "app.cli", "api", "--host", "127.0.0.1", "--port", str(port))
        with found.process(*argv) as child:
            wait_until_ready(f"http://127.0.0.1:{port}/livez", child)
            rows, ratio = uvloop.run(
                _measure(found, port, Process(child.pid), subscribers, seconds)
            )
    report("live", rows, ratio=ratio, goal=GOAL)


async def _measure(
    found: Bed, port: int, process: Process, subscribers: int, seconds: float
) -> tuple[list[dict[str, object]], float]:
    await open_pool(found.database_url, size=4)
    try:
        async with make_client(found.redis_url) as valkey, AsyncExitStack() as stack:
            signals.use(valkey)  # pyright: ignore[reportArgumentType]  its overloads
            await _subscribed(stack, found, port, range(1))
            before = process.memory_info().rss
            began = time.perf_counter()
            clients = await _subscribed(stack, found, port, range(1, subscribers + 1))
            took = time.perf_counter() - began
            await _pause(SETTLE_SECONDS)
            after, idle = process.memory_info().rss, await _cpu_share(process, IDLE_SECONDS)
            live, bare = await _delays(clients, valkey, seconds)
    finally:
        signals.use(None)
        await close_pool()
    each = (after - before) / len(clients) / 1024
    rows: list[dict[str, object]] = [
        {"what": f"{len(clients)} subscribers come", "seconds": took},
        {"what": "API process before, MiB", "value": before / 1024**2},
        {"what": "API process with them, MiB", "value": after / 1024**2},
        {"what": "each subscriber, KiB", "value": each},
        {"what": "CPU while they idle, % of a core", "value": 100 * idle},
        _row("commit to subscriber", live),
        _row("bare Valkey message", bare),
    ]
    return rows, _cut(bare, 50) / _cut(live, 50)


async def _subscribed(
    stack: AsyncExitStack, found: Bed, port: int, numbers: Sequence[int]
) -> list[Subscriber]:
    url, gate = f"ws://127.0.0.1:{port}/graphql", asyncio.Semaphore(20)

    async def one(number: int) -> Subscriber:
        async with gate:
            who = member_id(number)
            socket = await connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
            stack.push_async_callback(socket.close)
            subscriber = Subscriber(who, socket)
            await subscriber.begin(token("member", str(who), found.now))
            return subscriber

    return list(await asyncio.gather(*(one(number) for number in numbers)))


async def _delays(
    clients: Sequence[Subscriber], valkey: Redis, seconds: float
) -> tuple[list[float], list[float]]:
    """In milliseconds, one of each kind in turn."""
    live: list[float] = []
    bare: list[float] = []
    async with _plain(valkey) as messages:
        until = time.perf_counter() + seconds
        for number, client in enumerate(itertools.cycle(clients)):
            if time.perf_counter() > until:
                break
            live.append(await _change(client, number))
            began = time.perf_counter()
            await valkey.publish(CHANNEL, b"")
            bare.append(1_000 * (await asyncio.wait_for(messages.get(), SECONDS_MAX) - began))
            await _pause(1 / CHANGES_PER_SECOND)
    return live, bare


async def _change(client: Subscriber, number: int) -> float:
    client.seen = asyncio.get_running_loop().create_future()
    asked = Adjustment(client.who, 1, "benchmark", f"{number} {new_id()}")
    await operations.adjust("benchmark", asked, now=datetime.now(UTC))  # noqa: TID251
    committed = time.perf_counter()
    return 1_000 * (await asyncio.wait_for(client.seen, SECONDS_MAX) - committed)


@asynccontextmanager
async def _plain(valkey: Redis) -> AsyncIterator[asyncio.Queue[float]]:
    """When each bare message came."""
    came: asyncio.Queue[float] = asyncio.Queue()
    async with valkey.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(CHANNEL)

        async def listen() -> None:
            while True:
                if await channel.get_message(timeout=1.0) is not None:
                    came.put_nowait(time.perf_counter())

        listening = asyncio.create_task(listen())
        await _pause(0.5)
        try:
            yield came
        finally:
            listening.cancel()
            await asyncio.wait({listening})


def _row(what: str, times: Sequence[float]) -> dict[str, object]:
    return {"what": what, "p50 ms": _cut(times, 50), "p99 ms": _cut(times, 99), "of": len(times)}


def _cut(times: Sequence[float], percent: int) -> float:
    return quantiles(times, n=100)[percent - 1]


async def _cpu_share(process: Process, seconds: float) -> float:
    before, began = process.cpu_times(), time.perf_counter()
    await _pause(seconds)
    after, took = process.cpu_times(), time.perf_counter() - began
    return (after.user + after.system - before.user - before.system) / took


async def _pause(seconds: float) -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        return


if __name__ == "__main__":
    main()
