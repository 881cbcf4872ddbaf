"""Is a WebSocket of the real API refused, ended and forgotten as it should be?"""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.typing import Origin

import app.graphql
import app.sockets
from app.sockets import CONNECTIONS_OF_ONE_MAX
from app.subscriptions import OPERATIONS_OPEN_MAX
from db.connection import pool
from kit import clock
from kit.settings import Settings
from tests.support.api import Asking
from tests.support.graphql_edge import FLOODS_ENDED, Served
from tests.support.guarded import MEMBER, STREAMS
from tests.support.sockets import (
    PROTOCOL,
    SECONDS_MAX,
    connected,
    serving,
    until,
    watchers,
    watching,
)
from tests.support.world import a_member, nothing_changed

WATCH = "subscription { meChanged { points { available } } }"
CHECK_IN = "mutation { checkIn { refusal { code } } }"
PAIRS, CONNECTIONS = 3_000, 20
SLOW_SECONDS = 0.3
DROPPED = "accrue_live_dropped_total"


@pytest.fixture
def init_seconds_max() -> float:
    """However busy the machine is."""
    return 60


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch, init_seconds_max: float) -> None:
    monkeypatch.setattr(app.graphql, "CONNECTION_INIT_SECONDS_MAX", init_seconds_max)


async def test_who_asks_before_the_first_message_is_closed_4401(url: str):
    async with connected(url) as client:
        await client.subscribe(WATCH)
        assert await client.closed() == (4401, "Unauthorized")


@pytest.mark.parametrize("init_seconds_max", [0.1])
async def test_whose_first_message_is_late_is_closed_4408(ask: Asking, url: str):
    async with connected(url) as client:
        assert await client.closed() == (4408, "Connection initialisation timeout")
    assert measured(ask, "accrue_live_refused_total", reason="late") == 1


SHOP = "https://shop.example"


@pytest.mark.parametrize("origins", [f" {SHOP}, http://localhost:3000"])
@pytest.mark.parametrize("origin", ["https://evil.example", "http://shop.example", "null"])
async def test_a_page_of_another_origin_is_answered_403_before_it_may_say_a_word(
    ask: Asking, url: str, origin: str
):
    with pytest.raises(InvalidStatus) as raised:
        async with connect(url, subprotocols=[PROTOCOL], origin=Origin(origin)):
            pass
    assert raised.value.response.status_code == 403
    assert measured(ask, "accrue_live_refused_total", reason="origin") == 1


@pytest.mark.parametrize("origins", [f" {SHOP}, http://localhost:3000"])
async def test_a_page_that_the_settings_name_may_connect(ask: Asking, url: str):
    for origin in (SHOP, "http://localhost:3000", f"http://{urlsplit(url).netloc}"):
        async with connected(url, origin=Origin(origin)) as client:
            await client.init(None)
    assert measured(ask, "accrue_live_refused_total", reason="origin") is None


@pytest.mark.parametrize("origins", ["shop.example", f"{SHOP}/", "*", "https://a:b@shop.example"])
def test_what_is_no_origin_is_a_wrong_setting(origins: str):
    with pytest.raises(ValidationError, match="separated by commas"):
        Settings.model_validate({"live_origins": origins})


async def test_the_hundred_and_first_operation_is_an_error_and_the_others_go_on(
    ask: Asking, url: str
):
    ming = await a_member()
    async with connected(url) as client:
        await client.init(ask.member(ming.member_id))
        for number in range(OPERATIONS_OPEN_MAX + 1):
            await client.subscribe(WATCH, str(number))
        answers = [await client.receive() for _ in range(OPERATIONS_OPEN_MAX + 1)]
        (refused,) = [one for one in answers if one["type"] != "next"]
        assert refused == {
            "id": str(OPERATIONS_OPEN_MAX),
            "type": "error",
            "payload": [{"message": "Subscription limit reached"}],
        }
        assert watchers(ask.api._live) == OPERATIONS_OPEN_MAX
        assert measured(ask, "accrue_live_subscriptions") == OPERATIONS_OPEN_MAX
        assert measured(ask, "accrue_live_connections") == 1
    await until(lambda: measured(ask, "accrue_live_subscriptions") == 0)


async def test_a_mutation_is_refused_and_changes_nothing(ask: Asking, url: str):
    ming = await a_member()
    async with nothing_changed(), watching(url, ask.member(ming.member_id), CHECK_IN) as client:
        found = await client.receive()
        assert found["type"] == "error"
        assert found["payload"][0]["extensions"] == {"code": "OPERATION_NOT_ALLOWED"}


async def test_a_stream_ends_when_its_token_does(ask: Asking, url: str):
    ming = await a_member()
    lifetime = timedelta(seconds=3)
    token, _ = ask.issuer.issue(str(ming.member_id), "member", now=clock.now(), ttl=lifetime)
    began = monotonic()
    async with watching(url, token, WATCH) as client:
        await client.value()
        assert await client.closed() == (4403, "Token expired")
    assert monotonic() - began < 3 + 5
    await until(lambda: not watchers(ask.api._live))


async def test_a_token_that_has_ended_begins_nothing(ask: Asking, url: str):
    ming = await a_member()
    ended, ttl = clock.now() - timedelta(hours=2), timedelta(hours=1)
    token, _ = ask.issuer.issue(str(ming.member_id), "member", now=ended, ttl=ttl)
    async with connected(url) as client:
        payload = {"Authorization": f"Bearer {token}"}
        await client.send(type="connection_init", payload=payload)
        assert await client.closed() == (4403, "UNAUTHENTICATED")


@pytest.mark.parametrize("name", STREAMS)
async def test_a_stream_begins_for_nobody_else(ask: Asking, url: str, name: str):
    query, roles = STREAMS[name]
    ming = await a_member()
    tokens = {
        "anonymous": None,
        "member": ask.member(ming.member_id),
        "staff": ask.staff(),
        "service": await ask.service("members:read"),
    }
    for viewer, token in tokens.items():
        async with connected(url) as client:
            await client.init(token)
            await client.subscribe(query)
            if viewer in roles and name == "notificationReceived":
                await until(lambda: watchers(ask.api._live) == 1)
            elif viewer in roles:
                await client.value()
            else:
                nobody = viewer == "anonymous" or roles == MEMBER
                refused = "UNAUTHENTICATED" if nobody else "FORBIDDEN"
                assert refused in str(await client.receive())
                assert not watchers(ask.api._live)
        await until(lambda: not watchers(ask.api._live))


async def test_one_member_holds_twenty_connections_and_gets_room_when_one_ends(
    ask: Asking, url: str
):
    ming, other = await a_member(), await a_member()
    token = ask.member(ming.member_id)
    held = [connected(url) for _ in range(CONNECTIONS_OF_ONE_MAX)]
    clients = [await one.__aenter__() for one in held]
    for client in clients:
        await client.init(token)
    async with connected(url) as more:
        payload = {"Authorization": f"Bearer {token}"}
        await more.send(type="connection_init", payload=payload)
        assert await more.closed() == (4429, "Too many connections")
    assert measured(ask, "accrue_live_refused_total", reason="too_many_connections") == 1
    async with connected(url) as theirs:
        await theirs.init(ask.member(other.member_id))
    await held.pop().__aexit__(None, None, None)
    await until(lambda: connections(ask) == CONNECTIONS_OF_ONE_MAX - 1)
    async with connected(url) as again:
        await again.init(token)
    for one in held:
        await one.__aexit__(None, None, None)
    await until(lambda: connections(ask) == 0)


async def test_a_full_process_sends_who_comes_away_for_a_while(
    ask: Asking, url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(app.sockets, "CONNECTIONS_MAX", 0)
    async with connected(url) as client:
        await client.send(type="connection_init")
        assert await client.closed() == (1013, "No room")
    assert measured(ask, "accrue_live_refused_total", reason="no_room") == 1


async def test_3000_streams_that_are_given_up_leak_nothing(ask: Asking, url: str):
    members = [await a_member() for _ in range(CONNECTIONS)]
    before = len(asyncio.all_tasks())

    async def give_up(token: str) -> None:
        async with connected(url) as client:
            await client.init(token)
            for number in range(PAIRS // CONNECTIONS):
                await client.subscribe(WATCH, str(number))
                await client.send(type="complete", id=str(number))

    await asyncio.gather(*(give_up(ask.member(one.member_id)) for one in members))
    await until(lambda: connections(ask) == 0 and not watchers(ask.api._live))
    await until(lambda: len(asyncio.all_tasks()) <= before)
    await until(lambda: pool().get_idle_size() == pool().get_size())
    assert (await ask("{ programme { version } }"))["data"] == {"programme": {"version": 1}}


class Stalled:
    """A client that subscribes to a flood and reads when it likes."""

    def __init__(self, url: str) -> None:
        self._port = urlsplit(url).port
        self._socket = sockets.socket()
        self._socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)

    async def begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._socket.settimeout(0)
        await loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        await self._send(
            b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        assert b" 101 " in await loop.sock_recv(self._socket, 4_096)
        await self.text(type="connection_init")
        payload = {"query": "subscription { flood }"}
        await self.text(type="subscribe", id="1", payload=payload)

    async def text(self, **message: Any) -> None:
        frame = Frame(Opcode.TEXT, json.dumps(message).encode())
        await self._send(frame.serialize(mask=True))

    async def rest(self) -> bytes:
        """All that comes until the end, or until the connection is torn down."""
        found = bytearray()
        loop = asyncio.get_running_loop()
        try:
            while part := await loop.sock_recv(self._socket, 1 << 20):
                found += part
        except ConnectionResetError:
            pass
        return bytes(found)

    def close(self) -> None:
        self._socket.close()

    async def _send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, data)


@asynccontextmanager
async def stalled() -> AsyncIterator[tuple[Served, Stalled]]:
    """A client whose stream was ended because it took nothing."""
    FLOODS_ENDED.clear()
    found = Served()
    async with serving(found.app) as url:
        client = Stalled(url)
        try:
            await client.begin()
            async with asyncio.timeout(SECONDS_MAX):
                await FLOODS_ENDED.wait()
            yield found, client
        finally:
            client.close()


async def test_who_is_too_slow_is_closed_1013_behind_what_waited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(app.sockets, "SLOW_SECONDS_MAX", SLOW_SECONDS)
    before = app.sockets._dropped["slow"]
    async with stalled() as (found, client):
        assert closing(await client.rest()) == (1013, "Too slow")
        after = found.metrics.registry.get_sample_value(DROPPED, {"reason": "slow"})
    assert after == before + 1


async def test_who_never_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(app.sockets, "SLOW_SECONDS_MAX", SLOW_SECONDS)
    monkeypatch.setattr(app.sockets, "CLOSE_SECONDS", 0.0)
    async with stalled() as (found, client):
        await until(lambda: found.connections.total() == 0)
        assert closing(await client.rest()) is None


def closing(stream: bytes) -> tuple[int, str] | None:
    """The close frame at the end of what a server sent; None where there is none."""
    at = stream.rfind(b"\x88")
    if at < 0 or at + 2 + stream[at + 1] != len(stream):
        return None
    code = int.from_bytes(stream[at + 2 : at + 4], "big")
    return code, stream[at + 4 :].decode()


def measured(ask: Asking, name: str, **labels: str) -> float | None:
    return ask.api.metrics.registry.get_sample_value(name, labels)


def connections(ask: Asking) -> int:
    return ask.api.graphql.connections.total()
