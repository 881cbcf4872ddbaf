"""Does nobody get a coupon that there isn't, when many ask at the same moment?"""

import asyncio
from collections import Counter

import pytest

from domain.coupons.errors import OutOfStock
from domain.coupons.model import Owned
from domain.coupons.operations import revoke_vouchers
from domain.effects.model import IssueCoupon
from domain.ledger.operations import audit
from domain.rewards.operations import redeem
from kit.errors import Refusal
from tests.domain.coupons.test_claiming import CLAIM, PRINTED, SPRING, enter, take, vouchers
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
    coupons = [one.coupons for one in issued if not isinstance(one, Refusal)]
    assert Counter(map(len, coupons)) == {1: 7, 0: 53}
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


async def test_of_60_members_who_claim_the_last_7_seven_get_one_and_the_others_are_refused():
    await in_force({**CLAIM, "stock": 7})
    members = [await a_member() for _ in range(60)]
    answers = await together(*(take(member) for member in members))
    assert Counter(type(answer).__name__ for answer in answers) == {"Owned": 7, "OutOfStock": 53}
    assert (await in_stock("CLAIM"), await value_of("SELECT count(*) FROM coupon")) == (7, 7)


async def test_a_public_code_works_once_for_a_member_however_often_it_is_entered_at_once():
    await in_force({**SPRING, "stock": 100})
    member = await a_member()
    answers = await together(*(enter(member, "SPRING10", key=f"k{n}") for n in range(30)))
    assert Counter(type(one).__name__ for one in answers) == {"Owned": 1, "LimitReached": 29}
    assert (await in_stock("SPRING"), await value_of("SELECT count(*) FROM coupon")) == (1, 1)


async def test_one_key_is_one_coupon_however_often_it_comes_at_once():
    await in_force({**CLAIM, "limit": {"count": 20, "period": "ever"}})
    member = await a_member()
    answers = await together(*(take(member) for _ in range(20)))
    assert len({one.coupon.id for one in answers if isinstance(one, Owned)}) == 1
    assert await value_of("SELECT count(*) FROM coupon") == 1


async def test_a_voucher_that_two_members_enter_at_once_is_one_member_s():
    await in_force(PRINTED)
    codes = (await vouchers(15)).codes
    one, other = await a_member(), await a_member()
    answers = await together(
        *(enter(member, code, key=code) for code in codes for member in (one, other))
    )
    assert Counter(type(found).__name__ for found in answers) == {"Owned": 15, "CodeInvalid": 15}
    assert await value_of("SELECT count(*) FROM coupon") == 15
    assert await value_of("SELECT count(DISTINCT coupon_id) FROM voucher") == 15


async def test_codes_that_are_revoked_while_they_are_entered_are_either_used_or_revoked():
    await in_force({**PRINTED, "stock": 20})
    made = await vouchers(20)
    members = [await a_member() for _ in range(20)]
    entered = [enter(member, code) for member, code in zip(members, made.codes, strict=True)]
    answers = await together(*entered[:8], revoke_vouchers(made.batch.id, now=NOW), *entered[8:])
    used = sum(isinstance(answer, Owned) for answer in answers)
    assert answers[8] == 20 - used
    assert await in_stock("PRINTED") == used == await value_of("SELECT count(*) FROM coupon")
    assert (await audit(now=NOW)).breaches == []
