"""Which servers receive letters in a test? A real SMTP and a real HTTP server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import orjson
from aiosmtpd.controller import Controller

HOST = "127.0.0.1"


class Mailbox:
    """What an SMTP server took; `answers` are given first, one for each attempt."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.messages: list[EmailMessage] = []
        self.attempts = 0
        self.url = ""
        self.says_goodbye = True
        self.of_sender = "250 OK"
        self.raw: list[bytes] = []

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        del server, session, options
        envelope.mail_from = address
        return self.of_sender

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        del server, session, options
        self.attempts += 1
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        del server, session
        self.raw.append(envelope.content)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.messages.append(found)
        return "250 taken"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        del server, session, envelope
        if not self.says_goodbye:
            await asyncio.Event().wait()
        return "221 bye"


class _Anywhere(Controller):
    """On a port of the system's choosing."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # pyright: ignore[reportAttributeAccessIssue]
        super()._trigger_server()


@contextmanager
def a_mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    controller = _Anywhere(box, hostname=HOST, port=0)
    controller.start()
    box.url = f"smtp://{HOST}:{controller.port}?from=shop@example.com"
    try:
        yield box
    finally:
        controller.stop()


class Listener:
    """What an HTTP server was posted: headers and body; it answers with `status`."""

    def __init__(self) -> None:
        self.status = 204
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.address = ""

    def bodies(self) -> list[Any]:
        return [orjson.loads(body) for _, body in self.posted]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value
            for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.posted.append((headers, body))
        lines = (f"HTTP/1.1 {self.status} x", "content-length: 0", "connection: close", "", "")
        writer.write("\r\n".join(lines).encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def a_listener() -> AsyncIterator[Listener]:
    listener = Listener()
    server = await asyncio.start_server(listener.answer, HOST, 0)
    async with server:
        listener.address = f"{HOST}:{server.sockets[0].getsockname()[1]}"
        yield listener
