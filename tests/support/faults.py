"""How does a fault test wait, see what is left to do, and ask the API again and again?"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

import asyncpg
import httpx2
from redis.asyncio import Redis

from app.tokens import TokenIssuer
from db.connection import UNAVAILABLE, reader
from domain.intake.model import Fact
from kit import clock
from workers.waiting import set_within

SECRET = "a secret of the fault tests that is long enough"
POLL_SECONDS = 0.02
RETRY_SECONDS = 0.1
BREATH_SECONDS = 0.1
VALKEY_SECONDS_MAX = 30
_LOCK = "SELECT FROM member WHERE member_id = $1 FOR UPDATE"
_NEVER = asyncio.Event()

Condition = Callable[[], Awaitable[object]]


async def pause(seconds: float) -> None:
    """Let time pass; for the length of a fault, never to wait for an effect."""
    await set_within(_NEVER, seconds)


async def until(condition: Condition, seconds_max: float, *, what: str) -> float:
    """Seconds that it took for the condition to come true; fails when it takes longer."""
    begun = time.monotonic()
    while not await condition():
        if time.monotonic() - begun > seconds_max:
            raise AssertionError(f"{what}: not within {seconds_max} s")
        await pause(POLL_SECONDS)
    return time.monotonic() - begun


async def value_of(sql: str, *args: object) -> Any:
    async with reader() as tx:
        return await tx.fetchval(sql, *args)


async def rows_of(sql: str, *args: object) -> list[dict[str, Any]]:
    async with reader() as tx:
        return [dict(row) for row in await tx.fetch(sql, *args)]


async def count_of(sql: str, *args: object) -> int:
    """A number, 0 while PostgreSQL can't say it."""
    try:
        return await value_of(sql, *args)
    except UNAVAILABLE:
        return 0


async def any_effect() -> bool:
    """Whether the workers are at work."""
    return await count_of("SELECT count(*) FROM inbox WHERE state = 'done'") > 0


async def worked_off() -> bool:
    """Whether nothing waits that could be done now; an event may wait for its order."""
    return await _nobody_waits("new")


async def settled() -> bool:
    """Whether nothing waits at all: every order that an event is about has come."""
    return await _nobody_waits("new", "parked")


async def _nobody_waits(*states: str) -> bool:
    waiting = (
        "SELECT (SELECT count(*) FROM inbox WHERE state = ANY($1)) + (SELECT count(*)"
        " FROM job WHERE state = 'running' OR state = 'ready' AND run_at <= now())"
    )
    try:
        return await value_of(waiting, states) == 0
    except UNAVAILABLE:
        return False


@asynccontextmanager
async def locked(url: str, member_id: UUID) -> AsyncIterator[None]:
    """While somebody else is at work on the member, for as long as the test likes."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT FROM member WHERE member_id = $1 FOR UPDATE", member_id
            )
            yield
    finally:
        await connection.close()


async def waiting() -> int:
    """How many connections wait for a lock."""
    return await value_of("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")


def token(role: Any, subject: str) -> str:
    text, _ = TokenIssuer(SECRET.encode()).issue(
        subject, role, now=clock.now(), ttl=timedelta(hours=1)
    )
    return text


@dataclass
class Answers:
    """What a client got: seconds of each request, and what failed on the way."""

    seconds: list[float] = field(default_factory=list[float])
    failures: list[str] = field(default_factory=list[str])


class Client:
    """Asks the API with one bearer, and asks again the same where there is no answer."""

    def __init__(self, url: str, bearer: str, *, timeout_seconds: float = 30) -> None:
        self.answers = Answers()
        self._http = httpx2.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {bearer}"},
            timeout=timeout_seconds,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def status(self, path: str) -> int:
        """Of a GET; 0 where nobody answers."""
        try:
            return (await self._http.get(path)).status_code
        except httpx2.TransportError:
            return 0

    async def ask(self, document: str, **variables: object) -> dict[str, Any]:
        """The data, asked for until it comes."""
        while (data := await self.try_once(document, **variables)) is None:
            await pause(RETRY_SECONDS)
        return data

    async def try_once(self, document: str, **variables: object) -> dict[str, Any] | None:
        """The data, or None where the request failed."""
        begun = time.monotonic()
        try:
            answer = await self._http.post(
                "/graphql", json={"query": document, "variables": variables}
            )
        except httpx2.TransportError as error:
            self.answers.failures.append(type(error).__name__)
            return None
        finally:
            self.answers.seconds.append(time.monotonic() - begun)
        body = answer.json()
        if "errors" in body:
            self.answers.failures.append(str(body["errors"]))
            return None
        return body["data"]


RECORD = """
mutation Record($events: [EventInput!]!) {
  recordEvents(events: $events) { accepted duplicates refused { id refusal { code } } }
}
"""


async def send(client: Client, facts: Sequence[Fact], *, batch: int = 20) -> tuple[int, int]:
    """Record the facts in order, each batch again until it is answered; new ones and duplicates.

    A breath after each lets the workers keep up, as with the orders of a busy shop.
    """
    accepted = duplicates = 0
    for start in range(0, len(facts), batch):
        events = [asdict(fact) | {"time": fact.time.isoformat()} for fact in facts[start:][:batch]]
        answer = (await client.ask(RECORD, events=events))["recordEvents"]
        assert answer["refused"] == []
        accepted += answer["accepted"]
        duplicates += answer["duplicates"]
        await pause(BREATH_SECONDS)
    return accepted, duplicates


async def ready(client: Client) -> bool:
    """Whether the API may get requests."""
    return await client.status("/readyz") == 200


def tell(text: str) -> None:
    """Say it where the test fails."""
    print(text)  # noqa: T201


def share(values: Sequence[float], of_hundred: int) -> float:
    """The percentile."""
    return sorted(values)[min(len(values) * of_hundred // 100, len(values) - 1)]


async def valkey_says(url: str, *command: str) -> object:
    """Waits for a Valkey that stands still."""
    async with Redis.from_url(url, socket_timeout=VALKEY_SECONDS_MAX) as valkey:
        return await valkey.execute_command(*command)
