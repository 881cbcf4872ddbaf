"""Who listens to webhooks in a test? A real HTTP server that answers as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from db.connection import reader
from domain.webhooks import operations
from domain.webhooks.model import Endpoint
from tests.support.world import NOW
from workers import posting
from workers.posting import Poster


@dataclass(slots=True)
class Heard:
    """One request: its headers in lower case."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return orjson.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """Answers with the statuses of `answers`, one after the other, then with 204.

    While `answering` isn't set it answers nobody; `location` makes an answer a redirect.
    """

    port: int = 0
    heard: list[Heard] = field(default_factory=list[Heard])
    answers: list[int] = field(default_factory=list[int])
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    location: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def types(self) -> list[str]:
        return [one.told["type"] for one in self.heard]

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """What was heard, each message's signature and age checked as a shop would."""
        return [Webhook(secret).verify(one.body, one.headers) for one in self.heard]

    async def serve(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        try:
            head = (await read.readuntil(b"\r\n\r\n")).decode()
            lines = [line.partition(":") for line in head.splitlines()[1:] if line]
            headers = {name.lower(): value.strip() for name, _, value in lines}
            body = await read.readexactly(int(headers["content-length"]))
            self.heard.append(Heard(headers, body))
            await self.answering.wait()
            status = self.answers.pop(0) if self.answers else 204
            location = f"location: {self.location}\r\n" if self.location else ""
            write.write(f"HTTP/1.1 {status} x\r\n{location}content-length: 0\r\n\r\n".encode())
            await write.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            write.close()


@asynccontextmanager
async def a_receiver(*, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.answering.set()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.answering.set()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def posting_by(poster: Poster) -> AsyncIterator[None]:
    """Post through it; through the one that is always used again afterwards."""
    posting.use(poster)
    try:
        yield
    finally:
        posting.use(Poster())


async def an_endpoint(
    receiver: Receiver, *event_types: str, now: datetime = NOW, **facts: Any
) -> Endpoint:
    return await operations.create(
        **{
            "url": receiver.url,
            "event_types": event_types,
            "description": "",
            "staff": "ada@shop",
            "allows_private": True,
            **facts,
        },
        now=now,
    )


async def deliveries() -> Sequence[tuple[str, str, int, int | None]]:
    """Type, state, attempts and last status of each, in the order in which they were told."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT e.type, d.state, d.attempts, d.last_status FROM webhook_delivery d"
            " JOIN webhook_event e ON e.member_id = d.member_id AND e.id = d.event_id"
            " ORDER BY d.created_at, e.type, d.event_id, d.endpoint_id"
        )
    return [tuple(row.values()) for row in rows]
