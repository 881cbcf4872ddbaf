"""Is a member who chose an hour reminded at it, once a day, while there is something to do?"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from db.changes import Changes
from db.connection import reader, transactional
from domain.checkins.operations import check_in, remind
from domain.members import operations as members
from tests.support.world import NOW, a_member, counts, nothing_changed, published

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# 20:00 of 2 March in Shanghai.
EIGHT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def programme(database):
    assert database
    return await published()


async def who_wants(hour, **facts):
    member = await a_member(**facts)
    await choose(member, hour)
    return member


@transactional
async def choose(tx, member, hour):
    changes = Changes()
    row = {"member_id": member.member_id, "muted": [], "check_in_hour": hour, "changed_at": NOW}
    changes.put("preference", row)
    await changes.write(tx)


async def told():
    async with reader() as tx:
        rows = await tx.fetchjson(
            "SELECT json_agg(json_build_array(cause, facts->'streak_days') ORDER BY id)"
            " FROM notification WHERE template = 'check_in_reminder'"
        )
    return [tuple(row) for row in rows or ()]


async def test_a_member_is_reminded_at_their_hour_and_once_a_day():
    await who_wants(20)
    await a_member()
    async with nothing_changed():
        await remind(as_of=EIGHT - timedelta(minutes=1))
    await remind(as_of=EIGHT)
    async with nothing_changed():
        await remind(as_of=EIGHT + timedelta(minutes=15))
    await remind(as_of=EIGHT + DAY)
    assert await told() == [("check_in:2026-03-02", 0), ("check_in:2026-03-03", 0)]


async def test_the_streak_at_risk_is_told():
    member = await who_wants(20)
    await check_in(member.member_id, now=EIGHT - DAY)
    await remind(as_of=EIGHT)
    assert await told() == [("check_in:2026-03-02", 1)]


async def test_who_has_checked_in_today_is_left_in_peace():
    member = await who_wants(20)
    await check_in(member.member_id, now=EIGHT - 3 * HOUR)
    async with nothing_changed():
        await remind(as_of=EIGHT)


async def test_a_late_reminder_comes_within_3_hours_and_never_on_the_next_day():
    await who_wants(20)
    await who_wants(23)
    async with nothing_changed():
        await remind(as_of=EIGHT + 5 * HOUR)
    await remind(as_of=EIGHT + 3 * HOUR - timedelta(seconds=1))
    assert await counts("notification") == [1]
    await remind(as_of=EIGHT + 3 * HOUR)
    assert await counts("notification") == [2]


@pytest.mark.parametrize(
    ("zone", "day", "at"),
    [
        ("Pacific/Kiritimati", "2026-03-03", datetime(2026, 3, 2, 18, tzinfo=UTC)),
        ("America/New_York", "2026-03-02", datetime(2026, 3, 2, 13, tzinfo=UTC)),
        ("Asia/Kathmandu", "2026-03-02", datetime(2026, 3, 2, 2, 15, tzinfo=UTC)),
    ],
)
async def test_the_hour_is_that_of_the_members_own_zone(zone, day, at):
    await who_wants(8, timezone=zone)
    async with nothing_changed():
        await remind(as_of=at - timedelta(seconds=1))
    await remind(as_of=at)
    assert await told() == [(f"check_in:{day}", 0)]


async def test_who_moves_is_reminded_by_the_new_zone_from_the_day_on_which_it_counts():
    member = await who_wants(8)
    await members.change_timezone(member.member_id, "Europe/Berlin", now=NOW)
    # 8 in Berlin on the day of the request, which is still one of Shanghai.
    async with nothing_changed():
        await remind(as_of=datetime(2026, 3, 2, 7, tzinfo=UTC))
    # 8 in Shanghai, whose day is over before that of Berlin has begun.
    async with nothing_changed():
        await remind(as_of=datetime(2026, 3, 3, 0, tzinfo=UTC))
    await remind(as_of=datetime(2026, 3, 3, 7, tzinfo=UTC))
    assert await told() == [("check_in:2026-03-03", 0)]


async def test_a_suspended_member_and_one_without_an_hour_are_not_reminded():
    await who_wants(None)
    member = await who_wants(20)
    await members.suspend(member.member_id, actor="ada", reason="?", now=NOW)
    async with nothing_changed():
        await remind(as_of=EIGHT)


@pytest.mark.race
async def test_of_ten_runs_at_once_one_reminds():
    await who_wants(20)
    await asyncio.gather(*(remind(as_of=EIGHT) for _ in range(10)))
    assert await counts("notification") == [1]


async def test_members_are_gone_through_in_batches_by_their_ids():
    for _ in range(3):
        await who_wants(20)
    first = await remind(as_of=EIGHT, limit=2)
    assert await counts("notification") == [2]
    assert await remind(as_of=EIGHT, after=first, limit=2) is None
    assert await counts("notification") == [3]
