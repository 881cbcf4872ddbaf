"""Is what two members said, liked and follow one member's, counted once, and parted again?"""

from dataclasses import replace

import pytest

from domain.community import operations, views
from domain.community.errors import AlreadyReported, OwnContent
from domain.community.model import BAN, Feed, ReportReason, Scope
from domain.rewards.errors import CommunityBanned
from tests.support import shop
from tests.support.merging import balance, column, merged, parted, sound
from tests.support.talking import (
    answer,
    counts_of,
    follow,
    followers,
    like,
    say,
    subject,
    voiced,
)
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, published

pytestmark = pytest.mark.usefixtures("database")


async def four():
    await published()
    found = [await a_member(nickname=name) for name in ("Ming", "Hong", "Ann", "Bob")]
    return tuple(found)


def moved(member, found):
    """Content as others find it after its author became this member."""
    return replace(found, member_id=member.member_id)


async def home(member):
    page = await views.feed(member.member_id, Feed(Scope.HOME), now=NOW)
    return [shown.post.id for shown in page.items]


async def right():
    """Every count is the number of what was received and stands."""
    received = (
        "(SELECT count(*) FROM community_received r WHERE r.member_id = c.member_id"
        " AND r.subject_id = c.id AND r.kind = '{}' AND r.is_on)"
    )
    likes, comments = received.format("LIKE"), received.format("COMMENT")
    wrong = await column(
        f"SELECT c.id FROM community_post c WHERE like_count <> {likes} OR comment_count"  # noqa: S608
        f" <> {comments} OR comment_count <> (SELECT count(*) FROM community_comment m"
        " WHERE m.post_id = c.id AND m.state = 'VISIBLE')"
        f" UNION ALL SELECT c.id FROM community_comment c WHERE like_count <> {likes}"
        " UNION ALL SELECT c.id FROM community_comment c WHERE NOT EXISTS (SELECT FROM"
        " community_post p WHERE p.member_id = c.post_member_id AND p.id = c.post_id)"
        " UNION ALL SELECT p.member_id FROM community_profile p JOIN member m USING (member_id)"
        " WHERE m.merged_into IS NULL AND follower_count <> (SELECT count(*)"
        " FROM community_follow f WHERE f.followed_id = p.member_id AND f.is_on)"
    )
    assert wrong == []
    assert await column("SELECT count(*) FROM job WHERE state = 'dead'") == [0]
    await sound(NOW)


async def test_what_both_said_and_like_is_one_members_and_each_has_their_own_once_they_are_parted():
    ming, hong, ann, bob = await four()
    mine, theirs, hers = await say(ming), await say(hong), await say(ann)
    comment = await answer(bob, theirs)
    said = await answer(hong, hers)
    for member, found in (
        (ming, hers),
        (hong, hers),
        (ming, theirs),
        (hong, mine),
        (ann, theirs),
        (hong, comment),
        (ming, said),
    ):
        await like(member, found)
    await work(NOW)
    assert [await counts_of(one) for one in (mine, theirs, hers, comment, said)] == [
        *((1, 0), (2, 1), (2, 1), (1,), (1,)),
    ]
    await merged(ming, hong)
    await work(NOW)
    assert [await counts_of(one) for one in (mine, theirs, hers, comment, said)] == [
        *((0, 0), (1, 1), (2, 1), (1,), (0,)),
    ]
    await right()
    with pytest.raises(OwnContent):
        await like(ming, moved(ming, theirs))
    await like(ann, comment)
    await operations.delete_comment(bob.member_id, comment.id, now=NOW)
    await like(ming, hers, is_on=False)
    await work(NOW)
    assert [await counts_of(one) for one in (theirs, hers)] == [(1, 0), (0, 1)]
    await parted(ming, hong)
    await work(NOW)
    assert [await counts_of(one) for one in (mine, theirs, said)] == [(1, 0), (2, 0), (1,)]
    await right()
    page = await views.feed(None, Feed(Scope.MEMBER, member_id=hong.member_id), now=NOW)
    assert [shown.post.id for shown in page.items] == [theirs.id]


async def test_who_followed_either_follows_the_survivor_once_and_nobody_follows_themselves():
    ming, hong, ann, bob = await four()
    post = await say(hong)
    hers = await say(ann)
    for member, other in ((ann, ming), (ann, hong), (bob, hong), (ming, hong), (hong, ming)):
        await follow(member, other)
    await follow(hong, ann)
    await work(NOW)
    assert [await followers(one.member_id) for one in (ming, hong, ann)] == [2, 3, 1]
    await merged(ming, hong)
    await work(NOW)
    assert [await followers(one.member_id) for one in (ming, ann)] == [2, 1]
    await right()
    assert await home(bob) == [post.id]
    assert await home(ming) == [hers.id, post.id]
    with pytest.raises(OwnContent):
        await follow(ming, ming)
    await parted(ming, hong)
    await work(NOW)
    assert [await followers(one.member_id) for one in (ming, hong, ann)] == [2, 3, 1]
    assert (await home(ming), await home(bob)) == ([post.id], [post.id])
    await right()


async def test_what_was_liked_and_followed_at_that_moment_is_counted_for_the_survivor():
    ming, hong, ann, bob = await four()
    post = await say(hong)
    await like(ann, post)
    await follow(bob, hong)
    await answer(bob, post)
    await merged(ming, hong)
    await work(NOW)
    assert (await counts_of(post), await followers(ming.member_id)) == ((1, 1), 1)
    await right()
    await like(bob, moved(ming, post))
    await answer(ann, moved(ming, post))
    await parted(ming, hong)
    await work(NOW)
    assert (await counts_of(post), await followers(hong.member_id)) == ((2, 2), 1)
    await right()


async def test_what_the_absorbed_likes_the_survivor_likes_and_gives_nothing_for_it_again():
    ming, hong, ann, _ = await four()
    hers = await say(ann)
    await like(hong, hers)
    await work(NOW)
    earned = await balance(ann, "COMMUNITY")
    await merged(ming, hong)
    async with nothing_changed():
        assert await like(ming, hers) is False
    await work(NOW)
    assert (await counts_of(hers), await balance(ann, "COMMUNITY")) == ((1, 0), earned)
    await parted(ming, hong)
    await work(NOW)
    assert (await counts_of(hers), await balance(ann, "COMMUNITY")) == ((1, 0), earned)
    assert await like(ming, hers) is True
    await work(NOW)
    assert await counts_of(hers) == (2, 0)
    await right()


async def test_a_comment_that_was_restored_just_before_the_parting_is_counted():
    ming, hong, ann, _ = await four()
    hers = await say(ann)
    comment = await answer(hong, hers)
    await work(NOW)
    await merged(ming, hong)
    await operations.hide(subject(moved(ming, comment)), reason="r", actor="ada", now=NOW)
    await work(NOW)
    assert await counts_of(hers) == (0, 0)
    await operations.restore(subject(moved(ming, comment)), reason="r", actor="ada", now=NOW)
    await parted(ming, hong)
    await work(NOW)
    assert await counts_of(hers) == (0, 1)
    await right()


async def test_a_like_that_came_with_the_absorbed_is_taken_back_and_given_again_as_one():
    _, _, ann, _ = await four()
    before = await balance(ann)
    hers = await say(ann)
    ming, fan = await voiced(), await voiced()
    await like(fan, hers)
    await work(NOW)
    liked = await balance(ann)
    assert (await counts_of(hers), liked[1] - before[1]) == ((1, 0), 6)
    await merged(ming, fan)
    for is_on, likes in ((False, 0), (True, 1), (False, 0), (True, 1)):
        assert await like(ming, hers, is_on=is_on) is True
        await work(NOW)
        assert await counts_of(hers) == (likes, 0)
        assert (await balance(ann))[1] == liked[1] - 1 + likes
        await right()
    await parted(ming, fan)
    await work(NOW)
    assert (await counts_of(hers), (await balance(ann))[1]) == ((0, 0), liked[1] - 1)
    await right()


async def test_what_was_paid_for_a_post_is_taken_back_from_the_survivor_once():
    ming, hong, _, _ = await four()
    post = await say(hong)
    paid = await balance(hong, "COMMUNITY"), await balance(hong)
    assert paid != ((0, 0, 0), (0, 0, 0))
    await merged(ming, hong)
    assert (await balance(ming, "COMMUNITY"), await balance(ming)) == paid
    await operations.delete_post(ming.member_id, post.id, now=NOW)
    await work(NOW)
    assert (await balance(ming, "COMMUNITY"), await balance(ming)) == ((0, 0, 0), (0, 0, 0))
    await right()
    await parted(ming, hong)
    assert [await balance(one) for one in (ming, hong)] == [(0, 0, 0)] * 2


async def test_a_post_that_shows_an_order_goes_with_it():
    ming, hong, _, _ = await four()
    await shop.done(shop.paid(hong, "A", 5_000))
    source = (await shop.purchase(hong.member_id, "A")).source
    shown = await say(hong, order=(source, "A"))
    await merged(ming, hong)
    again = await say(ming, order=(source, "A"))
    owners = "SELECT member_id FROM community_post ORDER BY published_at, id"
    assert await column(owners) == [ming.member_id] * 2
    await parted(ming, hong)
    assert await column(owners) == [hong.member_id] * 2
    assert {shown.purchase_id, again.purchase_id} == {(await shop.purchase(hong.member_id, "A")).id}
    await right()


async def test_what_was_written_to_others_is_counted_though_its_author_was_merged_meanwhile():
    ming, hong, ann, _ = await four()
    hers = await say(ann)
    await answer(hong, hers)
    await operations.report(hong.member_id, subject(hers), ReportReason.SPAM, note="", now=NOW)
    await merged(ming, hong)
    await work(NOW)
    assert await counts_of(hers) == (0, 1)
    assert await column("SELECT report_count FROM community_post") == [1]
    async with nothing_changed():
        with pytest.raises(AlreadyReported):
            await operations.report(
                ming.member_id, subject(hers), ReportReason.SPAM, note="", now=NOW
            )
    await parted(ming, hong)
    await right()


async def test_who_is_banned_does_not_escape_by_a_merge():
    ming, hong, _, _ = await four()
    await operations.ban(hong.member_id, ends_at=None, reason="spam", actor="ada", now=NOW)
    (ban,) = await column("SELECT id FROM community_ban")
    await merged(ming, hong)
    async with nothing_changed():
        with pytest.raises(CommunityBanned):
            await say(ming)
    log = await views.log(ming.member_id, first=5, after=None)
    assert [acted.action for acted in log.items] == ["BANNED"]
    await operations.appeal(ming.member_id, BAN, ban, text="我没有刷屏", now=NOW)
    await parted(ming, hong)
    await say(ming)
    async with nothing_changed():
        with pytest.raises(CommunityBanned):
            await say(hong)
    assert await column("SELECT member_id FROM community_ban") == [hong.member_id]
