"""Do refunds of one order that are told of at the same moment give back just once?"""

import asyncio
from datetime import timedelta

import pytest

from domain.checkouts.model import State
from tests.support.buying import a_coupon, coupon_states, opened, stored, wrong
from tests.support.buying import paid as complete
from tests.support.programmes import in_force
from tests.support.selling import order_of
from tests.support.shop import done, purchase, refunded, tell
from tests.support.value import give, wallet
from tests.support.working import claim_due, do, work
from tests.support.world import NOW, a_member

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
DAY = timedelta(days=1)
TEN = {"code": "TEN", "name": {"zh-CN": "十", "en": "Ten"}, "amount_off": 10}


async def a_buyer():
    member = await a_member()
    await give(member.member_id, 2_000)
    coupons = await a_coupon(member.member_id, "TEN")
    return member, coupons


async def _worker(now) -> None:
    """Works off what is due, beside others that do the same."""
    for _ in range(20):
        claims = await claim_due(now)
        if not claims:
            return
        for claim in claims:
            await do(claim, now)


async def test_twenty_refunds_of_a_tenth_each_give_back_ten_times():
    """Each of 20 wants a tenth of the line: ten are counted, ten are more than what is left."""
    await in_force(coupons=[TEN])
    member, coupons = await a_buyer()
    found = await opened(member.member_id, coupon_ids=(coupons[0].id,), points=2_000)
    await done(order_of(member, await complete(found)))
    net = (await purchase(member.member_id, "o1")).net_minor
    assert net == 8_500
    refunds = [refunded(member, "o1", f"r{n}", ("1", net // 10), at=NOW + DAY) for n in range(20)]
    await asyncio.gather(*(tell(one) for one in refunds))
    await asyncio.gather(*(_worker(NOW + DAY) for _ in range(6)))
    await work(NOW + DAY)
    order = await purchase(member.member_id, "o1")
    assert [line["refunded_minor"] for line in order.lines] == [net]
    assert (order.points_left, order.growth_left, order.base_left_minor) == (0, 0, 0)
    assert (await wallet(member.member_id)).available == 2_000
    assert await coupon_states(member.member_id, *coupons) == ["RETURNED"]
    assert await wrong() == []


async def test_a_refund_and_the_payment_that_it_overtook_give_back_once():
    """The shop tells of order and refund while completeCheckout is still under way."""
    await in_force(coupons=[TEN])
    for number in range(8):
        member, coupons = await a_buyer()
        found = await opened(member.member_id, coupon_ids=(coupons[0].id,), points=2_000)
        order = order_of(member, found, f"o{number}")
        refund = refunded(member, f"o{number}", "r1", at=NOW)
        await tell(order, refund)
        await asyncio.gather(complete(found), *(_worker(NOW) for _ in range(3)))
        await work(NOW)
        assert (await stored(found)).state == State.COMPLETED
        assert (await wallet(member.member_id)).available == 2_000
        assert await coupon_states(member.member_id, *coupons) == ["RETURNED"]
    assert await wrong() == []
