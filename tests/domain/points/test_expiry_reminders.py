"""Is a member told 30 and 7 days ahead what will expire, once and truly?"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader
from domain.ledger.model import Currency
from domain.ledger.operations import settle_members
from domain.points.operations import remind_expiring
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.value import give, packet
from tests.support.world import NOW, a_member, counts, nothing_changed, published

DAY = timedelta(days=1)
# Midnights in Shanghai; points that expire at ENDS were good on 31 March.
ENDS = datetime(2026, 3, 31, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def programme(database):
    assert database
    return await published()


async def told():
    """Cause, points and days of each reminder, in order."""
    async with reader() as tx:
        rows = await tx.fetchjson(
            "SELECT json_agg(json_build_array(cause, facts->'points', facts->'days') ORDER BY id)"
            " FROM notification WHERE template = 'points_expiring'"
        )
    return [tuple(row) for row in rows or ()]


async def spend(member, amount):
    asked = Adjustment(member.member_id, -amount, "spent", str(new_id()))
    await adjust("staff:1", asked, now=NOW)


async def nights(first, last):
    """Runs at every midnight from `first` to `last` days before ENDS."""
    for days in range(first, last - 1, -1):
        await remind_expiring(as_of=ENDS - days * DAY)


async def test_a_member_is_told_30_and_7_days_ahead_and_once_each():
    member = await a_member()
    await give(member.member_id, 100, expires_at=ENDS)
    async with nothing_changed():
        await remind_expiring(as_of=ENDS - 31 * DAY)
    await nights(30, 0)
    assert await told() == [("expiring:30:2026-03-31", 100, 30), ("expiring:7:2026-03-31", 100, 7)]
    async with reader() as tx:
        facts = await tx.fetchjson("SELECT facts FROM notification ORDER BY id LIMIT 1")
    assert facts == {"points": 100, "days": 30, "expires_at": "2026-03-31T16:00:00+00:00"}


async def test_what_is_told_is_everything_that_expires_until_then():
    member = await a_member()
    await give(member.member_id, 100, expires_at=ENDS - 3 * DAY)
    await give(member.member_id, 20, expires_at=ENDS)
    await give(member.member_id, 7, expires_at=ENDS + DAY)
    await give(member.member_id, 5, expires_at=ENDS, activates_at=ENDS - DAY)
    await give(member.member_id, 3)
    await nights(7, 7)
    assert await told() == [("expiring:7:2026-03-31", 120, 7)]


async def test_what_was_spent_meanwhile_is_not_told():
    member = await a_member()
    lot = await give(member.member_id, 100, expires_at=ENDS)
    await give(member.member_id, 100, expires_at=ENDS + 300 * DAY)
    await spend(member, 60)
    await nights(7, 7)
    assert await told() == [("expiring:7:2026-03-31", 40, 7)]
    await spend(member, 40)
    async with nothing_changed():
        await nights(6, 0)
    assert lot.expires_at == ENDS


async def test_points_that_come_with_less_than_7_days_are_told_of_once():
    member = await a_member()
    await give(member.member_id, 50, expires_at=ENDS, now=ENDS - 3 * DAY)
    await nights(2, 0)
    assert await told() == [("expiring:7:2026-03-31", 50, 2)]


async def test_a_night_made_up_for_tells_what_is_still_there_and_the_days_that_are_left():
    member = await a_member()
    await give(member.member_id, 50, expires_at=ENDS)
    await give(member.member_id, 70, expires_at=ENDS + 20 * DAY)
    now = ENDS + 15 * DAY
    for days in range(31, -21, -1):
        await remind_expiring(as_of=ENDS - days * DAY, now=now)
    assert await told() == [("expiring:7:2026-04-20", 70, 5)]


@pytest.mark.race
async def test_of_ten_runs_at_once_one_tells():
    member = await a_member()
    await give(member.member_id, 50, expires_at=ENDS)
    await asyncio.gather(*(remind_expiring(as_of=ENDS - 7 * DAY) for _ in range(10)))
    assert await counts("notification") == [1]


async def test_a_programme_without_reminders_reads_nothing():
    await in_force(points={"expiring_days": []}, now=NOW + DAY)
    member = await a_member()
    await give(member.member_id, 50, expires_at=ENDS)
    async with nothing_changed():
        assert await remind_expiring(as_of=ENDS - 7 * DAY) is None


async def test_points_that_end_by_inactivity_are_told_of_unless_the_member_stirs():
    await in_force(points={"expiry": {"kind": "inactivity", "months": 12}}, now=NOW + DAY)
    member = await a_member()
    await give(member.member_id, 50, expires_at=ENDS)
    await settle_members(as_of=ENDS - 8 * DAY)
    await nights(7, 7)
    assert await told() == [("expiring:7:2026-03-31", 50, 7)]


async def test_members_are_gone_through_in_batches_by_their_ids():
    for _ in range(3):
        member = await a_member()
        await give(member.member_id, 50, expires_at=ENDS)
    first = await remind_expiring(as_of=ENDS - 7 * DAY, limit=2)
    assert await counts("notification") == [2]
    assert await remind_expiring(as_of=ENDS - 7 * DAY, after=first, limit=2) is None
    assert await counts("notification") == [3]


async def test_credit_that_ends_is_told_in_money_beside_points():
    member = await a_member()
    await give(member.member_id, 100, expires_at=ENDS)
    await packet(member.member_id, 500, expires_at=ENDS)
    await packet(member.member_id, 388, expires_at=ENDS - DAY)
    for days in range(8, -1, -1):
        await remind_expiring(as_of=ENDS - days * DAY, currency=Currency.CREDIT)
    assert await told() == []
    async with reader() as tx:
        rows = await tx.fetchjson(
            "SELECT json_agg(json_build_array(cause, facts) ORDER BY id)"
            " FROM notification WHERE template = 'credit_expiring'"
        )
    assert rows == [
        [
            "expiring:7:2026-03-30",
            {
                "amount": {"zh-CN": "¥3.88", "en": "CN¥3.88"},
                "amount_minor": 388,
                "days": 7,
                "expires_at": "2026-03-30T16:00:00+00:00",
            },
        ],
        [
            "expiring:7:2026-03-31",
            {
                "amount": {"zh-CN": "¥8.88", "en": "CN¥8.88"},
                "amount_minor": 888,
                "days": 7,
                "expires_at": "2026-03-31T16:00:00+00:00",
            },
        ],
    ]
