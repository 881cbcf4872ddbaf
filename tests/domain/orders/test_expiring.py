"""When do points end, under each kind of expiry?"""

from datetime import UTC, datetime, timedelta

import pytest

from domain.checkins.operations import check_in
from domain.ledger.operations import settle_members
from domain.rewards.operations import redeem
from tests.support.programmes import in_force
from tests.support.shop import completed, done, paid, refunded, reviewed
from tests.support.value import kinds, lots, wallet
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
INACTIVITY = {"expiry": {"kind": "inactivity", "months": 12}}
DECAY = {"expiry": {"kind": "annual_decay", "percent": 10}}
YEAR_END = datetime(2026, 12, 31, 16, tzinfo=UTC)


async def available(member):
    return (await wallet(member.member_id)).available


async def test_rolling_points_end_with_the_day_so_many_months_after_they_became_available():
    await in_force(points={"expiry": {"kind": "rolling", "months": 1}})
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW))
    end = datetime(2026, 4, 2, 16, tzinfo=UTC)
    await settle_members(as_of=end - SECOND)
    assert await available(member) == 100
    await settle_members(as_of=end)
    assert await kinds(member.member_id) == [("earn", 100), ("activate", 100), ("expire", 100)]


async def test_a_fixed_date_is_the_next_one_half_a_year_away():
    expiry = {"kind": "fixed_date", "month": 12, "day": 31, "min_months": 6}
    await in_force(points={"expiry": expiry})
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    await done(paid(member, "o2", 20_000, at=datetime(2026, 7, 1, tzinfo=UTC)))
    assert [lot.expires_at for lot in await lots(member.member_id)] == [
        YEAR_END,
        datetime(2027, 12, 31, 16, tzinfo=UTC),
    ]
    await settle_members(as_of=YEAR_END)
    assert await available(member) == 200


async def test_points_never_expire_if_the_programme_says_so():
    await in_force(points={"expiry": {"kind": "never"}})
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW))
    await settle_members(as_of=NOW + 10_000 * DAY)
    assert await available(member) == 100


async def test_a_tenth_decays_at_the_end_of_the_year_of_what_is_30_days_old():
    await in_force(points=DECAY)
    member = await a_member()
    await done(paid(member, "o1", 9_990), completed(member, "o1", at=NOW))
    young = YEAR_END - 29 * DAY
    await done(paid(member, "o2", 50_000, at=young), completed(member, "o2", at=young))
    await settle_members(as_of=YEAR_END - SECOND)
    assert await available(member) == 599
    await settle_members(as_of=YEAR_END)
    assert (await kinds(member.member_id))[-1] == ("decay", 9)
    assert await available(member) == 590


async def test_what_decayed_counts_as_taken_by_a_refund():
    await in_force(points=DECAY)
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW))
    await done(refunded(member, "o1", "r1", at=YEAR_END + DAY))
    assert await kinds(member.member_id) == [
        ("earn", 100),
        ("activate", 100),
        ("decay", 10),
        ("take_back", 90),
    ]
    found = await wallet(member.member_id)
    assert (found.available, found.debt, found.lifetime_earned) == (0, 0, 0)


async def test_everything_ends_a_year_after_the_last_activity():
    await in_force(points=INACTIVITY)
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW + DAY))
    assert [lot.expires_at for lot in await lots(member.member_id)] == [
        datetime(2027, 3, 2, 16, tzinfo=UTC)
    ]
    later = NOW + 100 * DAY
    await done(paid(member, "o2", 20_000, at=later))
    end = datetime(2027, 6, 10, 16, tzinfo=UTC)
    assert [lot.expires_at for lot in await lots(member.member_id)] == [end, end]
    await settle_members(as_of=end - SECOND)
    assert await available(member) == 300
    await settle_members(as_of=end)
    assert await available(member) == 0


async def test_an_order_told_late_never_shortens_anything():
    await in_force(points=INACTIVITY)
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW))
    later = NOW + 100 * DAY
    await done(paid(member, "o2", 20_000, at=later))
    await done(paid(member, "late", 30_000, at=NOW + DAY), now=later + DAY)
    end = datetime(2027, 6, 10, 16, tzinfo=UTC)
    assert [lot.expires_at for lot in await lots(member.member_id)] == [end] * 3


async def test_reviews_and_check_ins_are_activity_too():
    await in_force(points=INACTIVITY)
    member = await a_member()
    await done(paid(member, "o1", 10_000), completed(member, "o1", at=NOW))
    await done(reviewed(member, "v1", at=NOW + 10 * DAY))
    end = datetime(2027, 3, 12, 16, tzinfo=UTC)
    assert [lot.expires_at for lot in await lots(member.member_id)] == [end] * 2
    await check_in(member.member_id, now=NOW + 20 * DAY)
    end = datetime(2027, 3, 22, 16, tzinfo=UTC)
    assert [lot.expires_at for lot in await lots(member.member_id)] == [end] * 3


async def test_a_redemption_is_activity_too():
    await in_force(points=INACTIVITY)
    member = await a_member()
    await done(paid(member, "o1", 100_000), completed(member, "o1", at=NOW))
    await redeem(member.member_id, "COUPON_10", 1, idempotency_key="k", now=NOW + 20 * DAY)
    end = datetime(2027, 3, 22, 16, tzinfo=UTC)
    assert [lot.expires_at for lot in await lots(member.member_id)] == [end]
    await settle_members(as_of=end - SECOND)
    assert await available(member) == 200
