"""What does a check-in give, and which day does it use?"""

from datetime import UTC, date, datetime, timedelta

import pytest

from db.connection import reader
from domain.checkins.errors import AlreadyCheckedIn, CheckInTooSoon
from domain.checkins.operations import CheckedIn, check_in
from domain.members.operations import change_timezone, suspend
from kit.errors import MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.shop import done, paid, tier, tier_changes
from tests.support.value import kinds, lots, wallet
from tests.support.working import jobs_of, work
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def check_in_daily(member, days, *, start=NOW):
    return [await check_in(member.member_id, now=start + number * DAY) for number in range(days)]


async def badges(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT code, awarded_at FROM badge WHERE member_id = $1", member.member_id
        )
    return [tuple(row) for row in rows]


async def test_a_check_in_gives_points_at_once_and_growth():
    await in_force()
    member = await a_member()
    assert await check_in(member.member_id, now=NOW) == CheckedIn(date(2026, 3, 2), 1, 10)
    assert await kinds(member.member_id) == [("earn", 10)]
    (lot,) = await lots(member.member_id)
    assert (lot.activated_at, lot.expires_at) == (NOW, datetime(2028, 3, 2, 16, tzinfo=UTC))
    assert (await wallet(member.member_id, "GROWTH")).available == 10


async def test_milestones_pay_on_their_days_and_the_badge_comes_once():
    await in_force()
    member = await a_member()
    found = await check_in_daily(member, 60)
    assert [entry.streak_days for entry in found] == list(range(1, 61))
    extra = {
        entry.streak_days: entry.points_awarded for entry in found if entry.points_awarded > 10
    }
    assert extra == {
        7: 30,
        14: 30,
        21: 30,
        28: 30,
        30: 110,
        35: 30,
        42: 30,
        49: 30,
        56: 30,
        60: 110,
    }
    assert (await wallet(member.member_id)).available == 60 * 10 + 8 * 20 + 2 * 100
    assert await badges(member) == [("CHECKIN_30", NOW + 29 * DAY)]


async def test_a_missed_day_begins_the_streak_anew():
    await in_force()
    member = await a_member()
    await check_in_daily(member, 6)
    found = await check_in(member.member_id, now=NOW + 7 * DAY)
    assert (found.streak_days, found.points_awarded) == (1, 10)


async def test_a_second_check_in_on_a_day_is_refused_with_the_first_ones_result():
    await in_force()
    member = await a_member()
    await check_in_daily(member, 7)
    evening = datetime(2026, 3, 8, 15, 59, 59, tzinfo=UTC)
    async with nothing_changed():
        with pytest.raises(AlreadyCheckedIn) as refused:
            await check_in(member.member_id, now=evening)
    assert refused.value.facts == {
        "day": date(2026, 3, 8),
        "streak_days": 7,
        "points_awarded": 30,
    }
    assert (await check_in(member.member_id, now=evening + SECOND)).streak_days == 8


async def test_nobody_checks_in_for_somebody_who_is_not_there_or_suspended():
    await in_force()
    member = await a_member()
    await suspend(member.member_id, actor="staff:1", reason="fraud", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await check_in(member.member_id, now=NOW)
        with pytest.raises(NotFound):
            await check_in(new_id(), now=NOW)


async def test_a_day_follows_the_members_zone_and_the_hour_at_which_it_starts():
    await in_force(day_start_hour=4)
    member = await a_member(timezone="Europe/Berlin")
    early = datetime.fromisoformat("2026-03-02T03:59:59+01:00")
    assert (await check_in(member.member_id, now=early)).day == date(2026, 3, 1)
    found = await check_in(member.member_id, now=early + SECOND)
    assert (found.day, found.streak_days) == (date(2026, 3, 2), 2)


async def test_days_of_23_and_25_hours_are_one_day_each():
    await in_force()
    member = await a_member(timezone="Europe/Berlin")
    for text in (
        "2026-03-28T23:59:59+01:00",
        "2026-03-29T00:00:00+01:00",
        "2026-03-30T00:00:00+02:00",
    ):
        found = await check_in(member.member_id, now=datetime.fromisoformat(text))
    assert found.streak_days == 3
    for text in ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"):
        found = await check_in(member.member_id, now=datetime.fromisoformat(text))
    assert found.streak_days == 2
    with pytest.raises(AlreadyCheckedIn):
        await check_in(member.member_id, now=datetime.fromisoformat("2026-10-26T23:59:59+01:00"))


async def test_a_day_that_begins_in_a_gap_begins_at_its_end():
    await in_force()
    member = await a_member(timezone="America/Santiago")
    gap = datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert (await check_in(member.member_id, now=gap - SECOND)).day == date(2026, 9, 5)
    assert (await check_in(member.member_id, now=gap)).day == date(2026, 9, 6)


async def test_moving_west_uses_no_day_twice():
    await in_force()
    member = await a_member()
    evening = datetime.fromisoformat("2026-03-02T23:00:00+08:00")
    await check_in(member.member_id, now=evening)
    await change_timezone(member.member_id, "America/Los_Angeles", now=evening)
    for hours in (2, 10, 16):
        with pytest.raises(AlreadyCheckedIn):
            await check_in(member.member_id, now=evening + timedelta(hours=hours))
    midnight = datetime.fromisoformat("2026-03-03T00:00:00-08:00")
    with pytest.raises(CheckInTooSoon) as refused:
        await check_in(member.member_id, now=midnight)
    assert refused.value.facts == {"hours": 20, "available_at": "2026-03-03T11:00:00+00:00"}
    found = await check_in(member.member_id, now=evening + timedelta(hours=20))
    assert (found.day, found.streak_days) == (date(2026, 3, 3), 2)


async def test_moving_east_skips_no_streak_and_needs_20_hours():
    await in_force()
    member = await a_member(timezone="America/Los_Angeles")
    morning = datetime.fromisoformat("2026-03-02T08:00:00-08:00")
    await check_in(member.member_id, now=morning)
    await change_timezone(member.member_id, "Asia/Shanghai", now=morning)
    midnight = datetime.fromisoformat("2026-03-03T00:00:00-08:00")
    async with nothing_changed():
        with pytest.raises(CheckInTooSoon) as refused:
            await check_in(member.member_id, now=midnight)
    assert refused.value.facts["available_at"] == "2026-03-03T12:00:00+00:00"
    found = await check_in(member.member_id, now=morning + timedelta(hours=20))
    assert (found.day, found.streak_days) == (date(2026, 3, 3), 2)
    assert (await check_in(member.member_id, now=morning + DAY)).day == date(2026, 3, 4)


async def test_an_interaction_score_that_crosses_a_line_lifts_the_tier_by_a_job():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 306_666))
    assert await tier(member.member_id) == ("NORMAL", False)
    found = await check_in_daily(member, 7, start=NOW + DAY)
    assert sum(entry.points_awarded for entry in found) == 90
    assert "tiers.assess" not in dict(await jobs_of(member.member_id))
    last = NOW + 8 * DAY
    await check_in(member.member_id, now=last)
    assert (await jobs_of(member.member_id))[-1] == ("tiers.assess", "ready")
    await work(last)
    assert await tier(member.member_id) == ("SILVER", True)
    assert await tier_changes(member.member_id) == [("NORMAL", "SILVER", last)]
    await work(NOW + 15 * DAY)
    assert await tier(member.member_id) == ("SILVER", False)


async def test_a_check_in_brings_forward_the_look_at_the_tier_that_was_planned():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), paid(member, "o2", 540_000, at=NOW + DAY))
    assert await tier(member.member_id) == ("SILVER", True)
    await in_force(since=NOW + DAY, tiers={"score": {"interaction_growth_per_point": 1}})
    await check_in_daily(member, 5, start=NOW + DAY)
    await work(NOW + 5 * DAY)
    assert await tier(member.member_id) == ("GOLD", True)
    await work(NOW + 16 * DAY)
    assert await tier(member.member_id) == ("GOLD", False)


async def test_a_streak_reward_may_be_a_coupon():
    coupon = {
        "code": "FIVE_OFF",
        "name": {"zh-CN": "满减", "en": "Five off"},
        "amount_off": "5",
    }
    milestones = [{"every_days": 2, "points": 0, "coupon": "FIVE_OFF"}]
    await in_force(coupons=[coupon], check_in={"milestones": milestones}, rewards=[])
    member = await a_member()
    await check_in_daily(member, 5)
    assert await counts("coupon", "coupon_code") == [2, 2]
