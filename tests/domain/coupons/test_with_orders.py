"""Does a coupon that an order brings go back with it: 满50返5, first order, win-back?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.coupons.model import Coupon
from domain.coupons.steps import give_back, redeem, reserve
from kit.ids import new_id
from tests.domain.coupons.test_issuing import NAME, in_force
from tests.domain.coupons.test_lives import do
from tests.support.missions import a_task
from tests.support.shop import paid, refunded, tell
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
BACK_5 = {"code": "BACK_5", "name": NAME, "channels": ["order"]}
SPEND_50 = a_task(
    "SPEND_50", orders={"order_min": "50"}, recurrence="daily", gives={"coupons": ["BACK_5"]}
)


async def buy(member, order, *amounts, at=NOW):
    await tell(paid(member, order, *amounts, at=at), now=at)
    await work(at)


async def send_back(member, order, *lines, at=NOW + DAY):
    await tell(refunded(member, order, "R", *lines, at=at), now=at)
    await work(at)


async def coupons(member) -> list[Coupon]:
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT * FROM coupon WHERE member_id = $1 ORDER BY id", member.member_id
        )
    return [Coupon(**row) for row in rows]


async def states(member) -> list[str]:
    return [coupon.state for coupon in await coupons(member)]


async def test_who_spends_50_gets_5_off_without_threshold_and_loses_it_with_the_order():
    await in_force(BACK_5, tasks=[SPEND_50])
    member = await a_member()
    await buy(member, "small", 4_999)
    assert await states(member) == []
    await buy(member, "large", 5_000)
    (coupon,) = await coupons(member)
    assert (coupon.template, coupon.state, coupon.source_type) == ("BACK_5", "ISSUED", "task")
    await send_back(member, "large", ("1", 1))
    assert await states(member) == ["REVOKED"], "less than 50 is left of it"


async def test_one_coupon_a_day_however_many_orders_and_the_others_stand_in():
    await in_force(BACK_5, tasks=[SPEND_50])
    member = await a_member()
    await buy(member, "one", 5_000)
    await buy(member, "two", 6_000)
    assert await states(member) == ["ISSUED"]
    await send_back(member, "one")
    assert await states(member) == ["ISSUED"], "the second order is enough"
    await send_back(member, "two")
    assert await states(member) == ["REVOKED"]


async def test_a_coupon_used_before_its_order_goes_back_is_not_given_a_second_time():
    await in_force(BACK_5, tasks=[SPEND_50])
    member = await a_member()
    await buy(member, "one", 5_000)
    (coupon,) = await coupons(member)
    checkout = new_id()
    await do(coupon, reserve, checkout)
    await do(coupon, redeem, checkout)
    await send_back(member, "one")
    assert await states(member) == ["REDEEMED"]
    await buy(member, "again", 5_000, at=NOW + timedelta(hours=2))
    assert await states(member) == ["REDEEMED"], "net exactly one"
    await send_back(member, "again")
    await do(coupon, give_back, now=NOW + 2 * DAY)
    assert await states(member) == ["REVOKED"], "what it was for is gone"


async def test_a_first_order_s_coupon_and_one_that_wins_back():
    first = a_task("FIRST", gives={"coupons": ["FIRST_5"]})
    back = a_task(
        "BACK", recurrence="monthly", audience={"stages": ["lapsed"]}, gives={"coupons": ["MISS"]}
    )
    await in_force(
        {"code": "FIRST_5", "channels": ["first_order"]},
        {"code": "MISS", "channels": ["win_back"]},
        tasks=[first, back],
    )
    member = await a_member()
    await buy(member, "first", 5_000)
    await buy(member, "second", 5_000, at=NOW + 30 * DAY)
    assert [coupon.template for coupon in await coupons(member)] == ["FIRST_5"]
    await buy(member, "after half a year", 5_000, at=NOW + 220 * DAY)
    assert [coupon.template for coupon in await coupons(member)] == ["FIRST_5", "MISS"]
