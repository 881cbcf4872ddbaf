"""What does COMMUNITY buy, once for each key, and whom is it refused?"""

import asyncio
from datetime import timedelta

import pytest

from domain.community import operations
from domain.community.errors import LevelTooLow
from domain.coupons.errors import OutOfStock
from domain.effects.model import GrantCommunity
from domain.ledger.errors import InsufficientCommunity
from domain.ledger.operations import audit
from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.rewards.errors import LimitReached, TierTooLow
from kit.errors import IdempotencyKeyReused, InvalidInput, NotFound
from tests.support.programmes import changed, in_force
from tests.support.talking import community
from tests.support.value import issue_to, wallet
from tests.support.world import NOW, a_member, nothing_changed

NAME = {"zh-CN": "茶券", "en": "Tea"}
COUPON = {
    "code": "RARE",
    "name": NAME,
    "kind": "AMOUNT_OFF",
    "amount_off": 5,
    "stock": 0,
}


def exchange(code: str, **facts):
    return {"code": code, "name": NAME, "cost": 30, "gives": {"points": 10}, **facts}


@pytest.fixture
async def rich(database):  # noqa: ARG001  the rows go into it
    """Somebody with 100 COMMUNITY."""
    coupons = [*changed().document()["coupons"], COUPON]
    await in_force(
        coupons=coupons,
        community={
            "exchanges": [
                exchange("TEA"),
                exchange("ONCE", limit={"count": 1, "period": "day"}),
                exchange("GOLD", access={"tier_min": "GOLD"}),
                exchange("HIGH", access={"level_min": "LV3"}),
                exchange("RARE", gives={"coupons": ["RARE"]}),
            ]
        },
    )
    member = await a_member()
    await issue_to(member.member_id, [GrantCommunity(100, "test")])
    return member


def buy(member, code="TEA", key="k", at=NOW):
    return operations.exchange(member.member_id, code, key=key, now=at)


async def test_an_exchange_is_paid_once_for_each_key(rich):
    assert (await buy(rich)).code == "TEA"
    async with nothing_changed():
        assert (await buy(rich)).code == "TEA"
        with pytest.raises(IdempotencyKeyReused):
            await buy(rich, "ONCE")
    assert await community(rich) == (100, 70, 0)
    assert (await wallet(rich.member_id)).available == 10
    assert (await audit(now=NOW)).breaches == []


@pytest.mark.parametrize(
    ("code", "key", "refusal", "facts"),
    [
        ("TEA", "", InvalidInput, None),
        ("NOTHING", "k", NotFound, None),
        ("GOLD", "k", TierTooLow, {"required": "GOLD"}),
        ("HIGH", "k", LevelTooLow, {"required": "LV3"}),
        ("RARE", "k", OutOfStock, {}),
    ],
)
async def test_what_is_refused_costs_nothing(rich, code, key, refusal, facts):
    async with nothing_changed():
        with pytest.raises(refusal) as found:
            await buy(rich, code, key)
    assert facts is None or found.value.facts == facts


async def test_one_pays_with_what_one_has_as_often_as_one_may(rich):
    await buy(rich, "ONCE")
    async with nothing_changed():
        with pytest.raises(LimitReached) as limit:
            await buy(rich, "ONCE", "k2")
    assert (limit.value.facts["limit"], limit.value.facts["period"]) == (1, "day")
    await buy(rich, "ONCE", "k2", NOW + timedelta(days=1))
    await buy(rich, "TEA", "k3")
    async with nothing_changed():
        with pytest.raises(InsufficientCommunity) as found:
            await buy(rich, "TEA", "k4")
    assert found.value.facts == {"available": 10, "required": 30}


@pytest.mark.race
async def test_twenty_exchanges_at_once_are_as_many_as_are_paid(rich):
    answers = await asyncio.gather(
        *(buy(rich, "TEA", f"k{n % 10}") for n in range(20)), return_exceptions=True
    )
    assert sum(isinstance(found, InsufficientCommunity) for found in answers) == 14
    assert await community(rich) == (100, 10, 0)
    assert (await wallet(rich.member_id)).available == 30


@pytest.mark.parametrize(
    ("kind", "inputs", "zh", "en"),
    [
        (
            "community",
            {"merit": "POST"},
            "社区发帖：5 积分。",
            "A post in the community: 5 points.",
        ),
        (
            "community",
            {"merit": "POST", "again": 1},
            "社区发帖重新可见，所得恢复：5 积分。",
            "A post in the community stands again, and with it what it gave: 5 points.",
        ),
        (
            "community_undone",
            {"merit": "LIKE_RECEIVED", "reason": "WITHDRAWN"},
            "内容获赞已取消，所得收回。",
            "A like of what you wrote was taken away: what it gave is taken back.",
        ),
        (
            "community_exchange",
            {"name": NAME, "cost": 30},
            "用 30 社区积分兑换「茶券」：5 积分。",
            "“Tea” for 30 community points: 5 points.",
        ),
    ],
)
def test_entries_tell_what_they_are_for(kind, inputs, zh, en):
    decision = StoredDecision(kind=kind, programme_version=3, inputs=inputs, outcome={"points": 5})
    assert explain("earn", 5, decision, locale="zh-CN").startswith(zh)
    assert explain("earn", 5, decision, locale="en").startswith(en)
