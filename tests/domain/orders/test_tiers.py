"""Which tier do orders give, when is it certain, and when does it fall?"""

from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader, transactional
from domain.members.model import Enrolment
from domain.members.rules import enrolment
from domain.members.steps import enrol
from domain.programme.views import versions
from tests.support.programmes import in_force
from tests.support.shop import (
    completed,
    done,
    paid,
    refunded,
    reviewed,
    states,
    tier,
    tier_changes,
)
from tests.support.value import kinds
from tests.support.working import work
from tests.support.world import NOW, a_member, programme

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
WINDOW = 15 * DAY


async def standing(member):
    async with reader() as tx:
        row = await tx.fetchrow("SELECT * FROM standing WHERE member_id = $1", member.member_id)
    assert row is not None
    return row


async def test_a_tier_is_provisional_until_its_orders_have_settled():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000))
    assert await tier(member.member_id) == ("SILVER", True)
    await work(NOW + WINDOW - timedelta(seconds=1))
    assert await tier(member.member_id) == ("SILVER", True)
    await work(NOW + WINDOW)
    assert await tier(member.member_id) == ("SILVER", False)
    found = await standing(member)
    assert found["period_opened_at"] == NOW
    assert found["period_ends_at"] == datetime(2027, 3, 2, 16, tzinfo=UTC)
    await done(refunded(member, "o1", "r1", at=NOW + WINDOW))
    assert await tier(member.member_id) == ("SILVER", False)


async def test_completion_confirms_at_once():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), completed(member, "o1", at=NOW + DAY))
    assert await tier(member.member_id) == ("SILVER", False)


async def test_a_tier_that_two_orders_reached_is_confirmed_with_the_second_one():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 200_000))
    await done(paid(member, "o2", 150_000, at=NOW + 2 * DAY))
    assert await tier(member.member_id) == ("SILVER", True)
    await work(NOW + WINDOW)
    assert await tier(member.member_id) == ("SILVER", True)
    await work(NOW + 2 * DAY + WINDOW)
    assert await tier(member.member_id) == ("SILVER", False)


async def test_a_provisional_tier_falls_with_a_refund_and_the_former_period_resumes():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000))
    await done(paid(member, "o2", 660_000, at=NOW + DAY))
    assert await tier(member.member_id) == ("GOLD", True)
    await done(refunded(member, "o2", "r1", at=NOW + 2 * DAY))
    assert await tier(member.member_id) == ("SILVER", True)
    found = await standing(member)
    assert found["period_opened_at"] == NOW
    assert found["settled_only_until"] == datetime(2027, 3, 4, 16, tzinfo=UTC)
    assert await tier_changes(member.member_id) == [
        ("NORMAL", "SILVER", NOW),
        ("SILVER", "GOLD", NOW + DAY),
        ("GOLD", "SILVER", NOW + 2 * DAY),
    ]
    await done(refunded(member, "o1", "r1", at=NOW + 3 * DAY))
    assert await tier(member.member_id) == ("NORMAL", False)


async def test_after_a_fall_orders_count_once_they_have_settled():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), refunded(member, "o1", "r1", at=NOW + DAY))
    assert await tier(member.member_id) == ("NORMAL", False)
    again = NOW + 2 * DAY
    await done(paid(member, "o2", 320_000, at=again))
    assert await tier(member.member_id) == ("NORMAL", False)
    await work(again + WINDOW - timedelta(seconds=1))
    assert await tier(member.member_id) == ("NORMAL", False)
    await work(again + WINDOW)
    assert await tier(member.member_id) == ("SILVER", False)
    assert (await tier_changes(member.member_id))[-1] == ("NORMAL", "SILVER", again + WINDOW)


async def test_a_year_after_a_fall_orders_count_at_once_again():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), refunded(member, "o1", "r1", at=NOW + DAY))
    until = (await standing(member))["settled_only_until"]
    await done(paid(member, "o2", 320_000, at=until - DAY))
    assert await tier(member.member_id) == ("NORMAL", False)
    await work(until)
    assert await tier(member.member_id) == ("SILVER", True)


async def test_a_partial_refund_below_the_line_lets_a_provisional_tier_fall():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000))
    await done(refunded(member, "o1", "r1", ("1", 10_000), at=NOW + DAY))
    assert await tier(member.member_id) == ("SILVER", True)
    await done(refunded(member, "o1", "r2", ("1", 10_000), at=NOW + DAY))
    assert await tier(member.member_id) == ("NORMAL", False)


async def test_an_interaction_may_be_what_crosses_the_line():
    await in_force(tiers={"score": {"interaction_growth_per_point": 10}})
    member = await a_member()
    await done(paid(member, "o1", 300_000), completed(member, "o1", at=NOW))
    assert await tier(member.member_id) == ("NORMAL", False)
    await done(reviewed(member, "v1"))
    assert await tier(member.member_id) == ("SILVER", False)


async def test_a_late_order_counts_with_interactions_after_it():
    await in_force(tiers={"score": {"interaction_growth_per_point": 10}})
    member = await a_member()
    await done(reviewed(member, "v1", at=NOW + 5 * DAY))
    await done(paid(member, "late", 300_000, at=NOW), now=NOW + 6 * DAY)
    assert await tier(member.member_id) == ("SILVER", True)


async def test_a_window_longer_than_a_year_counts_all_of_it():
    await in_force(tiers={"window_months": 36})
    member = await a_member(joined_at=NOW - 1_000 * DAY)
    old = NOW - 900 * DAY
    await done(paid(member, "o1", 300_000, at=old), completed(member, "o1", at=old))
    assert await tier(member.member_id) == ("NORMAL", False)
    await done(paid(member, "o2", 30_000, at=NOW))
    assert await tier(member.member_id) == ("SILVER", True)


async def test_basis_growth_counts_growth():
    await in_force(tiers={"basis": "growth"})
    member = await a_member()
    await done(paid(member, "o1", 99_900))
    assert await tier(member.member_id) == ("NORMAL", False)
    await done(paid(member, "o2", 100, at=NOW + DAY))
    assert await tier(member.member_id) == ("SILVER", True)
    assert await kinds(member.member_id) == [("earn", 999), ("earn", 1)]


LADDER = [
    {**tier, "code": f"NEW_{tier['code']}"} for tier in programme().document()["tiers"]["ladder"]
]


async def test_what_is_told_late_of_before_another_ladder_is_judged_by_the_ladder_of_today():
    await in_force()
    await in_force(now=NOW + DAY, tiers={"ladder": LADDER})
    newcomer = enrolment(
        Enrolment(external_id="late", nickname="小明"), programme(), now=NOW + 2 * DAY
    )
    member = await enrolled_today(newcomer)
    await done(paid(member, "o1", 320_000), now=NOW + 2 * DAY)
    assert await states(member.member_id) == ["done"]
    assert await tier(member.member_id) == ("NEW_SILVER", True)
    await done(refunded(member, "o1", "r1", at=NOW + 3 * DAY))
    assert await tier(member.member_id) == ("NEW_NORMAL", False)


@transactional
async def enrolled_today(tx, newcomer):
    today = (await versions(tx)).at(NOW + 2 * DAY).programme
    return (await enrol(tx, newcomer, now=NOW + 2 * DAY, programme=today)).member
