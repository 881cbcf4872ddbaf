"""What does a refund take back, however it is cut into steps?"""

from datetime import timedelta

import pytest

from domain.rewards.operations import redeem
from tests.support.programmes import in_force
from tests.support.shop import (
    completed,
    done,
    line,
    paid,
    purchase,
    refunded,
    reviewed,
    states,
    tier,
)
from tests.support.value import kinds, lots, wallet
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
TEA = {
    "code": "TEA_DOUBLE",
    "name": {"zh-CN": "茶双倍", "en": "Tea counts double"},
    "match": {"sku": ["tea"]},
    "multiplier": "2",
    "cap_points": {"day": 50},
}


async def balances(member):
    found = await wallet(member.member_id)
    return found.pending, found.available, found.debt, found.lifetime_earned


async def test_a_pending_order_is_taken_back_from_what_is_pending():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000), paid(member, "o2", 5_000))
    await done(refunded(member, "o1", "r1", at=NOW + DAY))
    assert await kinds(member.member_id) == [("earn", 100), ("earn", 50), ("take_back", 100)]
    assert await balances(member) == (50, 0, 0, 50)
    assert (await wallet(member.member_id, "GROWTH")).available == 50


async def test_lines_refunded_in_steps_add_up_to_nothing_exactly():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", *[line(3_333, str(n)) for n in range(3)]))
    assert (await purchase(member.member_id, "o1")).points == 99
    steps = [("0", 1_111), ("1", 1), ("2", 3_333), ("0", 1_111), ("1", 3_332), ("0", 1_111)]
    left = []
    for number, step in enumerate(steps):
        await done(refunded(member, "o1", f"r{number}", step, at=NOW + number * DAY))
        order = await purchase(member.member_id, "o1")
        assert (await wallet(member.member_id)).pending == order.points_left
        assert (await wallet(member.member_id, "GROWTH")).available == order.growth_left
        left.append((order.points_left, order.growth_left, order.base_left_minor))
    assert left == [
        (88, 88, 8_888),
        (87, 87, 8_887),
        (54, 54, 5_554),
        (43, 43, 4_443),
        (11, 11, 1_111),
        (0, 0, 0),
    ]
    assert await balances(member) == (0, 0, 0, 0)


async def test_the_rest_after_a_line_is_all_that_is_left():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 6_000, 3_990))
    await done(refunded(member, "o1", "r1", ("2", 3_990), at=NOW + DAY))
    assert [entry["points"] for entry in (await purchase(member.member_id, "o1")).lines] == [59, 40]
    assert await balances(member) == (59, 0, 0, 59)
    await done(refunded(member, "o1", "r2", at=NOW + 2 * DAY))
    assert await balances(member) == (0, 0, 0, 0)


async def test_a_whole_refund_leaves_nothing_of_an_order_that_reached_a_tier():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 980_000), completed(member, "o1", at=NOW))
    assert await tier(member.member_id) == ("GOLD", False)
    assert await balances(member) == (0, 9_800, 0, 9_800)
    await done(refunded(member, "o1", "r1", at=NOW + DAY))
    assert await balances(member) == (0, 0, 0, 0)
    assert (await wallet(member.member_id, "GROWTH")).available == 0
    assert await tier(member.member_id) == ("GOLD", False), "what is confirmed stays until its end"


async def test_points_that_were_spent_become_a_debt_that_later_credits_repay():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 100_000), completed(member, "o1", at=NOW))
    await redeem(member.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW + DAY)
    await done(refunded(member, "o1", "r1", at=NOW + 2 * DAY))
    assert await balances(member) == (0, 0, -800, 0)
    await done(reviewed(member, "v1", at=NOW + 3 * DAY))
    assert await balances(member) == (0, 0, -780, 20)
    await done(paid(member, "o2", 90_000, at=NOW + 4 * DAY))
    assert await balances(member) == (900, 0, -780, 920)
    await done(completed(member, "o2", at=NOW + 5 * DAY))
    assert await balances(member) == (0, 120, 0, 920)
    assert await kinds(member.member_id) == [
        ("earn", 1_000),
        ("activate", 1_000),
        ("spend", 800),
        ("take_back", 200),
        ("shortfall", 800),
        ("earn", 20),
        ("repay", 20),
        ("earn", 900),
        ("activate", 900),
        ("repay", 780),
    ]


async def test_a_refund_takes_what_was_spent_from_other_active_lots_first():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 80_000), completed(member, "o1", at=NOW))
    await redeem(member.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW)
    await done(paid(member, "o2", 30_000, at=NOW + DAY), completed(member, "o2", at=NOW + DAY))
    await done(paid(member, "o3", 40_000, at=NOW + DAY))
    await done(refunded(member, "o1", "r1", ("1", 40_000), at=NOW + 2 * DAY))
    assert (await kinds(member.member_id))[-2:] == [("recoup", 300), ("shortfall", 100)]
    assert await balances(member) == (400, 0, -100, 1_100)


async def test_a_refund_frees_a_rules_limit_for_later_facts_only():
    await in_force(points={"rules": [TEA]})
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    await done(paid(member, "o2", 10_000))
    assert await kinds(member.member_id) == [("earn", 150), ("earn", 100)]
    await done(refunded(member, "o1", "r1", at=NOW))
    await done(paid(member, "o3", 10_000))
    assert [lot.granted for lot in await lots(member.member_id)] == [150, 100, 150]
    await done(refunded(member, "o3", "r1", ("1", 5_000), at=NOW), paid(member, "o4", 10_000))
    assert [lot.granted for lot in await lots(member.member_id)] == [150, 100, 150, 125]


async def test_a_limit_of_a_day_is_that_of_the_members_zone():
    await in_force(points={"rules": [TEA]})
    member = await a_member(timezone="America/New_York")
    midnight = NOW + timedelta(hours=1)
    await done(paid(member, "o1", 10_000, at=midnight - timedelta(seconds=1)))
    await done(paid(member, "o2", 10_000, at=midnight))
    assert await kinds(member.member_id) == [("earn", 150), ("earn", 150)]


async def test_a_refund_of_a_tiny_amount_takes_a_point_once_it_is_due():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 1_000))
    await done(refunded(member, "o1", "r1", ("1", 1), at=NOW))
    assert await balances(member) == (9, 0, 0, 9)
    await done(*(refunded(member, "o1", f"s{n}", ("1", 1), at=NOW) for n in range(99)))
    assert await balances(member) == (9, 0, 0, 9)
    assert await states(member.member_id) == ["done"] * 101
    await done(refunded(member, "o1", "t", ("1", 1), at=NOW))
    assert await balances(member) == (8, 0, 0, 8)


async def test_an_order_that_is_not_eligible_can_be_refunded():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", line(10_000, eligible=False)))
    await done(refunded(member, "o1", "r1", at=NOW))
    assert await states(member.member_id) == ["done", "done"]
    assert await kinds(member.member_id) == []
