"""Do posts earn, and is what a review or a post gave gone when it is taken down?"""

from datetime import timedelta

import pytest

from domain.ledger.operations import audit
from tests.support.missions import a_task, balances, progress, tasks_in_force
from tests.support.shop import done, fact, paid, refunded, reviewed, states
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def posted(member, post_id, *, at=NOW):
    return fact(member, "post.published", {"postId": post_id}, at=at)


def taken_down(member, post_id, *, at=NOW):
    return fact(member, "post.removed", {"postId": post_id}, at=at)


def review_removed(member, review_id, *, at=NOW):
    return fact(member, "review.removed", {"reviewId": review_id}, at=at)


async def test_three_posts_a_day_earn():
    member = await a_member()
    await done(*(posted(member, f"p{n}") for n in range(4)))
    assert await balances(member) == (0, 15, 15)


async def test_what_is_taken_down_takes_its_points_and_growth_with_it_once():
    member = await a_member()
    await done(posted(member, "p"), reviewed(member, "r", photos=1))
    assert await balances(member) == (0, 35, 35)
    await done(taken_down(member, "p", at=NOW + DAY), review_removed(member, "r", at=NOW + DAY))
    assert await balances(member) == (0, 0, 0)
    await done(
        fact(member, "post.removed", {"postId": "p"}, at=NOW + 2 * DAY, source="other"),
        now=NOW + 2 * DAY,
    )
    assert await balances(member) == (0, 0, 0)
    assert (await audit(now=NOW + 2 * DAY)).breaches == []


async def test_a_removal_that_comes_first_finds_the_post_when_it_comes():
    member = await a_member()
    await done(taken_down(member, "p", at=NOW + HOUR))
    await done(posted(member, "p"), now=NOW + HOUR)
    assert await balances(member) == (0, 5, 5)
    await work(NOW + 2 * HOUR)
    assert await balances(member) == (0, 0, 0)
    assert await states(member.member_id) == ["done", "done"]


async def test_a_review_goes_once_whether_with_its_order_or_by_itself():
    for first in ("order", "review"):
        member = await a_member()
        await done(paid(member, f"A {first}", 10_000))
        await done(reviewed(member, f"r {first}", order_id=f"A {first}"))
        assert await balances(member) == (120, 0, 120)
        back = refunded(member, f"A {first}", "R", at=NOW + DAY)
        gone = review_removed(member, f"r {first}", at=NOW + DAY)
        for event in (back, gone) if first == "order" else (gone, back):
            await done(event)
        assert await balances(member) == (0, 0, 0)


async def test_a_task_of_posts_is_undone_with_its_post():
    await tasks_in_force(a_task(kind="posts", target=2))
    member = await a_member()
    await done(posted(member, "p1"), posted(member, "p2"))
    assert await balances(member) == (0, 110, 110)
    await done(taken_down(member, "p1", at=NOW + DAY))
    assert await progress(member) == {("T", "once"): ("OPEN", 1, 1)}
    assert await balances(member) == (0, 5, 5)


async def test_a_campaign_is_joined_by_each_customer_once():
    await tasks_in_force(a_task(kind="campaign", campaign="double-11"))
    one, other = await a_member(), await a_member()
    joined = {"campaign": "double-11"}
    await done(fact(one, "campaign.joined", joined), fact(other, "campaign.joined", joined))
    await done(fact(one, "campaign.joined", {"campaign": "spring"}))
    assert await progress(one) == await progress(other) == {("T", "once"): ("REWARDED", 1, 1)}
