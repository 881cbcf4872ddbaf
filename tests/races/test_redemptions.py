"""Do redemptions hold when many ask at the same moment?"""

from collections import Counter
from datetime import timedelta

import pytest

from db.connection import reader
from domain.effects.model import GrantCommunity
from domain.ledger.errors import InsufficientPoints
from domain.programme import operations as programmes
from domain.rewards.errors import OutOfStock
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust, cancel, import_codes, redeem
from kit.errors import Refusal
from tests.domain.rewards.conftest import reward, with_rewards
from tests.support.merging import sound
from tests.support.racing import together
from tests.support.value import give, issue_to, kinds, wallet
from tests.support.world import NOW, a_member

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]


async def publish(**stocks):
    await programmes.publish(with_rewards(**stocks), now=NOW, published_by="tests")


async def a_member_with(points):
    member_id = (await a_member()).member_id
    await give(member_id, points)
    return member_id


async def value_of(sql, *args):
    async with reader() as tx:
        return await tx.fetchval(sql, *args)


async def test_of_200_parallel_redemptions_of_a_stock_of_10_exactly_10_succeed():
    await publish(SCARCE=10)
    buyers = [await a_member_with(100) for _ in range(200)]
    answers = await together(
        *(redeem(buyer, "SCARCE", 1, idempotency_key="k", now=NOW) for buyer in buyers)
    )
    assert Counter(type(answer).__name__ for answer in answers) == {
        "Redeemed": 10,
        "OutOfStock": 190,
    }
    assert await value_of("SELECT sold FROM reward_stock WHERE reward_code = 'SCARCE'") == 10
    assert await value_of("SELECT count(*) FROM redemption") == 10
    assert await value_of("SELECT sum(available)::int FROM wallet") == 190 * 100
    again = await together(
        *(redeem(buyer, "SCARCE", 1, idempotency_key="k", now=NOW) for buyer in buyers)
    )
    assert [type(answer) for answer in again] == [type(answer) for answer in answers]


async def test_of_60_parallel_claims_of_a_pool_of_10_codes_each_code_goes_once():
    await publish()
    await import_codes("CODES", [f"code-{n}" for n in range(10)], now=NOW)
    buyers = [await a_member_with(100) for _ in range(60)]
    answers = await together(
        *(redeem(buyer, "CODES", 1, idempotency_key="k", now=NOW) for buyer in buyers)
    )
    given = [a.redemption.codes[0] for a in answers if not isinstance(a, Refusal)]
    assert sorted(given) == [f"code-{n}" for n in range(10)]
    assert {type(a) for a in answers if isinstance(a, Refusal)} == {OutOfStock}


async def test_50_sends_of_one_key_have_one_effect_and_one_answer():
    await publish()
    buyer = await a_member_with(5000)
    answers = await together(
        *(redeem(buyer, "MUG", 1, idempotency_key="k", now=NOW) for _ in range(50))
    )
    assert all(answer == answers[0] for answer in answers)
    assert await kinds(buyer) == [("earn", 5000), ("spend", 1200)]
    assert await value_of("SELECT count(*) FROM redemption") == 1


async def test_of_30_parallel_spends_of_a_wallet_that_covers_7_exactly_7_succeed():
    await publish()
    buyer = await a_member_with(799 + 7 * 800)
    answers = await together(
        *(redeem(buyer, "COUPON_10", 1, idempotency_key=f"k{n}", now=NOW) for n in range(30))
    )
    assert Counter(type(answer).__name__ for answer in answers) == {
        "Redeemed": 7,
        "InsufficientPoints": 23,
    }
    assert (await wallet(buyer)).available == 799


async def test_parallel_cancels_give_the_points_back_once():
    await publish()
    buyer = await a_member_with(1200)
    made = await redeem(buyer, "MUG", 1, idempotency_key="k", now=NOW)
    answers = await together(
        *(cancel(buyer, made.redemption.id, actor="member", now=NOW) for _ in range(20))
    )
    assert all(answer == answers[0] for answer in answers)
    assert await kinds(buyer) == [("earn", 1200), ("spend", 1200), ("restore", 1200)]
    assert await value_of("SELECT sold FROM reward_stock WHERE reward_code = 'MUG'") == 0


async def test_a_redemption_and_a_downward_adjustment_never_take_the_same_points():
    await publish()
    for round_ in range(10):
        buyer = await a_member_with(1200)
        taken = Adjustment(buyer, -1200, "correction", f"a{round_}")
        answers = await together(
            redeem(buyer, "MUG", 1, idempotency_key="k", now=NOW),
            adjust("staff:1", taken, now=NOW),
        )
        assert [isinstance(a, InsufficientPoints) for a in answers].count(True) == 1
        assert (await wallet(buyer)).available == 0


async def test_redemptions_and_cancels_of_a_scarce_reward_keep_its_count_true():
    await publish(SCARCE=5)
    buyers = [await a_member_with(10_000) for _ in range(20)]

    async def buy_and_return(buyer, number):
        found = await redeem(buyer, "SCARCE", 1, idempotency_key=f"k{number}", now=NOW)
        if number % 2:
            await cancel(buyer, found.redemption.id, actor="member", now=NOW)

    await together(*(buy_and_return(buyer, n) for buyer in buyers for n in range(6)))
    kept = await value_of("SELECT count(*) FROM redemption WHERE state = 'REQUESTED'")
    assert await value_of("SELECT sold FROM reward_stock WHERE reward_code = 'SCARCE'") == kept
    assert kept <= 5


def in_community(code, price, **facts):
    return reward(code, price_points=None, price_community=price, **facts)


async def a_member_with_community(amount):
    member_id = (await a_member()).member_id
    await issue_to(member_id, [GrantCommunity(amount, "test")])
    return member_id


async def test_the_last_community_pays_one_of_two_redemptions_and_comes_back_once():
    found = with_rewards(in_community("TEA", 30), in_community("CAKE", 30))
    await programmes.publish(found, now=NOW, published_by="tests")
    for _ in range(5):
        buyer = await a_member_with_community(30)
        answers = await together(
            *(redeem(buyer, code, 1, idempotency_key=code, now=NOW) for code in ("TEA", "CAKE"))
        )
        names = sorted(type(answer).__name__ for answer in answers)
        assert names == ["InsufficientCommunity", "Redeemed"]
        assert (await wallet(buyer, "COMMUNITY")).available == 0
        (made,) = [answer for answer in answers if not isinstance(answer, Refusal)]
        await together(
            *(cancel(buyer, made.redemption.id, actor="member", now=NOW) for _ in range(4))
        )
        assert await kinds(buyer, "COMMUNITY") == [("earn", 30), ("spend", 30), ("restore", 30)]
    await sound(NOW)


async def test_a_stock_and_a_pool_are_never_oversold_by_buyers_in_two_currencies():
    later = NOW + timedelta(days=1)
    pool = {"kind": "VIRTUAL", "code_pool": "SHARED"}
    for since, sold in (
        (NOW, (reward("CUP", stock=8), reward("A_CODE", **pool))),
        (later, (in_community("CUP", 30, stock=8), in_community("B_CODE", 30, **pool))),
    ):
        found = with_rewards(*sold)
        await programmes.publish(found, now=NOW, effective_from=since, published_by="tests")
    await import_codes("SHARED", [f"code-{n}" for n in range(8)], now=NOW)
    buyers = [await a_member_with(200) for _ in range(10)]
    talkers = [await a_member_with_community(60) for _ in range(10)]
    for codes in (("CUP", "CUP"), ("A_CODE", "B_CODE")):
        answers = await together(
            *(redeem(who, codes[0], 1, idempotency_key=codes[0], now=NOW) for who in buyers),
            *(redeem(who, codes[1], 1, idempotency_key=codes[1], now=later) for who in talkers),
        )
        assert Counter(type(answer).__name__ for answer in answers) == {
            "Redeemed": 8,
            "OutOfStock": 12,
        }
    assert await value_of("SELECT sold FROM reward_stock WHERE reward_code = 'CUP'") == 8
    paid = "SELECT sum(price_points) / 100 + sum(price_community) / 30 FROM redemption"
    assert await value_of(f"SELECT ({paid})::int") == 16
    await sound(later)
