"""What may a member say, and what becomes of it?"""

from datetime import timedelta
from typing import Any

import pytest

from domain.community import operations
from domain.community.errors import OwnContent, ReplyTooDeep, TooManyFollows
from domain.community.model import Draft, Kind, Subject
from domain.members.operations import suspend
from domain.rewards.errors import LevelTooLow, TierTooLow
from kit.errors import IdempotencyKeyReused, InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.shop import done, line, paid
from tests.support.talking import (
    BODY,
    answer,
    counts_of,
    follow,
    followers,
    like,
    say,
)
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

LATER = NOW + timedelta(minutes=5)


async def _refused(error, verb) -> Any:
    async with nothing_changed():
        with pytest.raises(error) as found:
            await verb
    return found.value


async def test_a_post_is_written_once_for_each_key(ming):
    draft = Draft(" 一杯好茶 ", images=("https://img.example/1.jpg",), topic="TEA", sku="tea")
    first = await operations.create_post(ming.member_id, draft, key="k", now=NOW)
    async with nothing_changed():
        again = await operations.create_post(ming.member_id, draft, key="k", now=LATER)
    assert again == first
    assert (first.body, first.skus, first.topic) == ("一杯好茶", ["tea"], "TEA")
    other = operations.create_post(ming.member_id, Draft("另一杯"), key="k", now=LATER)
    await _refused(IdempotencyKeyReused, other)


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        (Draft("  "), ["input", "body"]),
        *((Draft(unseen * 3), ["input", "body"]) for unseen in "\u200b\u3164\u2800\u202e\u0301"),
        (Draft("好" * 2_001), ["input", "body"]),
        (Draft("a\x00b"), ["input", "body"]),
        (Draft(BODY, images=("http://img.example/1.jpg",)), ["input", "images", "0"]),
        (Draft(BODY, images=("https://u:p@img.example/1.jpg",)), ["input", "images", "0"]),
        (Draft(BODY, images=("https://[x",)), ["input", "images", "0"]),
        (Draft(BODY, images=("https://img.example/1.jpg",) * 10), ["input", "images"]),
        (Draft(BODY, sku=""), ["input", "sku"]),
        (Draft(BODY, order=("shop", "")), ["input", "orderId"]),
        (Draft(BODY, sku="tea", order=("shop", "o1")), ["input", "sku"]),
    ],
)
async def test_what_cannot_be_said_is_refused_with_its_path(ming, draft, path):
    verb = operations.create_post(ming.member_id, draft, key="k", now=NOW)
    assert (await _refused(InvalidInput, verb)).path == path


async def test_an_order_show_is_of_an_order_of_ones_own(ming, hua):
    await done(paid(ming, "o1", line(100, "1", sku="tea"), line(100, "2", sku="cup")))
    shown = await say(ming, order=("shop", "o1"))
    assert (shown.kind, shown.skus) == ("ORDER_SHOW", ["tea", "cup"])
    await _refused(NotFound, say(hua, order=("shop", "o1")))


async def test_topics_let_in_by_tier_and_level(ming):
    await _refused(NotFound, say(ming, topic="NOWHERE"))
    await _refused(NotFound, say(ming, topic="LOUNGE"))
    found = await _refused(LevelTooLow, say(ming, topic="EXPERTS"))
    assert found.facts == {"required": "LV3"}


async def test_who_reads_a_topic_may_still_be_too_low_to_write_in_it(ming):
    await done(paid(ming, "o1", 1_200_000), now=NOW)
    found = await _refused(TierTooLow, say(ming, topic="LOUNGE"))
    assert found.facts == {"required": "PLATINUM"}


async def test_a_post_that_is_taken_away_is_gone_for_everybody(ming, hua):
    post = await say(ming)
    await _refused(NotFound, operations.delete_post(hua.member_id, post.id, now=LATER))
    await operations.delete_post(ming.member_id, post.id, now=LATER)
    await _refused(NotFound, operations.delete_post(ming.member_id, post.id, now=LATER))
    await _refused(NotFound, answer(hua, post))
    await _refused(NotFound, like(hua, post))


async def test_comments_have_two_levels_and_are_counted(ming, hua):
    post = await say(ming)
    first = await answer(hua, post)
    reply = await answer(ming, post, to=first)
    await work(NOW)
    assert await counts_of(post) == (0, 2)
    await _refused(ReplyTooDeep, answer(hua, post, to=reply))
    other = await say(hua)
    await _refused(NotFound, answer(hua, other, to=first))
    await _refused(InvalidInput, answer(hua, post, " "))
    await operations.delete_comment(hua.member_id, first.id, now=LATER)
    await work(LATER)
    assert await counts_of(post) == (0, 1)
    await _refused(NotFound, answer(ming, post, to=first))


async def test_likes_of_posts_and_comments_are_counted_once_each(ming, hua):
    post = await say(ming)
    comment = await answer(ming, post)
    assert await like(hua, post)
    assert await like(hua, comment)
    async with nothing_changed():
        assert not await like(hua, post)
    await work(NOW)
    assert (await counts_of(post), await counts_of(comment)) == ((1, 1), (1,))
    assert await like(hua, post, is_on=False, at=LATER)
    await work(LATER)
    assert await counts_of(post) == (0, 1)
    await _refused(OwnContent, like(ming, post))
    nothing = Subject(ming.member_id, new_id(), Kind.COMMENT)
    await _refused(NotFound, operations.set_like(hua.member_id, nothing, is_on=True, now=NOW))


async def test_a_like_may_be_taken_away_from_what_is_gone(ming, hua):
    post = await say(ming)
    await like(hua, post)
    await work(NOW)
    await operations.delete_post(ming.member_id, post.id, now=LATER)
    assert await like(hua, post, is_on=False, at=LATER)
    await work(LATER)
    assert await counts_of(post) == (0, 0)


async def test_likes_and_unlikes_before_a_worker_looks_count_as_they_ended(ming, hua):
    post = await say(ming)
    for is_on in (True, False, True, False, True):
        await like(hua, post, is_on=is_on)
    await work(NOW)
    assert await counts_of(post) == (1, 0)


async def test_followers_are_counted_and_bounded(ming, hua):
    assert await follow(hua, ming)
    assert not await follow(hua, ming)
    await work(NOW)
    assert await followers(ming.member_id) == 1
    await _refused(OwnContent, follow(ming, ming))
    stranger = operations.set_follow(ming.member_id, new_id(), is_on=True, now=NOW)
    await _refused(NotFound, stranger)
    await in_force(since=NOW, community={"follows_max": 1})
    found = await _refused(TooManyFollows, follow(hua, await a_member()))
    assert found.facts == {"limit": 1}
    await follow(hua, ming, is_on=False)
    await work(NOW)
    assert await followers(ming.member_id) == 0


async def test_only_topics_that_one_sees_are_followed(ming):
    async def verb(code, *, is_on=True):
        await operations.set_topic_follow(ming.member_id, code, is_on=is_on, now=NOW)

    await verb("TEA")
    async with nothing_changed():
        await verb("TEA")
        await verb("LOUNGE", is_on=False)
    await _refused(NotFound, verb("LOUNGE"))


async def test_a_suspended_member_says_and_does_nothing(ming, hua):
    post = await say(hua)
    mine = await say(ming)
    comment = await answer(ming, post)
    await suspend(ming.member_id, actor="ada", reason="r", now=NOW)
    for verb in (
        say(ming),
        answer(ming, post),
        like(ming, post),
        follow(ming, hua),
        operations.set_topic_follow(ming.member_id, "TEA", is_on=True, now=NOW),
        operations.delete_post(ming.member_id, mine.id, now=NOW),
        operations.delete_comment(ming.member_id, comment.id, now=NOW),
    ):
        await _refused(MemberSuspended, verb)
