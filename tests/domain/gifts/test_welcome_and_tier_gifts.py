"""Does who joins get one pack, and who rises each tier's gifts once for ever?"""

import asyncio
from datetime import timedelta

import pytest

from db.changes import Changes
from db.connection import reader, transactional
from db.jobs import LeaseLost
from domain.members import operations as members
from domain.tiers.steps import gifts_job
from tests.domain.gifts.conftest import sections
from tests.support.programmes import in_force
from tests.support.referring import enrol_by
from tests.support.value import kinds, lots, wallet
from tests.support.working import claim_due, do, jobs_of, work
from tests.support.world import NOW, a_member, counts, nothing_changed, published

pytestmark = pytest.mark.usefixtures("giving")
DAY = timedelta(days=1)
TEA = {"zh-CN": "茶券", "en": "Tea"}
GOLD, SILVER = {"zh-CN": "金卡", "en": "Gold"}, {"zh-CN": "银卡", "en": "Silver"}


async def gifts():
    async with reader() as tx:
        rows = await tx.fetch("SELECT kind, code, points FROM gift ORDER BY member_id, kind, code")
    return [tuple(row) for row in rows]


async def told():
    async with reader() as tx:
        return await tx.fetchjson(
            "SELECT json_agg(json_build_array(template, cause, facts) ORDER BY created_at, cause)"
            " FROM notification"
        )


@transactional
async def confirm(tx, member, tier, *, now=NOW):
    changes = Changes()
    changes.put("job", gifts_job(member.member_id, tier, now))
    await changes.write(tx)


async def rise(member, tier, *, now=NOW):
    await confirm(member, tier, now=now)
    await work(now)


async def joined(**facts):
    found = await enrol_by(None, **facts)
    return found.member


async def test_who_joins_gets_the_pack_once_and_is_told():
    member = await joined()
    assert await jobs_of(member.member_id) == [("gifts.welcome", "ready")]
    await work(NOW)
    assert await kinds(member.member_id) == [("earn", 100)]
    assert await counts("coupon", "gift", "notification") == [1, 1, 1]
    assert await gifts() == [("welcome", "once", 100)]
    assert await told() == [["welcome", "welcome", {"points": 100, "coupons": [TEA]}]]


async def test_a_late_worker_gives_what_the_programme_gave_at_the_joining():
    member = await joined()
    await in_force(**sections(welcome={"points": 1}), now=NOW + DAY)
    await work(NOW + 2 * DAY)
    assert (await wallet(member.member_id)).available == 100


async def test_an_imported_customer_of_long_ago_gets_no_pack():
    await joined(joined_at=NOW - 3 * DAY - timedelta(seconds=1))
    recent = await joined(joined_at=NOW - 3 * DAY)
    await work(NOW)
    assert await gifts() == [("welcome", "once", 100)]
    assert (await wallet(recent.member_id)).available == 100


async def test_where_nothing_is_given_on_joining_there_is_no_job():
    await in_force(**sections(welcome={"points": 0}), now=NOW + DAY)
    member = await joined(now=NOW + DAY)
    assert await jobs_of(member.member_id) == []


async def test_the_points_of_a_suspended_newcomer_wait():
    member = await joined()
    await members.suspend(member.member_id, actor="staff-1", reason="?", now=NOW)
    await work(NOW)
    found = await wallet(member.member_id)
    assert (found.pending, found.available) == (100, 0)


async def test_a_worker_that_lost_its_lease_gives_nothing():
    await joined()
    (stale,) = await claim_due(NOW)
    later = NOW + timedelta(minutes=1)
    (fresh,) = await claim_due(later)
    async with nothing_changed():
        with pytest.raises(LeaseLost):
            await do(stale, later)
    await do(fresh, later)
    assert await gifts() == [("welcome", "once", 100)]


async def test_an_upgrade_over_two_tiers_gives_the_gifts_of_both_and_tells_once():
    member = await a_member()
    await rise(member, "GOLD")
    assert await gifts() == [("tier", "GOLD", 200), ("tier", "SILVER", 50)]
    assert [lot.source_id for lot in await lots(member.member_id)] == ["tier:SILVER", "tier:GOLD"]
    assert await told() == [
        ["tier_gifts", "tier_gifts:GOLD", {"tier": GOLD, "points": 250, "coupons": [TEA]}]
    ]


async def test_the_gifts_of_a_tier_come_once_for_ever():
    member = await a_member()
    await rise(member, "SILVER")
    assert (await told())[0] == [
        *("tier_gifts", "tier_gifts:SILVER"),
        {"tier": SILVER, "points": 50, "coupons": []},
    ]
    await rise(member, "SILVER", now=NOW + 400 * DAY)
    await rise(member, "GOLD", now=NOW + 401 * DAY)
    await rise(member, "PLATINUM", now=NOW + 402 * DAY)
    assert await gifts() == [("tier", "GOLD", 200), ("tier", "SILVER", 50)]
    assert await kinds(member.member_id) == [("earn", 50), ("earn", 200)]


@pytest.mark.race
async def test_of_two_confirmed_upgrades_at_once_each_tier_gives_once():
    member = await a_member()
    await confirm(member, "SILVER")
    await confirm(member, "GOLD")
    claims = await claim_due(NOW, "gifts.tier")
    await asyncio.gather(*(do(claim, NOW) for claim in claims))
    assert await gifts() == [("tier", "GOLD", 200), ("tier", "SILVER", 50)]
    assert (await wallet(member.member_id)).available == 250


async def test_an_upgrade_under_a_programme_without_gifts_gives_and_says_nothing():
    await published()
    member = await a_member(now=NOW + DAY)
    await rise(member, "GOLD", now=NOW + DAY)
    assert await counts("gift", "notification", "decision") == [0, 0, 0]


async def test_a_gift_may_be_a_red_packet_which_is_told_of_by_itself():
    await in_force(**sections(welcome={"credit": "6.66"}), now=NOW)
    member = await joined()
    await work(NOW)
    assert await kinds(member.member_id, "CREDIT") == [("earn", 666)]
    assert await kinds(member.member_id) == []
    assert sorted(template for template, *_ in await told()) == ["credit_received", "welcome"]
