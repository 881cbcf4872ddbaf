"""Does nobody get a coupon that there isn't, when many ask at the same moment?"""

import asyncio
from collections import Counter

import pytest

from domain.coupons.errors import OutOfStock
from domain.effects.model import IssueCoupon
from domain.rewards.operations import redeem
from tests.domain.coupons.test_issuing import NAME, in_force, in_stock
from tests.races.test_redemptions import together, value_of
from tests.support.value import give, issue_to
from tests.support.world import NOW, a_member

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]


async def test_of_60_deeds_that_give_the_last_7_coupons_seven_do_and_all_of_them_count():
    await in_force({"code": "FEW", "stock": 7})
    members = [await a_member() for _ in range(60)]
    issued = await asyncio.gather(
        *(issue_to(one.member_id, [IssueCoupon("FEW")]) for one in members)
    )
    assert Counter(len(one.coupons) for one in issued) == {1: 7, 0: 53}
    assert await in_stock("FEW") == 7
    assert await value_of("SELECT count(*) FROM coupon") == 7
    left_out = "outcome -> 'coupons_left_out' -> 0 ->> 'reason' = 'OUT_OF_STOCK'"
    assert await value_of(f"SELECT count(*) FROM decision WHERE {left_out}") == 53  # noqa: S608


async def test_of_40_buyers_of_the_last_5_coupons_five_pay():
    reward = {"code": "R", "kind": "COUPON", "title": NAME, "price_points": 100, "coupon": "FEW"}
    await in_force({"code": "FEW", "stock": 5}, rewards=[reward])
    buyers = [(await a_member()).member_id for _ in range(40)]
    for buyer in buyers:
        await give(buyer, 100)
    answers = await together(
        *(redeem(buyer, "R", 1, idempotency_key="k", now=NOW) for buyer in buyers)
    )
    assert Counter(type(answer) is OutOfStock for answer in answers) == {False: 5, True: 35}
    assert await in_stock("FEW") == 5
    assert await value_of("SELECT count(*) FROM coupon") == 5
    assert await value_of("SELECT sum(available)::int FROM wallet") == 35 * 100


async def test_one_member_gets_their_limit_however_many_deeds_give_at_once():
    await in_force({"code": "TWICE", "limit": {"count": 2, "period": "ever"}})
    member = await a_member()
    await together(*(issue_to(member.member_id, [IssueCoupon("TWICE")]) for _ in range(20)))
    assert await value_of("SELECT count(*) FROM coupon") == 2
