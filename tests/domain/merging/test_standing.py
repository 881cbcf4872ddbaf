"""How does who was merged stand: by the orders of both, on the higher tier, with its period?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.members.model import Member
from domain.retention.model import FloorAsked
from domain.retention.operations import set_floor
from tests.support import shop
from tests.support.merging import merged, parted, sound
from tests.support.shop import tier, tier_changes
from tests.support.working import work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
SETTLED = NOW + 16 * DAY


async def two():
    await published()
    return await a_member(), await a_member()


async def standing(member: Member) -> tuple[str, bool, object, object]:
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT tier_code, provisional, period_opened_at, period_ends_at FROM standing"
            " WHERE member_id = $1",
            member.member_id,
        )
    assert row is not None
    return tuple(row)


async def bought(member, order_id, yuan, *, at=NOW):
    """And kept, so that the tier is certain."""
    await shop.done(shop.paid(member, order_id, yuan * 100, at=at), now=at)
    await shop.done(shop.completed(member, order_id, at=at + DAY), now=at + DAY)


async def test_the_higher_tier_comes_with_its_period_whoever_has_it():
    ming, hong = await two()
    await bought(hong, "A", 9_900)
    theirs = await standing(hong)
    assert theirs[:3] == ("GOLD", False, NOW)
    await merged(ming, hong, at=SETTLED)
    assert await standing(ming) == theirs
    assert (await tier_changes(ming.member_id))[-1][:2] == ("NORMAL", "GOLD")
    gang = await a_member()
    await merged(ming, gang, at=SETTLED)
    assert await standing(ming) == theirs


async def test_of_one_tier_the_longer_period_stays():
    ming, hong = await two()
    await bought(ming, "A", 3_200)
    later = NOW + 5 * DAY
    await bought(hong, "B", 3_200, at=later)
    theirs = await standing(hong)
    await merged(ming, hong, at=SETTLED)
    assert theirs[0] == "SILVER"
    assert await standing(ming) == theirs


async def test_orders_of_both_lift_who_would_not_have_risen_alone():
    ming, hong = await two()
    await bought(ming, "A", 2_500)
    await bought(hong, "B", 2_500, at=NOW + DAY)
    assert [(await tier(one.member_id))[0] for one in (ming, hong)] == ["NORMAL", "NORMAL"]
    outcome = await merged(ming, hong, at=SETTLED)
    assert (outcome.tier, await tier(ming.member_id)) == ("SILVER", ("SILVER", False))
    await parted(ming, hong, at=SETTLED + DAY)
    assert [await tier(one.member_id) for one in (ming, hong)] == [("NORMAL", False)] * 2
    assert [change[:2] for change in await tier_changes(ming.member_id)] == [
        ("NORMAL", "SILVER"),
        ("SILVER", "NORMAL"),
    ]


async def test_an_order_that_is_refunded_after_the_merge_brings_a_provisional_tier_down():
    ming, hong = await two()
    await shop.done(shop.paid(hong, "A", 990_000))
    await merged(ming, hong)
    assert await tier(ming.member_id) == ("GOLD", True)
    at = NOW + DAY
    await shop.done(shop.refunded(hong, "A", "r", at=at), now=at)
    assert await tier(ming.member_id) == ("NORMAL", False)
    await sound(at)


async def test_a_provisional_tier_is_confirmed_for_the_survivor():
    ming, hong = await two()
    await shop.done(shop.paid(hong, "A", 990_000))
    await merged(ming, hong)
    await work(SETTLED)
    assert await tier(ming.member_id) == ("GOLD", False)


async def test_who_fell_after_a_refund_does_not_escape_by_a_merge():
    ming, hong = await two()
    await shop.done(shop.paid(hong, "A", 990_000))
    await shop.done(shop.refunded(hong, "A", "r", at=NOW + DAY), now=NOW + DAY)
    await merged(ming, hong, at=NOW + DAY)
    at = NOW + 2 * DAY
    await shop.done(shop.paid(ming, "B", 990_000, at=at), now=at)
    assert await tier(ming.member_id) == ("NORMAL", False)
    await work(at + 16 * DAY)
    assert await tier(ming.member_id) == ("GOLD", False)


async def test_the_better_floor_stays():
    ming, hong = await two()
    for member, code in ((ming, "SILVER"), (hong, "PLATINUM")):
        asked = FloorAsked(code, NOW + 90 * DAY)
        await set_floor(member.member_id, asked, actor="s", reason="sorry", now=NOW)
    await merged(ming, hong)
    assert (await tier(ming.member_id))[0] == "PLATINUM"
    await parted(ming, hong)
    assert [(await tier(one.member_id))[0] for one in (ming, hong)] == ["SILVER", "PLATINUM"]


async def test_both_stand_as_before_when_they_are_parted():
    ming, hong = await two()
    await bought(ming, "A", 3_200)
    await bought(hong, "B", 9_900)
    before = [await standing(ming), await standing(hong)]
    assert [found[0] for found in before] == ["SILVER", "GOLD"]
    await merged(ming, hong, at=SETTLED)
    await parted(ming, hong, at=SETTLED + DAY)
    assert [await standing(ming), await standing(hong)] == before


async def test_nobody_is_warned_of_the_tier_of_who_was_merged():
    ming, hong = await two()
    await bought(hong, "B", 9_900)
    await merged(ming, hong, at=SETTLED)
    async with reader() as tx:
        assert (
            await tx.fetchval(
                "SELECT retention_at FROM standing WHERE member_id = $1", hong.member_id
            )
            is None
        )


async def test_interactions_of_both_count_from_their_own_day():
    ming, hong = await two()
    for number in range(3):
        at = NOW + number * DAY
        await shop.done(shop.reviewed(hong, f"r{number}", photos=1, at=at), now=at)
    await merged(ming, hong, at=NOW + 3 * DAY)
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT occurred_at, amount FROM transfer WHERE member_id = $1"
            " AND reason = 'interaction' AND currency = 'GROWTH' ORDER BY occurred_at",
            ming.member_id,
        )
    assert [tuple(row) for row in rows] == [(NOW + number * DAY, 30) for number in range(3)]
