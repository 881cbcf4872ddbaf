"""Who may review what, when does it pay, and what becomes of it when the order is sent back?"""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.community import operations
from domain.community.errors import AlreadyReviewed, NotBought
from domain.community.model import Draft, Feed, Scope
from domain.community.views import feed, rating
from domain.ledger.operations import audit
from kit.errors import InvalidInput
from kit.ids import new_id
from tests.support.missions import a_task, progress
from tests.support.programmes import in_force
from tests.support.shop import completed, done, line, paid, refunded
from tests.support.talking import earned, say, subject
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, nothing_changed

LATER = NOW + timedelta(minutes=5)
TEXT = "茶叶条索紧结，香气清高，泡出来的汤色很透亮，会回购。"
ORDER = ("shop", "o1")


async def bought(member):
    await done(
        paid(member, "o1", line(10_000, "1", sku="tea"), line(5_000, "2", sku="cup")), now=NOW
    )


def review(member, *, line_id="1", stars=5, at=LATER, key=None, **facts):
    body = facts.pop("body", TEXT)
    draft = Draft(body, **{"order": ORDER, "line_id": line_id, "rating": stars, **facts})
    return operations.create_post(member.member_id, draft, key=key or str(new_id()), now=at)


async def _points(member) -> tuple[int, int, int]:
    """What the review gave: pending, available less debt, GROWTH; of the order's 150 nothing."""
    points, growth = await wallet(member.member_id), await wallet(member.member_id, "GROWTH")
    return points.pending, points.available + points.debt, growth.available


async def test_a_review_of_a_thing_never_bought_gives_nothing_and_is_refused(ming, hua):
    await bought(ming)
    for who, line_id in ((hua, "1"), (ming, "3")):
        async with nothing_changed():
            with pytest.raises(NotBought):
                await review(who, line_id=line_id)
    await done(refunded(ming, "o1", "r1", ("1", 10_000), at=LATER))
    async with nothing_changed():
        with pytest.raises(NotBought):
            await review(ming)
    assert await earned(ming) == []


async def test_what_a_review_gives_waits_for_its_order(ming):
    await bought(ming)
    made = await review(ming, images=("https://img.example/1.jpg",))
    assert (made.kind, made.skus, made.rating) == ("REVIEW", ["tea"], 5)
    assert await _points(ming) == (150 + 30, 0, 150 + 30)
    await done(completed(ming, "o1", at=NOW + timedelta(days=3)))
    assert (await _points(ming))[:2] == (0, 180)
    assert (await audit(now=NOW + timedelta(days=3))).breaches == []


async def test_an_order_that_is_sent_back_takes_what_its_review_gave(ming):
    await bought(ming)
    made = await review(ming)
    assert await _points(ming) == (170, 0, 170)
    await done(refunded(ming, "o1", "r1", at=LATER))
    assert await _points(ming) == (0, 0, 0)
    await operations.hide(subject(made), reason="r", actor="ada", now=LATER)
    await operations.restore(subject(made), reason="r", actor="ada", now=LATER)
    await work(LATER)
    assert await _points(ming) == (0, 0, 0)
    assert ("REVIEW", "TAKEN_BACK", "RETURNED", 20) in await earned(ming)
    assert (await audit(now=LATER)).breaches == []


async def test_a_line_that_is_sent_back_alone_takes_what_its_review_gave(ming):
    await bought(ming)
    made = await review(ming)
    await review(ming, line_id="2", body="杯子还不错，就是盖子有点松，倒水要小心。")
    assert await _points(ming) == (190, 0, 190)
    await done(refunded(ming, "o1", "r1", ("1", 10_000), at=LATER))
    assert await _points(ming) == (50 + 20, 0, 50 + 20)
    assert ("REVIEW", "TAKEN_BACK", "RETURNED", 20) in await earned(ming)
    await operations.hide(subject(made), reason="r", actor="ada", now=LATER)
    await operations.restore(subject(made), reason="r", actor="ada", now=LATER)
    assert await _points(ming) == (70, 0, 70)
    await done(refunded(ming, "o1", "r2", at=LATER))
    await work(LATER)
    assert await _points(ming) == (0, 0, 0)
    assert (await audit(now=LATER)).breaches == []


async def test_a_hidden_review_gives_back_and_gets_again_what_it_gave(ming):
    await bought(ming)
    made = await review(ming)
    await operations.hide(subject(made), reason="r", actor="ada", now=LATER)
    assert await _points(ming) == (150, 0, 150)
    await operations.restore(subject(made), reason="r", actor="ada", now=LATER)
    assert await _points(ming) == (170, 0, 170)
    await done(refunded(ming, "o1", "r1", at=LATER))
    assert await _points(ming) == (0, 0, 0)
    assert (await audit(now=LATER)).breaches == []


async def test_each_line_is_reviewed_once_and_anew_when_deleted(ming):
    await bought(ming)
    first = await review(ming)
    async with nothing_changed():
        with pytest.raises(AlreadyReviewed):
            await review(ming)
    await review(ming, line_id="2", stars=3, body="杯子还不错，就是盖子有点松，倒水要小心。")
    await operations.delete_post(ming.member_id, first.id, now=LATER)
    again = await review(ming, stars=4, body="换个说法：这款茶叶耐泡，三泡仍有余香，值得买。")
    assert again.rating == 4
    assert (await wallet(ming.member_id)).pending == 150 + 40


async def test_goods_have_their_reviews_and_the_mean_of_their_stars(ming, hua):
    for who in (ming, hua):
        await done(paid(who, f"o{who.nickname}", line(10_000, "1", sku="tea")), now=NOW)
    for who, stars in ((ming, 5), (hua, 4)):
        order = ("shop", f"o{who.nickname}")
        await review(who, stars=stars, order=order)
    await say(ming, "不是评价", sku="tea")
    page = await feed(None, Feed(Scope.REVIEWS, sku="tea"), first=1, now=LATER)
    assert ([one.post.rating for one in page.items], page.has_next) == ([4], True)
    assert await rating("tea") == (2, Decimal("4.50"))
    assert await rating("cup") == (0, None)


async def test_reviews_count_for_tasks_as_long_as_the_order_stands(ming):
    await in_force(since=NOW, tasks=[a_task(kind="reviews", claim="member")])
    await bought(ming)
    await review(ming)
    await work(LATER)
    assert await progress(ming) == {("T", "once"): ("CLAIMABLE", 1, 0)}
    await done(refunded(ming, "o1", "r1", at=LATER))
    assert (await progress(ming))["T", "once"][0] == "OPEN"


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"stars": 6}, ["input", "rating"]),
        ({"stars": None}, ["input", "rating"]),
        ({"order": None}, ["input", "orderId"]),
        ({"line_id": None, "stars": None, "is_question": True}, ["input", "orderId"]),
    ],
)
async def test_a_review_that_cannot_be_is_refused(ming, facts, path):
    async with nothing_changed():
        with pytest.raises(InvalidInput) as found:
            await review(ming, **facts)
    assert found.value.path == path
