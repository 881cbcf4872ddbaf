"""Does a member hear at once, over a real WebSocket, of what they are told, each once?"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect

from app.live import Live
from db import signals
from dev.services import Services
from domain.notifications.model import Template
from kit.ids import new_id
from resolvers import live
from tests.support.api import Asking
from tests.support.telling import tell
from tests.support.world import a_member, published
from workers.broker import make_client

SUBSCRIBE = "subscription { notificationReceived { template title } }"
SECONDS_MAX = 20


@pytest.fixture
async def ask(database: str) -> AsyncIterator[Asking]:
    await published()
    asking = Asking(database)
    async with asking.client:
        yield asking


@asynccontextmanager
async def served(ask: Asking, valkey: Redis) -> AsyncIterator[str]:
    """The application behind a real server, hearing of what is committed; its address."""
    config = uvicorn.Config(
        ask.api.app, port=0, lifespan="off", log_config=None, ws="websockets-sansio"
    )
    server, stop = uvicorn.Server(config), asyncio.Event()
    signals.use(valkey)  # pyright: ignore[reportArgumentType]  its overloads
    tasks = [
        asyncio.create_task(server.serve()),
        asyncio.create_task(ask.api._live.run(stop, valkey)),
    ]
    async with asyncio.timeout(SECONDS_MAX):
        while not server.started:
            await _a_moment()
    try:
        yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/graphql"
    finally:
        signals.use(None)
        stop.set()
        server.should_exit = True
        await asyncio.gather(*tasks)


@asynccontextmanager
async def watching(url: str, token: str, watchers: Any) -> AsyncIterator[ClientConnection]:
    """A member's subscription, once it listens."""
    async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # pyright: ignore[reportArgumentType]
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        await socket.send(json.dumps(init))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        before = len(watchers)
        message = {"type": "subscribe", "id": "1", "payload": {"query": SUBSCRIBE}}
        await socket.send(json.dumps(message))
        async with asyncio.timeout(SECONDS_MAX):
            while len(watchers) == before:
                await _a_moment()
        yield socket


async def received(socket: ClientConnection) -> str:
    async with asyncio.timeout(SECONDS_MAX):
        found = json.loads(await socket.recv())
    assert found["type"] == "next", found
    return found["payload"]["data"]["notificationReceived"]["template"]


async def _a_moment() -> None:
    with_timeout = asyncio.wait_for(asyncio.Event().wait(), 0.01)
    try:
        await with_timeout
    except TimeoutError:
        return


async def test_what_is_committed_is_received_once_and_nobody_else_s(ask: Asking, redis_url: str):
    ming, other = await a_member(), await a_member()
    await tell(ming.member_id, Template.WELCOME)
    async with make_client(redis_url) as valkey, served(ask, valkey) as url:
        token = ask.member(ming.member_id)
        async with watching(url, token, ask.api._live._watchers) as socket:
            await tell(other.member_id, Template.TIER_KEPT)
            await tell(ming.member_id, Template.BADGE_AWARDED)
            assert await received(socket) == "badge_awarded"
            await tell(ming.member_id, Template.BADGE_AWARDED)
            await tell(ming.member_id, Template.REWARD_SHIPPED)
            assert await received(socket) == "reward_shipped"


async def test_who_goes_away_without_a_word_is_forgotten(ask: Asking, redis_url: str):
    ming = await a_member()
    watchers = ask.api._live._watchers
    async with make_client(redis_url) as valkey, served(ask, valkey) as url:
        for _ in range(2):
            async with watching(url, ask.member(ming.member_id), watchers) as socket:
                assert len(watchers) == 1
                socket.transport.abort()
            async with asyncio.timeout(SECONDS_MAX):
                while watchers:
                    await _a_moment()


async def test_only_a_member_may_watch(ask: Asking, redis_url: str):
    async with (
        make_client(redis_url) as valkey,
        served(ask, valkey) as url,
        connect(url, subprotocols=["graphql-transport-ws"]) as socket,  # pyright: ignore[reportArgumentType]
    ):
        payload = {"Authorization": f"Bearer {ask.staff()}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await socket.recv()
        message = {"type": "subscribe", "id": "1", "payload": {"query": SUBSCRIBE}}
        await socket.send(json.dumps(message))
        assert "UNAUTHENTICATED" in str(await socket.recv())


async def test_nothing_is_lost_or_doubled_over_a_restart_of_valkey(
    ask: Asking, own_services: Services, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.5)
    ming = await a_member()
    endpoints = own_services.endpoints()
    assert endpoints is not None
    redis_url = endpoints.redis_url
    async with make_client(redis_url) as valkey, served(ask, valkey) as url:
        token = ask.member(ming.member_id)
        async with watching(url, token, ask.api._live._watchers) as socket:
            await valkey.flushall()
            await tell(ming.member_id, Template.WELCOME)
            assert await received(socket) == "welcome"
            own_services.valkey.kill()
            await tell(ming.member_id, Template.TIER_KEPT)
            assert await received(socket) == "tier_kept"
            own_services.valkey.revive()
            await tell(ming.member_id, Template.BADGE_AWARDED)
            await tell(ming.member_id, Template.REWARD_SHIPPED)
            assert [await received(socket), await received(socket)] == [
                "badge_awarded",
                "reward_shipped",
            ]


async def test_a_channel_that_names_nobody_ends_no_listening():
    hints, member_id = Live(), new_id()
    with hints.listening(member_id) as woken:
        for name in (
            b"accrue:member:\xff",
            b"accrue:member:x",
            f"accrue:member:{member_id}".encode(),
        ):
            assert not woken.is_set()
            hints._hear({"channel": name})
    assert woken.is_set()
