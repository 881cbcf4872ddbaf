"""Does a member who blocks another see nothing of them, and is left alone by them?"""

import pytest

from db.connection import watched
from domain.community.errors import InteractionRefused, OwnContent, TooManyBlocks
from domain.community.model import Feed, Scope
from domain.community.operations import set_block
from domain.community.views import Thread, blocked, feed, post, profile, threads
from domain.members.operations import suspend
from kit.errors import MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.merging import merged
from tests.support.talking import answer, follow, followers, like, say
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, published

pytestmark = pytest.mark.usefixtures("database")


async def three():
    await published()
    return await a_member(nickname="小明"), await a_member(nickname="小红"), await a_member()


async def block(member, other, *, is_on=True):
    return await set_block(member.member_id, other.member_id, is_on=is_on, now=NOW)


async def seen_by(member, scope=Scope.HOT, **of):
    page = await feed(member.member_id, Feed(scope, **of), now=NOW)
    return {found.post.id for found in page.items}


async def comments_on(found, member):
    (page,) = await threads(member.member_id, [Thread(found.id)])
    return [shown.comment.id for shown in page.items]


async def test_what_the_blocked_say_is_not_there_for_who_blocked_them_and_for_others_it_is():
    ming, hong, hua = await three()
    theirs, own = await say(hong), await say(ming)
    of_hong, of_hua = await answer(hong, own), await answer(hua, own)
    assert await block(ming, hong)
    assert await seen_by(ming) == {own.id}
    assert await seen_by(ming, Scope.MEMBER, member_id=hong.member_id) == set()
    assert await post(ming.member_id, hong.member_id, theirs.id, now=NOW) is None
    assert await comments_on(own, ming) == [of_hua.id]
    assert await seen_by(hua) == await seen_by(hong) == {own.id, theirs.id}
    assert await comments_on(own, hong) == [of_hong.id, of_hua.id]
    shown = await profile(ming.member_id, hong.member_id, now=NOW)
    assert shown is not None
    assert shown.blocked
    assert await block(ming, hong, is_on=False)
    assert await seen_by(ming) == {own.id, theirs.id}


async def test_the_blocked_do_not_comment_like_or_follow_and_are_told_no_reason():
    ming, hong, hua = await three()
    own, theirs = await say(ming), await say(hua)
    said = await answer(ming, theirs)
    await block(ming, hong)
    for attempt in (
        lambda: answer(hong, own),
        lambda: answer(hong, theirs, to=said),
        lambda: like(hong, own),
        lambda: like(hong, said),
        lambda: follow(hong, ming),
    ):
        async with nothing_changed():
            with pytest.raises(InteractionRefused) as refused:
                await attempt()
        assert refused.value.message("en") == "That isn't possible here."
    await answer(hong, theirs)
    await block(ming, hong, is_on=False)
    assert await like(hong, own)


async def test_what_was_liked_before_may_be_taken_away():
    ming, hong, _ = await three()
    own = await say(ming)
    await like(hong, own)
    await follow(hong, ming)
    await block(ming, hong)
    assert await like(hong, own, is_on=False)
    assert await follow(hong, ming, is_on=False)


async def test_who_blocks_follows_no_more():
    ming, hong, _ = await three()
    await follow(ming, hong)
    await work(NOW)
    assert await followers(hong.member_id) == 1
    await block(ming, hong)
    await work(NOW)
    assert await followers(hong.member_id) == 0


async def test_a_block_is_refused_of_oneself_of_nobody_and_beyond_the_limit(monkeypatch):
    ming, hong, hua = await three()
    await block(ming, hong)
    monkeypatch.setattr("domain.community.operations.blocking.BLOCKS_MAX", 1)
    async with nothing_changed():
        assert not await block(ming, hong)
        with pytest.raises(OwnContent):
            await block(ming, ming)
        with pytest.raises(NotFound):
            await set_block(ming.member_id, new_id(), is_on=True, now=NOW)
        with pytest.raises(TooManyBlocks):
            await block(ming, hua)
    await suspend(ming.member_id, actor="ada", reason="fraud", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await block(ming, hua)


async def test_whom_one_has_blocked_is_listed_page_by_page():
    ming, hong, hua = await three()
    await block(ming, hong)
    await block(ming, hua)
    first = await blocked(ming.member_id, first=1)
    then = await blocked(ming.member_id, first=1, after=first.cursors[0])
    assert (first.has_next, then.has_next) == (True, False)
    found = {first.items[0].member_id, then.items[0].member_id}
    assert found == {hong.member_id, hua.member_id}


async def test_a_block_costs_a_feed_no_statement():
    ming, hong, _ = await three()
    await say(hong)
    counted = []
    for _ in range(2):
        statements: list[str] = []
        async with watched(statements.append):
            await seen_by(ming)
        counted.append(len(statements))
        await block(ming, hong)
    assert counted == [2, 2]


async def test_a_merge_frees_nobody_from_a_block():
    ming, hong, hua = await three()
    await block(ming, hong)
    await block(hong, ming)
    await merged(hua, hong)
    theirs = await say(hua)
    assert await seen_by(ming) == set()
    with pytest.raises(InteractionRefused):
        await like(ming, theirs)
