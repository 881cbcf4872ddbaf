"""How do the facts get to Accrue? Over HTTP, as any shop would send them, several calls in flight.

A call without an answer is made again: an event counts once by its id, so does a customer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx2
import orjson

from dev.journey.events import Plan, enrolment, order_paid
from dev.journey.purchases import Basket, Purchases

EVENTS_MAX = 500
BODY_BYTES_MAX = 1_500_000
CALLS_AT_ONCE = 4
CALL_SECONDS_MAX = 60
ATTEMPTS_MAX = 8
RETRY_SECONDS = 0.5
RETRY_SECONDS_MAX = 8
_OK = 200
_ASKED_TOO_OFTEN = 429
_BROKEN = 500

_ENROL = """mutation Enrol($input: EnrolMemberInput!) {
  enrolMember(input: $input) { member { id } refusal { code message } } }"""
_RECORD = """mutation Record($events: [EventInput!]!) {
  recordEvents(events: $events) {
    accepted duplicates refused { id refusal { code message } } } }"""

Advance = Callable[[int], None]
Call = Callable[[], Coroutine[None, None, None]]


class ImportFailed(Exception):
    """Accrue refused what it was sent, or doesn't answer; the import may be started again."""


@dataclass(slots=True)
class Sent:
    accepted: int = 0
    duplicates: int = 0


async def send(
    plan: Plan, purchases: Purchases, url: str, api_key: str, *, on_sent: Advance
) -> Sent:
    """Enrol the households that have something to send, then send it; `on_sent` counts events."""
    async with _Api.open(url, api_key) as api:
        await _each(api.enrol(plan), CALLS_AT_ONCE)
        await _each(api.record(plan, purchases, on_sent), CALLS_AT_ONCE)
        return api.sent


class _Api:
    def __init__(self, client: httpx2.AsyncClient, url: str) -> None:
        self.sent = Sent()
        self._client = client
        self._url = url

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, api_key: str) -> AsyncIterator["_Api"]:
        headers = {"authorization": f"Bearer {api_key}", "content-type": "application/json"}
        async with httpx2.AsyncClient(headers=headers, timeout=CALL_SECONDS_MAX) as client:
            yield cls(client, url)

    async def enrol(self, plan: Plan) -> AsyncIterator[Call]:
        for household in plan.households:
            if not plan.wanted.isdisjoint(household.paid_at):
                asked = enrolment(household, plan.shift)
                yield partial(self._enrol, asked)

    async def record(
        self, plan: Plan, purchases: Purchases, on_sent: Advance
    ) -> AsyncIterator[Call]:
        bodies = _bodies(plan, purchases)
        while (found := await asyncio.to_thread(next, bodies, None)) is not None:
            body, count = found
            yield partial(self._record, body, count, on_sent)

    async def _enrol(self, asked: dict[str, Any]) -> None:
        body = orjson.dumps({"query": _ENROL, "variables": {"input": asked}})
        refusal = (await self._call(body))["enrolMember"]["refusal"]
        if refusal is not None:
            raise ImportFailed(f"{asked['externalId']}: {refusal['code']}: {refusal['message']}")

    async def _record(self, body: bytes, count: int, on_sent: Advance) -> None:
        answer = (await self._call(body))["recordEvents"]
        if answer["refused"]:
            first = answer["refused"][0]
            refusal = f"{first['refusal']['code']}: {first['refusal']['message']}"
            raise ImportFailed(f"{len(answer['refused'])} refused, {first['id']} with {refusal}")
        self.sent.accepted += answer["accepted"]
        self.sent.duplicates += answer["duplicates"]
        on_sent(count)

    async def _call(self, body: bytes) -> dict[str, Any]:
        said = "no answer"
        for attempt in range(ATTEMPTS_MAX):
            try:
                response = await self._client.post(self._url, content=body)
            except httpx2.TransportError as error:
                said = f"{type(error).__name__}: {error}"
            else:
                answer = _data(response)
                if answer is not None:
                    return answer
                said = response.text[:500]
            await _pause(min(RETRY_SECONDS * 2**attempt, RETRY_SECONDS_MAX))
        raise ImportFailed(f"{self._url} doesn't take the purchases: {said}")


def _data(response: httpx2.Response) -> dict[str, Any] | None:
    """None: worth another try, for the server is busy, broken or away."""
    if response.status_code == _ASKED_TOO_OFTEN or response.status_code >= _BROKEN:
        return None
    answer = orjson.loads(response.content) if response.status_code == _OK else {}
    if answer.get("data") is None:
        codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", [])]
        if "INTERNAL" in codes:
            return None
        raise ImportFailed(f"Accrue answered {response.status_code}: {response.text[:500]}")
    return answer["data"]


def _bodies(plan: Plan, purchases: Purchases) -> Iterator[tuple[bytes, int]]:
    """Requests of at most 500 events and some 1.5 MB, and how many events are in each."""
    events: list[bytes] = []
    size_bytes = 0
    for basket in _wanted(plan, purchases):
        event = orjson.dumps(order_paid(basket, plan.shift))
        if events and (len(events) == EVENTS_MAX or size_bytes + len(event) > BODY_BYTES_MAX):
            yield _body(events), len(events)
            events, size_bytes = [], 0
        events.append(event)
        size_bytes += len(event)
    if events:
        yield _body(events), len(events)


def _wanted(plan: Plan, purchases: Purchases) -> Iterator[Basket]:
    households = [
        household.household_id
        for household in plan.households
        if not plan.wanted.isdisjoint(household.paid_at)
    ]
    for basket in purchases.baskets(households):
        if basket.basket_id in plan.wanted:
            yield basket


def _body(events: list[bytes]) -> bytes:
    variables = {"events": [orjson.Fragment(event) for event in events]}
    return orjson.dumps({"query": _RECORD, "variables": variables})


async def _each(calls: AsyncIterator[Call], at_once: int) -> None:
    """Make the calls, so many at a time; the first that fails ends them all."""
    running: set[asyncio.Task[None]] = set()
    try:
        async for call in calls:
            if len(running) >= at_once:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            running.add(asyncio.create_task(call()))
        await asyncio.gather(*running)
    finally:
        for task in running:
            task.cancel()


async def _pause(seconds: float) -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        return
