"""How fast does a server answer? A bounded number of requests over kept-alive connections."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

ANSWER_SECONDS_MAX = 30


@dataclass(frozen=True)
class Load:
    """What was measured; times in milliseconds. `last`: one answer's body, to be looked at."""

    answers: int
    seconds: float
    p50: float
    p99: float
    last: bytes

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    def row(self, what: str) -> dict[str, object]:
        return {
            "what": what,
            "per second": self.per_second,
            "p50 ms": self.p50,
            "p99 ms": self.p99,
            "answers": self.answers,
        }


def request(url: str, *, body: bytes = b"", token: str = "") -> bytes:
    """A request as it goes over the wire: POST with a JSON body, else GET."""
    parts = urlsplit(url)
    method = "POST" if body else "GET"
    lines = [f"{method} {parts.path or '/'}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += ["Accept: application/graphql-response+json, application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def drive(url: str, requests: Iterator[bytes], *, connections: int, seconds: float) -> Load:
    """Send from `requests` until `seconds` are over or none is left; only status 200 will do."""
    parts = urlsplit(url)
    times: list[float] = []
    last = [b""]
    started = time.perf_counter()
    deadline = started + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for message in requests:
            begun = time.perf_counter()
            if begun > deadline:
                break
            writer.write(message)
            last[0] = await asyncio.wait_for(_answer(reader), ANSWER_SECONDS_MAX)
            times.append((time.perf_counter() - begun) * 1000)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    cuts = quantiles(times, n=100)
    return Load(len(times), time.perf_counter() - started, cuts[49], cuts[98], last[0])


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"an answer that isn't 200: {head.decode()}")
    length = next(
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    return await reader.readexactly(length)
