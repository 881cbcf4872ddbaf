"""Does what a review of an order gives wait for the order, and go back with it?"""

from datetime import timedelta

import pytest

from domain.ledger.operations import audit
from domain.rewards.operations import redeem
from tests.support.programmes import in_force
from tests.support.shop import completed, done, paid, refunded, reviewed
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
WINDOW = timedelta(days=15)


async def balances(member):
    found = await wallet(member.member_id)
    return found.pending, found.available, found.debt


async def growth(member):
    return (await wallet(member.member_id, "GROWTH")).available


async def a_reviewed_order(*, amount_minor: int = 10_000):
    await in_force()
    member = await a_member()
    await done(
        paid(member, "A", amount_minor, amount_minor), reviewed(member, "r1", order_id="A", at=NOW)
    )
    return member


async def test_a_review_of_an_order_waits_as_long_as_the_order_does():
    member = await a_reviewed_order()
    assert await balances(member) == (220, 0, 0)
    await work(NOW + WINDOW)
    await done(reviewed(member, "r2", at=NOW + WINDOW))
    assert await balances(member) == (0, 240, 0)


async def test_the_shops_word_frees_the_review_with_the_order():
    member = await a_reviewed_order()
    await done(completed(member, "A", at=NOW + DAY))
    assert await balances(member) == (0, 220, 0)


async def test_an_order_sent_back_whole_takes_its_review_with_it():
    member = await a_reviewed_order()
    assert await growth(member) == 220
    await done(refunded(member, "A", "R1", ("1", 10_000), at=NOW + DAY))
    assert await balances(member) == (120, 0, 0)
    await done(refunded(member, "A", "R2", at=NOW + 2 * DAY))
    assert await balances(member) == (0, 0, 0)
    assert await growth(member) == 0
    assert (await audit(now=NOW + 2 * DAY)).breaches == []


async def test_points_of_a_review_that_were_spent_become_a_debt():
    member = await a_reviewed_order(amount_minor=40_000)
    await done(completed(member, "A", at=NOW + DAY))
    await redeem(member.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW + DAY)
    await done(refunded(member, "A", "R1", at=NOW + 2 * DAY))
    assert await balances(member) == (0, 0, -800)


async def test_a_review_of_what_was_sent_back_gives_nothing():
    await in_force()
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(refunded(member, "A", "R1", at=NOW + DAY))
    await done(reviewed(member, "r1", order_id="A", at=NOW + 2 * DAY))
    assert await balances(member) == (0, 0, 0)
    assert await growth(member) == 0


async def test_a_review_of_an_order_that_nobody_told_of_counts_at_once():
    await in_force()
    member = await a_member()
    await done(reviewed(member, "r1", order_id="unknown"))
    assert await balances(member) == (0, 20, 0)


async def test_where_silence_cancels_a_review_goes_with_its_order():
    await in_force(points={"completion": "completed_only", "silence": "cancel"})
    member = await a_member()
    await done(paid(member, "A", 10_000), reviewed(member, "r1", order_id="A"))
    assert await balances(member) == (120, 0, 0)
    await work(NOW + 60 * DAY)
    assert await balances(member) == (0, 0, 0)
