"""Does a stream show what a query would show, now and after every change, whatever is lost?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis

from app.live import Live
from db import signals
from db.connection import watched
from dev.services import Services
from domain.community import operations as community
from domain.members import aliases
from domain.members import operations as members
from domain.notifications.model import Template
from domain.privacy.model import Asked, Content, Reason
from domain.privacy.operations import erase
from kit.clock import FrozenClock
from kit.ids import global_id, new_id
from resolvers import live
from tests.support.api import Asking
from tests.support.contests import STARTS, contest
from tests.support.merging import merged
from tests.support.missions import a_task
from tests.support.programmes import in_force
from tests.support.shop import done, paid
from tests.support.sockets import connected, served, until, watchers, watching
from tests.support.talking import answer, say, subject
from tests.support.telling import tell
from tests.support.value import give
from tests.support.working import work
from tests.support.world import NOW, a_member
from workers.broker import make_client

pytestmark = pytest.mark.usefixtures("time")
POINTS = "points { available pending }"
ALL = "tier { code } tasks { code progress state } unreadNotifications " + POINTS
BOARD = "leaderboard(first: 3) { rank name score isMe } me { rank score }"


def changed(fields: str) -> str:
    return f"subscription {{ meChanged {{ {fields} }} }}"


def board(code: str) -> str:
    return f'subscription {{ challengeChanged(code: "{code}") {{ code {BOARD} }} }}'


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with make_client(redis_url) as found:
        yield found


async def test_points_are_shown_at_once_and_after_every_change(ask: Asking, url: str):
    ming = await a_member()
    await give(ming.member_id, 100)
    async with watching(url, ask.member(ming.member_id), changed(POINTS)) as stream:
        assert await stream.value() == {"points": {"available": 100, "pending": 0}}
        await give(ming.member_id, 50)
        assert await stream.value() == {"points": {"available": 150, "pending": 0}}


async def test_tier_tasks_and_what_is_unread_are_as_a_query_shows_them(ask: Asking, url: str):
    await in_force(tasks=[a_task(target=2)])
    ming = await a_member()
    token = ask.member(ming.member_id)
    async with watching(url, token, changed(ALL)) as stream:
        first = await stream.value()
        assert first["unreadNotifications"] == 0
        assert first == (await ask(f"{{ me {{ {ALL} }} }}", token))["data"]["me"]
        await tell(ming.member_id, Template.WELCOME)
        assert (await stream.value())["unreadNotifications"] == 1
        await done(paid(ming, "A", 80_00))
        asked = await ask(f"{{ me {{ {ALL} }} }}", token)
        value = await stream.value()
        while value != asked["data"]["me"]:
            value = await stream.value()
        assert [task["progress"] for task in value["tasks"]] == [1]
        assert value["points"]["pending"] > 0


async def test_what_is_read_elsewhere_is_unread_no_more(ask: Asking, url: str):
    ming = await a_member()
    await tell(ming.member_id, Template.WELCOME)
    token = ask.member(ming.member_id)
    async with watching(url, token, changed("unreadNotifications")) as stream:
        assert await stream.value() == {"unreadNotifications": 1}
        shown = await ask("{ me { notifications { nodes { id } } } }", token)
        (node,) = shown["data"]["me"]["notifications"]["nodes"]
        query = "mutation($id: ID!) { markNotificationsRead(ids: [$id]) { marked } }"
        assert (await ask(query, token, id=node["id"]))["data"] == {
            "markNotificationsRead": {"marked": 1}
        }
        assert await stream.value() == {"unreadNotifications": 0}


async def test_what_is_not_asked_for_is_no_news(ask: Asking, url: str):
    ming, other = await a_member(), await a_member()
    token = ask.member(ming.member_id)
    async with watching(url, token, changed("nickname")) as stream:
        assert await stream.value() == {"nickname": "小明"}
        await give(ming.member_id, 100)
        await give(other.member_id, 100)
        await members.update_profile(ming.member_id, nickname="明", now=NOW)
        assert await stream.value() == {"nickname": "明"}


async def test_a_burst_is_few_values_and_the_last_one_is_right(ask: Asking, url: str):
    ming = await a_member()
    token = ask.member(ming.member_id)
    async with watching(url, token, changed("points { available }")) as stream:
        seen = [(await stream.value())["points"]["available"]]
        await asyncio.gather(*(give(ming.member_id, 1) for _ in range(50)))
        while seen[-1] < 50:
            seen.append((await stream.value())["points"]["available"])
    assert seen == sorted(set(seen))
    assert seen[-1] == 50
    assert len(seen) < 50


async def test_a_board_is_told_to_members_and_staff(ask: Asking, url: str):
    await in_force(since=STARTS, challenges=[contest()])
    ming, ann = await a_member(), await a_member(nickname="Ann")
    token = ask.member(ming.member_id)
    async with (
        watching(url, token, board("SPRING")) as mine,
        watching(url, ask.staff(), board("SPRING")) as staff,
    ):
        empty = {"code": "SPRING", "leaderboard": [], "me": {"rank": None, "score": 0}}
        assert await mine.value() == empty
        assert await staff.value() == {**empty, "me": None}
        await done(paid(ming, "A", 80_00))
        own = {"rank": 1, "name": "小*", "score": 80, "isMe": True}
        assert (await mine.value())["leaderboard"] == [own]
        assert (await staff.value())["leaderboard"] == [{**own, "isMe": False}]
        await done(paid(ann, "B", 90_00))
        assert (await mine.value())["me"] == {"rank": 2, "score": 80}


async def test_a_challenge_that_is_not_there_is_null_once(ask: Asking, url: str):
    ming = await a_member()
    async with watching(url, ask.member(ming.member_id), board("NO")) as stream:
        assert await stream.value() is None
        assert await stream.receive() == {"type": "complete", "id": "1"}


async def test_the_comments_of_a_post_are_told_as_a_query_shows_them(ask: Asking, url: str):
    ming, hua = await a_member(), await a_member(nickname="小华")
    post = await say(ming)
    id_ = global_id("Post", ming.member_id, post.id)
    fields = "commentCount likeCount comments(first: 5) { nodes { id body } }"
    tokens = [ask.member(one.member_id) for one in (ming, hua)]
    watch = f'subscription {{ postChanged(id: "{id_}") {{ {fields} }} }}'
    query = f'{{ post(id: "{id_}") {{ {fields} }} }}'
    async with watching(url, tokens[0], watch) as author, watching(url, tokens[1], watch) as other:
        empty = {"commentCount": 0, "likeCount": 0, "comments": {"nodes": []}}
        assert [await author.value(), await other.value()] == [empty, empty]
        said = await answer(hua, post)
        for stream in (author, other):
            (found,) = (await stream.value())["comments"]["nodes"]
            assert found["body"] == said.body
        await work(NOW)
        for stream, token in zip((author, other), tokens, strict=True):
            value = await stream.value()
            while value["commentCount"] == 0:
                value = await stream.value()
            assert value == (await ask(query, token))["data"]["post"]
        # What is held by its words never comes, and what is hidden goes.
        await answer(hua, post, "加微信聊")
        await community.hide(subject(said), reason="r", actor="ada@shop", now=NOW)
        value = await author.value()
        while value["comments"]["nodes"]:
            value = await author.value()
        await community.delete_post(ming.member_id, post.id, now=NOW)
        while value is not None:
            value = await author.value()


async def test_a_post_that_is_not_there_is_null_once(ask: Asking, url: str):
    ming = await a_member()
    gone = global_id("Post", ming.member_id, new_id())
    for id_ in (gone, "x"):
        watch = f'subscription {{ postChanged(id: "{id_}") {{ id }} }}'
        async with watching(url, ask.member(ming.member_id), watch) as stream:
            assert await stream.value() is None
            assert await stream.receive() == {"type": "complete", "id": "1"}


async def test_a_lost_hint_costs_a_minute_and_no_truth(
    ask: Asking, url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live, "CALM_LOOK_SECONDS", 0.3)
    ming = await a_member()
    signals.use(None)
    async with watching(url, ask.member(ming.member_id), changed(POINTS)) as stream:
        await stream.value()
        await give(ming.member_id, 100)
        assert await stream.value() == {"points": {"available": 100, "pending": 0}}


async def test_all_look_when_valkey_is_there_again(ask: Asking, own_services: Services):
    ming = await a_member()
    endpoints = own_services.endpoints()
    assert endpoints is not None
    async with (
        make_client(endpoints.redis_url) as valkey,
        served(ask, valkey) as url,
        watching(url, ask.member(ming.member_id), changed(POINTS)) as stream,
    ):
        await stream.value()
        own_services.valkey.kill()
        await give(ming.member_id, 100)
        own_services.valkey.revive()
        assert await stream.value() == {"points": {"available": 100, "pending": 0}}


async def test_what_only_time_changes_is_seen_by_looking(
    ask: Asking, url: str, time: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live, "CALM_LOOK_SECONDS", 0.3)
    ming = await a_member()
    await give(ming.member_id, 70, activates_at=NOW + timedelta(days=1))
    async with watching(url, ask.member(ming.member_id), changed(POINTS)) as stream:
        assert await stream.value() == {"points": {"available": 0, "pending": 70}}
        time.advance(timedelta(days=2))
        assert await stream.value() == {"points": {"available": 70, "pending": 0}}


async def test_one_connection_to_valkey_hears_of_who_is_watched_only(
    ask: Asking, url: str, client: Redis
):
    ming, other = await a_member(), await a_member()
    async with watching(url, ask.member(ming.member_id), changed(POINTS)) as stream:
        await stream.value()
        channel = f"accrue:member:{ming.member_id}"
        await until_heard(client, channel, 1)
        assert await client.pubsub_numsub(f"accrue:member:{other.member_id}") == [
            (f"accrue:member:{other.member_id}".encode(), 0)
        ]
    await until_heard(client, channel, 0)
    await until(lambda: not watchers(ask.api._live))


async def until_heard(client: Redis, channel: str, connections: int) -> None:
    async with asyncio.timeout(20):
        while (await client.pubsub_numsub(channel))[0][1] != connections:
            continue


async def test_a_stream_that_is_given_up_as_it_is_woken_ends():
    loop = asyncio.get_running_loop()

    async def stream(woken: asyncio.Event) -> None:
        while True:
            await live._woken(woken, 60)
            woken.clear()

    for steps in range(6):
        woken = asyncio.Event()
        task = asyncio.create_task(stream(woken))
        for _ in range(3):
            await a_step(loop)
        woken.set()
        for _ in range(steps):
            await a_step(loop)
        task.cancel()
        assert (await asyncio.wait({task}, timeout=5))[0] == {task}, steps


async def a_step(loop: asyncio.AbstractEventLoop) -> None:
    """Whatever is ready runs once."""
    step = loop.create_future()
    loop.call_soon(step.set_result, None)
    await step


async def test_a_database_that_is_away_ends_no_stream(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "AWAY_SECONDS", 0.01)
    context: Any = SimpleNamespace(hints=Live())
    fails: list[Exception] = [ConnectionRefusedError(), TimeoutError()]

    async def read() -> str:
        if fails:
            raise fails.pop()
        return "there"

    assert await live._patiently(context, read) == "there"
    fails.append(RuntimeError("a bug"))
    with pytest.raises(RuntimeError):
        await live._patiently(context, read)


async def test_who_is_merged_goes_on_as_the_survivor(ask: Asking, url: str):
    ming, hong = await a_member(), await a_member(nickname="小红")
    await give(hong.member_id, 100)
    watch = changed("nickname points { available }")
    async with watching(url, ask.member(hong.member_id), watch) as stream:
        assert await stream.value() == {"nickname": "小红", "points": {"available": 100}}
        await merged(ming, hong)
        value = await stream.value()
        while value["nickname"] != "小明":
            value = await stream.value()
        assert value == {"nickname": "小明", "points": {"available": 100}}
        await give(ming.member_id, 5)
        assert (await stream.value())["points"] == {"available": 105}


async def test_the_stream_of_who_was_erased_ends(ask: Asking, url: str):
    ming = await a_member()
    async with watching(url, ask.member(ming.member_id), changed("nickname")) as stream:
        assert await stream.value() == {"nickname": "小明"}
        asked = Asked("ada@shop", Reason.OWN_WISH, "request-1", Content.DELETE)
        await erase(ming.member_id, asked, now=NOW)
        found = await stream.receive()
        while "errors" not in found["payload"]:
            assert "小明" not in str(found)
            found = await stream.receive()
        assert "UNAUTHENTICATED" in str(found)
        assert await stream.receive() == {"type": "complete", "id": "1"}


async def test_a_merge_elsewhere_is_asked_for_at_once(database: str):
    assert database
    await aliases.refresh()
    statements: list[str] = []
    async with watched(statements.append):
        await aliases.refresh()
        assert statements == []
        Live()._hear({"type": "message", "channel": b"accrue:member:x", "data": b"identity"})
        await aliases.refresh()
    assert len(statements) == 1


async def test_what_several_connections_watch_is_told_to_each(ask: Asking, url: str):
    ming = await a_member()
    token = ask.member(ming.member_id)
    async with connected(url) as one, connected(url) as two:
        for stream in (one, two):
            await stream.init(token)
            await stream.subscribe(changed("points { available }"), "a")
            await stream.subscribe(changed("points { pending }"), "b")
            answers = {str(await stream.receive()) for _ in range(2)}
            assert len(answers) == 2
        await give(ming.member_id, 10)
        for stream in (one, two):
            assert await stream.value("a") == {"points": {"available": 10}}
