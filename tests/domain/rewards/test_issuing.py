"""Does every effect become value through the one door?"""

import pytest

from db.connection import reader, transactional
from domain.effects.model import (
    AwardBadge,
    GrantGrowth,
    GrantPoints,
    IssueCoupon,
    TakeBackGrowth,
)
from domain.ledger.steps import open_desk, post
from domain.members import operations as members
from tests.support.value import give, issue_to, kinds, lots, wallet
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("shop")


async def test_effects_become_a_lot_growth_a_coupon_and_a_badge():
    member_id = (await a_member()).member_id
    issued = await issue_to(
        member_id,
        [
            GrantPoints(50, "purchase", None, None),
            GrantGrowth(40, "purchase"),
            IssueCoupon("NEW_MEMBER_20"),
            AwardBadge("CHECKIN_30"),
        ],
    )
    (lot,) = await lots(member_id)
    assert [found.id for found in issued.lots] == [lot.id]
    assert (issued.growth, issued.badges, issued.points_forgiven) == (40, ["CHECKIN_30"], 0)
    assert [coupon.template for coupon in issued.coupons] == ["NEW_MEMBER_20"]
    assert (await wallet(member_id, "GROWTH")).available == 40


async def test_a_badge_is_awarded_once_and_the_first_award_stays():
    member_id = (await a_member()).member_id
    for _ in range(2):
        await issue_to(member_id, [AwardBadge("CHECKIN_30")])
    async with reader() as tx:
        rows = await tx.fetch("SELECT decision_id FROM badge WHERE member_id = $1", member_id)
        first = await tx.fetchval("SELECT id FROM decision WHERE kind = 'test' ORDER BY id")
    assert [row["decision_id"] for row in rows] == [first]


async def test_no_more_growth_is_taken_back_than_there_is():
    member_id = (await a_member()).member_id
    issued = await issue_to(
        member_id, [GrantGrowth(40, "purchase"), TakeBackGrowth(100, "purchase")]
    )
    assert issued.growth == 0
    assert (await wallet(member_id, "GROWTH")).available == 0
    again = await issue_to(member_id, [TakeBackGrowth(1, "purchase")])
    assert again.growth == 0


@transactional
async def resume(tx, member_id):
    await tx.execute("UPDATE member SET suspended_at = NULL WHERE member_id = $1", member_id)
    await post(tx, await open_desk(tx, member_id, NOW))


async def test_what_a_suspended_member_is_given_at_once_waits_until_they_resume():
    member_id = (await a_member()).member_id
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    await give(member_id, 50)
    kept = await wallet(member_id)
    assert (kept.pending, kept.available) == (50, 0)
    await resume(member_id)
    assert await kinds(member_id) == [("earn", 50), ("activate", 50)]
    assert (await wallet(member_id)).available == 50
