"""Do checkouts go along: none while one is open, a paid one with its debits, a late one in time?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.connection import transactional
from domain.checkouts.model import Order
from domain.ledger.steps import open_desk, slices_of
from domain.merging.errors import ValueReserved
from domain.merging.operations import merge
from kit.ids import global_id
from tests.support import shop
from tests.support.buying import (
    LAPSES,
    a_coupon,
    coupon_states,
    in_force_with_coupons,
    opened,
    paid,
    stored,
)
from tests.support.merging import STAFF, asked, balance, column, merged, parted, sound
from tests.support.value import give
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def two():
    await in_force_with_coupons()
    return await a_member(), await a_member()


@transactional
async def debit_of(tx, checkout):
    desk = await open_desk(tx, checkout.member_id, NOW)
    taken = await slices_of(tx, desk.points, checkout.debited_by, checkout.paid_by)
    return sum(part.amount for part in taken)


@pytest.mark.parametrize("who", [0, 1])
async def test_nobody_is_merged_while_either_has_an_open_checkout(who):
    both = await two()
    (coupon,) = await a_coupon(both[who].member_id, "TEN")
    await opened(both[who].member_id, coupon_ids=(coupon.id,))
    async with nothing_changed():
        with pytest.raises(ValueReserved):
            await merge(STAFF, asked(*both), now=NOW)
    await work(LAPSES)
    await merged(*both, at=LAPSES)


@pytest.mark.parametrize("who", [0, 1])
async def test_a_checkout_whose_time_is_over_stands_in_nobodys_way_though_nobody_looked(who):
    both = await two()
    await give(both[who].member_id, 100)
    (coupon,) = await a_coupon(both[who].member_id, "TEN")
    await opened(both[who].member_id, coupon_ids=(coupon.id,), points=100)
    await merged(*both, at=LAPSES)
    assert await balance(both[0]) == (0, 100, 0)
    assert await coupon_states(both[0].member_id, coupon) == ["ISSUED"]
    assert await column("SELECT member_id FROM checkout WHERE state = 'EXPIRED'") == [
        both[0].member_id
    ]
    await work(LAPSES)
    assert await column("SELECT count(*) FROM job WHERE state = 'dead'") == [0]


async def test_a_paid_checkout_goes_along_and_its_debit_is_still_known():
    ming, hong = await two()
    await give(hong.member_id, 1_000)
    (coupon,) = await a_coupon(hong.member_id, "TEN")
    made = await opened(hong.member_id, coupon_ids=(coupon.id,), points=400)
    await paid(made, order=Order("shop", "A-1"))
    await merged(ming, hong)
    found = await stored(replace(made, member_id=ming.member_id))
    assert (found.paid_by, await debit_of(found)) == (hong.member_id, 400)
    assert await coupon_states(ming.member_id, coupon) == ["REDEEMED"]
    assert await balance(ming) == (0, 600, 0)
    await parted(ming, hong)
    found = await stored(made)
    assert (found.paid_by, await debit_of(found)) == (None, 400)
    assert await balance(hong) == (0, 600, 0)


async def test_a_payment_that_is_told_late_is_the_survivors():
    ming, hong = await two()
    await give(hong.member_id, 1_000)
    made = await opened(hong.member_id, points=400)
    await work(LAPSES)
    await merged(ming, hong, at=LAPSES)
    assert await balance(ming) == (0, 1_000, 0)
    found = await paid(replace(made, member_id=ming.member_id), now=LAPSES + DAY)
    assert (found.paid_by, found.points_taken, await debit_of(found)) == (None, 400, 400)
    assert await balance(ming) == (0, 600, 0)
    await sound(LAPSES + DAY)


async def bought(member, order_id, *, paid_by=None, points=400, amount_minor=10_000):
    """An order through a checkout of the member, who may be another by now."""
    buyer = paid_by or member
    made = await opened(buyer.member_id, points=points)
    await paid(made, order=Order("shop", order_id))
    facts = shop.paid(member, order_id, amount_minor, data={"checkoutId": global_of(made)})
    await shop.done(facts)


def global_of(checkout):
    return global_id("Checkout", checkout.member_id, checkout.id)


async def test_a_refund_after_the_merge_gives_back_the_points_to_the_very_lots():
    ming, hong = await two()
    await give(hong.member_id, 400, expires_at=NOW + 90 * DAY)
    await bought(hong, "A")
    await merged(ming, hong)
    at = NOW + DAY
    await shop.done(shop.refunded(hong, "A", "r", at=at), now=at)
    assert await balance(ming) == (0, 400, 0)
    await sound(at)
    for _ in range(2):
        await parted(ming, hong, at=at)
        assert await balance(hong) == (0, 400, 0)
        await merged(ming, hong, at=at)
        assert await balance(ming) == (0, 400, 0)


async def test_a_refund_after_the_parting_gives_back_what_was_of_ones_own_lots():
    ming, hong = await two()
    await give(hong.member_id, 300, expires_at=NOW + 90 * DAY)
    await give(ming.member_id, 400, expires_at=NOW + 95 * DAY)
    await merged(ming, hong)
    await bought(hong, "A", paid_by=ming)
    await parted(ming, hong)
    assert [await balance(one) for one in (ming, hong)] == [(0, 300, 0), (95, 0, 0)]
    at = NOW + DAY
    await shop.done(shop.refunded(hong, "A", "r", at=at), now=at)
    assert [await balance(one) for one in (ming, hong)] == [(0, 300, 0), (0, 300, 0)]
    await sound(at)


async def test_two_who_chose_one_key_keep_both_checkouts():
    ming, hong = await two()
    for member in (ming, hong):
        await give(member.member_id, 400)
        made = await opened(member.member_id, points=400)
        await paid(made)
        await rekey(member.member_id)
    await merged(ming, hong)
    assert await column("SELECT count(*) FROM checkout WHERE member_id = $1", ming.member_id) == [2]
    assert await column("SELECT count(DISTINCT idempotency) FROM checkout") == [2]
    await parted(ming, hong)
    assert set(await column("SELECT member_id FROM checkout")) == {ming.member_id, hong.member_id}


@transactional
async def rekey(tx, member_id):
    await tx.execute("UPDATE checkout SET idempotency = 'k' WHERE member_id = $1", member_id)
