"""Does a member hear at once, over a real WebSocket, of what they are told, each once?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dev.services import Services
from domain.notifications.model import Template
from resolvers import live
from tests.support.api import Asking
from tests.support.sockets import Watching, served, until, watchers, watching
from tests.support.telling import tell
from tests.support.world import a_member
from workers.broker import make_client

SUBSCRIBE = "subscription { notificationReceived { template title } }"


@asynccontextmanager
async def hearing(ask: Asking, url: str, token: str) -> AsyncIterator[Watching]:
    """A member's subscription, once it listens."""
    before = watchers(ask.api._live)
    async with watching(url, token, SUBSCRIBE) as client:
        await until(lambda: watchers(ask.api._live) > before)
        yield client


async def received(client: Watching) -> str:
    return (await client.value())["template"]


async def test_what_is_committed_is_received_once_and_nobody_else_s(ask: Asking, url: str):
    ming, other = await a_member(), await a_member()
    await tell(ming.member_id, Template.WELCOME)
    async with hearing(ask, url, ask.member(ming.member_id)) as client:
        await tell(other.member_id, Template.TIER_KEPT)
        await tell(ming.member_id, Template.BADGE_AWARDED)
        assert await received(client) == "badge_awarded"
        await tell(ming.member_id, Template.BADGE_AWARDED)
        await tell(ming.member_id, Template.REWARD_SHIPPED)
        assert await received(client) == "reward_shipped"


async def test_who_goes_away_without_a_word_is_forgotten(ask: Asking, url: str):
    ming = await a_member()
    for _ in range(2):
        async with hearing(ask, url, ask.member(ming.member_id)) as client:
            assert watchers(ask.api._live) == 1
            client.socket.transport.abort()
        await until(lambda: not ask.api._live._watchers)


async def test_only_a_member_may_watch(ask: Asking, url: str):
    async with watching(url, ask.staff(), SUBSCRIBE) as client:
        assert "UNAUTHENTICATED" in str(await client.receive())


async def test_nothing_is_lost_or_doubled_over_a_restart_of_valkey(
    ask: Asking, own_services: Services, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.5)
    ming = await a_member()
    endpoints = own_services.endpoints()
    assert endpoints is not None
    async with (
        make_client(endpoints.redis_url) as valkey,
        served(ask, valkey) as url,
        hearing(ask, url, ask.member(ming.member_id)) as client,
    ):
        await valkey.flushall()
        await tell(ming.member_id, Template.WELCOME)
        assert await received(client) == "welcome"
        own_services.valkey.kill()
        await tell(ming.member_id, Template.TIER_KEPT)
        assert await received(client) == "tier_kept"
        own_services.valkey.revive()
        await tell(ming.member_id, Template.BADGE_AWARDED)
        await tell(ming.member_id, Template.REWARD_SHIPPED)
        assert [await received(client), await received(client)] == [
            "badge_awarded",
            "reward_shipped",
        ]
