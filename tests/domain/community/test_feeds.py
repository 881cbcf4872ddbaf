"""Which posts does who see, in which order, and by how many statements?"""

from datetime import timedelta
from random import Random

import pytest

from db.connection import watched
from domain.community import operations, rules
from domain.community.model import Feed, Scope
from domain.community.views import Thread, feed, post, profile, threads, topics
from kit.errors import InvalidInput, NotFound
from tests.support.programmes import in_force
from tests.support.shop import done, paid
from tests.support.talking import answer, follow, like, say
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

HOME, HOT = Feed(Scope.HOME), Feed(Scope.HOT)


async def _pages(viewer, asked, *, first=2, between=None) -> list[str]:
    """The texts of all pages, and what is done after each."""
    found: list[str] = []
    after = None
    while True:
        page = await feed(viewer, asked, first=first, after=after, now=NOW)
        found += [shown.post.body for shown in page.items]
        if not page.has_next:
            return found
        after = page.cursors[-1]
        if between is not None:
            await between()


async def test_home_is_of_followed_members_and_topics_and_ones_own(ming, hua):
    lan = await a_member(nickname="小兰")
    await say(hua, "followed", at=NOW)
    await say(lan, "in a topic", topic="TEA", at=NOW + timedelta(minutes=1))
    await say(lan, "elsewhere", topic="COFFEE", at=NOW + timedelta(minutes=2))
    await say(ming, "my own", at=NOW + timedelta(minutes=3))
    await say(hua, "both", topic="TEA", at=NOW + timedelta(minutes=4))
    await follow(ming, hua)
    await operations.set_topic_follow(ming.member_id, "TEA", is_on=True, now=NOW)
    expected = ["both", "my own", "in a topic", "followed"]
    assert await _pages(ming.member_id, HOME, first=1) == expected
    assert await _pages(ming.member_id, HOME, first=3) == expected


@pytest.mark.parametrize("scope", [Scope.HOME, Scope.TOPIC, Scope.MEMBER])
async def test_pages_stay_as_they_are_while_new_posts_arrive(ming, hua, scope):
    await follow(hua, ming)
    texts = [str(number) for number in range(9)]
    for number in texts:
        await say(ming, number, topic="TEA", at=NOW + timedelta(minutes=int(number) // 2))

    async def more():
        await say(ming, "new", topic="TEA", at=NOW + timedelta(hours=1))

    asked = Feed(
        scope,
        "TEA" if scope == Scope.TOPIC else None,
        ming.member_id if scope == Scope.MEMBER else None,
    )
    found = await _pages(hua.member_id, asked, between=more)
    assert sorted(found) == texts
    assert [int(text) // 2 for text in found] == [4, 3, 3, 2, 2, 1, 1, 0, 0]


async def test_what_is_hot_is_liked_and_new(ming, hua):
    day = timedelta(hours=24)
    for number, at in enumerate((NOW, NOW, NOW + day)):
        await say(ming, f"post {number}", at=at)
    (third, second, first) = (await feed(None, HOT, now=NOW)).items
    for _ in range(4):
        await like(await a_member(), first.post)
    await like(hua, second.post)
    await work(NOW)
    assert await _pages(None, HOT, first=1) == ["post 0", "post 2", "post 1"]
    assert third.post.heat == int((NOW + day).timestamp())


def test_three_likes_are_worth_two_half_lives():
    now = rules.heat(likes=0, comments=0, published_at=NOW, half_life_hours=12)
    assert rules.heat(likes=3, comments=0, published_at=NOW, half_life_hours=12) == now + 86_400
    assert rules.heat(likes=1, comments=1, published_at=NOW, half_life_hours=12) == now + 86_400


async def test_a_topic_for_some_is_nowhere_for_others(ming, hua):
    await done(paid(hua, "o1", 2_000_000, at=NOW), now=NOW)
    await done(*[paid(hua, f"o{n}", 10_000, at=NOW) for n in range(2, 12)], now=NOW)
    secret = await say(hua, "secret", topic="LOUNGE")
    await say(hua, "public")
    lounge = Feed(Scope.TOPIC, "LOUNGE")
    of_hua = Feed(Scope.MEMBER, member_id=hua.member_id)
    await follow(ming, hua)
    for viewer in (ming.member_id, None):
        with pytest.raises(NotFound):
            await feed(viewer, lounge, now=NOW)
        assert await _pages(viewer, of_hua) == ["public"]
        assert await _pages(viewer, HOT) == ["public"]
        assert await post(viewer, secret.member_id, secret.id, now=NOW) is None
        assert "LOUNGE" not in [topic.code for topic in await topics(viewer, now=NOW)]
    assert await _pages(ming.member_id, HOME) == ["public"]
    assert await _pages(hua.member_id, lounge) == ["secret"]
    for verb in (answer(ming, secret), like(ming, secret)):
        async with nothing_changed():
            with pytest.raises(NotFound):
                await verb


async def test_what_was_said_in_a_topic_for_some_stays_theirs_when_the_topic_is_gone(ming, hua):
    await done(paid(hua, "o1", 2_000_000, at=NOW), now=NOW)
    await done(*[paid(hua, f"o{n}", 10_000, at=NOW) for n in range(2, 12)], now=NOW)
    secret = await say(hua, "secret", topic="LOUNGE")
    await say(hua, "public", topic="TEA")
    await in_force(since=NOW, community={"topics": []})
    for viewer, texts in ((ming.member_id, ["public"]), (hua.member_id, ["public", "secret"])):
        assert await _pages(viewer, Feed(Scope.MEMBER, member_id=hua.member_id)) == texts
        found = await post(viewer, secret.member_id, secret.id, now=NOW)
        assert (found is not None) == ("secret" in texts)
    for verb in (answer(ming, secret), like(ming, secret)):
        async with nothing_changed():
            with pytest.raises(NotFound):
                await verb
    assert await _pages(None, HOT) == ["public"]


@pytest.mark.parametrize("count", [2, 40])
async def test_a_feed_is_two_statements_however_many_posts(ming, hua, count):
    for number in range(count):
        made = await say(hua, f"post {number}")
        if number < 3:
            await answer(ming, made)
    await follow(ming, hua)
    scopes = (
        HOME,
        HOT,
        Feed(Scope.MEMBER, member_id=hua.member_id),
    )
    for asked in scopes:
        statements: list[str] = []
        async with watched(statements.append):
            page = await feed(ming.member_id, asked, first=100, now=NOW)
        assert (len(page.items), len(statements)) == (count, 2)
        async with watched(statements.append):
            found = await threads(ming.member_id, [Thread(one.post.id) for one in page.items])
        assert len(statements) == 3
        assert sum(len(thread.items) for thread in found) == min(count, 3)


async def test_a_viewer_sees_what_they_like_and_whom_they_follow(ming, hua):
    made = await say(hua)
    await like(ming, made)
    await follow(ming, hua)
    mine = await post(ming.member_id, hua.member_id, made.id, now=NOW)
    others = await post(None, hua.member_id, made.id, now=NOW)
    assert mine is not None
    assert others is not None
    assert (mine.liked, mine.author.followed, mine.author.nickname) == (True, True, "小华")
    assert (others.liked, others.author.followed) == (False, False)
    await work(NOW)
    shown = await profile(ming.member_id, hua.member_id, now=NOW)
    assert shown is not None
    assert (shown.follower_count, shown.level.code, shown.author.followed) == (1, "LV1", True)


async def test_threads_page_by_time_with_answers_below_their_comment(ming, hua):
    made = await say(ming)
    comments = [await answer(hua, made, f"评论 {number}") for number in range(3)]
    replies = [await answer(ming, made, f"回复 {number}", to=comments[0]) for number in range(2)]
    (page,) = await threads(None, [Thread(made.id, first=2)])
    assert [one.comment.id for one in page.items] == [comments[0].id, comments[1].id]
    (rest,) = await threads(None, [Thread(made.id, first=2, after=page.cursors[-1])])
    assert [one.comment.id for one in rest.items] == [comments[2].id]
    (below,) = await threads(None, [Thread(comments[0].id, replies=True)])
    assert [one.comment.id for one in below.items] == [reply.id for reply in replies]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (Feed(Scope.HOME), ["scope"]),
        (Feed(Scope.HOT, topic="TEA"), ["topic"]),
        (Feed(Scope.MEMBER), ["memberId"]),
    ],
)
async def test_a_feed_that_cannot_be_is_refused(square, asked, path):  # noqa: ARG001
    with pytest.raises(InvalidInput) as found:
        await feed(None, asked, now=NOW)
    assert found.value.path == path


@pytest.mark.parametrize("after", ["x", "WyJhIiwiYiJd", "WzEsImEiXQ"])
async def test_a_cursor_of_another_list_is_refused(square, after):  # noqa: ARG001
    for asked in (HOT, Feed(Scope.TOPIC, "TEA")):
        with pytest.raises(InvalidInput):
            await feed(None, asked, after=after, now=NOW)


async def test_pages_of_any_size_tell_the_same(ming):
    chance = Random(7)  # noqa: S311  the same each time
    for number in range(12):
        await say(ming, str(number), at=NOW + timedelta(minutes=chance.randrange(4)))
    whole = await _pages(None, HOT, first=100)
    for first in (1, 5):
        assert await _pages(None, HOT, first=first) == whole


async def test_home_of_many_followed_is_all_of_theirs_by_time(ming):
    """More of them than a page has posts, some with much to say and some with nothing."""
    chance = Random(7)  # noqa: S311  the same each time
    said: list[tuple[str, str]] = []
    for author in range(6):
        member = await a_member()
        await follow(ming, member)
        for _ in range(author):
            minute = chance.randrange(4)
            made = await say(member, f"{author}", at=NOW + timedelta(minutes=minute))
            said.append((f"{minute} {made.id}", f"{author}"))
    expected = [author for _, author in sorted(said, reverse=True)]
    for first in (1, 3, 5, 20):
        assert await _pages(ming.member_id, HOME, first=first) == expected
