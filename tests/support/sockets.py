"""How does a test watch? Through a real server and real WebSockets, as a client would."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.live import Live
from app.sockets import Socket
from db import signals
from tests.support.api import Asking

SECONDS_MAX = 20
PROTOCOL = Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def served(ask: Asking, valkey: Redis) -> AsyncIterator[str]:
    """The application behind a real server, hearing of what is committed; its address."""
    stop = asyncio.Event()
    signals.use(valkey)  # pyright: ignore[reportArgumentType]  its overloads
    listening = asyncio.create_task(ask.api._live.run(stop, valkey))
    try:
        async with serving(ask.api.app) as url:
            yield url
    finally:
        signals.use(None)
        stop.set()
        await listening


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """An application behind a real server; the address of its sockets."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, ws=Socket)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/graphql"
    finally:
        server.should_exit = True
        await task


class Watching:
    """One connection of a client; a stream's id is its document."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS_MAX):
            return json.loads(await self.socket.recv())

    async def init(self, token: str | None) -> None:
        payload = {} if token is None else {"Authorization": f"Bearer {token}"}
        await self.send(type="connection_init", payload=payload)
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, query: str, id_: str = "1", **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send(type="subscribe", id=id_, payload=payload)

    async def value(self, id_: str = "1") -> Any:
        """The only field of the next answer."""
        found = await self.receive()
        assert (found["type"], found["id"]) == ("next", id_), found
        assert "errors" not in found["payload"], found
        (value,) = found["payload"]["data"].values()
        return value

    async def closed(self) -> tuple[int, str]:
        with pytest.raises(ConnectionClosed) as raised:
            await self.receive()
        assert raised.value.rcvd is not None
        return raised.value.rcvd.code, raised.value.rcvd.reason


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[Watching]:
    async with connect(url, subprotocols=[PROTOCOL], **options) as socket:
        yield Watching(socket)


@asynccontextmanager
async def watching(url: str, token: str, query: str) -> AsyncIterator[Watching]:
    """A signed-in client with one stream."""
    async with connected(url) as client:
        await client.init(token)
        await client.subscribe(query)
        yield client


def watchers(live: Live) -> int:
    """How many streams listen in this process."""
    return sum(len(found) for found in live._watchers.values())


async def until(holds: Any) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while not holds():
            await a_moment()


async def a_moment(seconds: float = 0.01) -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        return
