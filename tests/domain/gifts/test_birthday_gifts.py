"""Does every birthday bring one gift, on the member's own day, whatever is moved or late?"""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from db.connection import reader
from domain.gifts.operations import give_birthdays
from domain.members import operations as members
from tests.domain.gifts.conftest import sections
from tests.support.programmes import in_force
from tests.support.value import kinds, wallet
from tests.support.world import NOW, a_member, counts, nothing_changed, published

pytestmark = pytest.mark.usefixtures("giving")
DAY = timedelta(days=1)
BORN = date(1990, 5, 20)
# The schedule's midnight of 20 May in Shanghai.
BIRTHDAY = datetime(2026, 5, 19, 16, tzinfo=UTC)


async def given():
    async with reader() as tx:
        rows = await tx.fetch("SELECT code, day FROM gift WHERE kind = 'birthday' ORDER BY day")
    return [(row["code"], row["day"]) for row in rows]


async def test_a_member_gets_the_gift_on_the_birthday_and_is_told():
    member = await a_member(birthday=BORN)
    async with nothing_changed():
        assert await give_birthdays(as_of=BIRTHDAY - DAY) is None
    await give_birthdays(as_of=BIRTHDAY)
    assert await given() == [("2026", date(2026, 5, 20))]
    assert await kinds(member.member_id) == [("earn", 88)]
    assert await counts("badge") == [1]
    async with reader() as tx:
        facts = await tx.fetchjson("SELECT facts FROM notification WHERE cause = 'birthday:2026'")
    assert facts == {"points": 88, "coupons": []}


async def test_doing_it_again_on_any_day_of_the_year_gives_nothing():
    await a_member(birthday=BORN)
    await give_birthdays(as_of=BIRTHDAY)
    async with nothing_changed():
        for days in (0, 1, 31, 200, 364):
            await give_birthdays(as_of=BIRTHDAY + days * DAY)
    await give_birthdays(as_of=BIRTHDAY + 365 * DAY)
    assert [code for code, _ in await given()] == ["2026", "2027"]


@pytest.mark.race
async def test_of_20_runs_at_once_one_gives():
    member = await a_member(birthday=BORN)
    await asyncio.gather(*(give_birthdays(as_of=BIRTHDAY) for _ in range(20)))
    assert await kinds(member.member_id) == [("earn", 88)]
    # The badge is told of as well.
    assert await counts("gift", "notification", "decision", "badge") == [1, 2, 1, 1]


@pytest.mark.parametrize(
    ("zone", "begins_at"),
    [
        ("Pacific/Kiritimati", datetime(2026, 5, 19, 10, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 5, 19, 16, tzinfo=UTC)),
        ("Etc/GMT+12", datetime(2026, 5, 20, 12, tzinfo=UTC)),
    ],
)
async def test_the_birthday_is_that_of_the_members_own_zone(zone, begins_at):
    await a_member(birthday=BORN, timezone=zone)
    async with nothing_changed():
        await give_birthdays(as_of=begins_at - timedelta(seconds=1))
    await give_birthdays(as_of=begins_at)
    assert await given() == [("2026", date(2026, 5, 20))]


async def test_29_february_is_kept_on_the_28th_in_common_years():
    await a_member(birthday=date(1992, 2, 29), now=NOW - 300 * DAY)
    for day in ("2026-02-27", "2026-02-28", "2027-02-28", "2028-02-28", "2028-02-29"):
        await give_birthdays(as_of=datetime.fromisoformat(f"{day}T04:00:00Z"))
    assert [day.isoformat() for _, day in await given()] == [
        *("2026-02-28", "2027-02-28", "2028-02-29"),
    ]


async def test_a_schedule_that_stood_still_for_31_days_makes_up_for_the_gift_and_then_no_more():
    await a_member(birthday=BORN)
    await a_member(birthday=BORN - DAY)
    await give_birthdays(as_of=BIRTHDAY + 31 * DAY)
    assert await given() == [("2026", date(2026, 5, 20))]
    assert await counts("notification", "badge") == [2, 1]


async def test_a_birthday_moved_to_tomorrow_earns_nothing_and_one_moved_in_time_does():
    late, early = (
        await a_member(birthday=BORN + 40 * DAY),
        await a_member(birthday=date(1990, 1, 1)),
    )
    await members.update_profile(late.member_id, birthday=BORN, now=BIRTHDAY - DAY)
    await members.update_profile(early.member_id, birthday=BORN, now=BIRTHDAY - 7 * DAY)
    for days in range(45):
        await give_birthdays(as_of=BIRTHDAY + days * DAY)
    assert await kinds(late.member_id) == []
    assert await kinds(early.member_id) == [("earn", 88)]


async def test_no_change_of_a_birthday_brings_a_second_gift_in_the_year():
    member = await a_member(birthday=BORN)
    await give_birthdays(as_of=BIRTHDAY)
    await members.update_profile(member.member_id, birthday=date(1990, 9, 1), now=BIRTHDAY + DAY)
    async with nothing_changed():
        for day in range(60, 130, 7):
            await give_birthdays(as_of=BIRTHDAY + day * DAY)
    await members.correct_birthday(
        *(member.member_id, date(1990, 3, 1)), actor="ada", reason="passport", now=BIRTHDAY + DAY
    )
    async with nothing_changed():
        await give_birthdays(as_of=datetime(2027, 3, 1, 4, tzinfo=UTC))
    await give_birthdays(as_of=datetime(2028, 3, 1, 4, tzinfo=UTC))
    assert [code for code, _ in await given()] == ["2026", "2028"]


async def test_a_suspended_members_gift_waits_until_they_are_back():
    member = await a_member(birthday=BORN)
    await members.suspend(member.member_id, actor="ada", reason="?", now=NOW)
    await give_birthdays(as_of=BIRTHDAY)
    found = await wallet(member.member_id)
    assert (found.pending, found.available) == (88, 0)


async def test_the_programme_in_force_when_the_birthday_began_decides():
    member = await a_member(birthday=BORN)
    await in_force(**sections(birthday={"points": 500}), now=BIRTHDAY + timedelta(hours=1))
    await give_birthdays(as_of=BIRTHDAY + DAY)
    assert (await wallet(member.member_id)).available == 88


async def test_a_programme_published_later_makes_up_for_no_birthday_before_it():
    await published()
    await a_member(birthday=BORN)
    await in_force(**sections(), now=BIRTHDAY + timedelta(hours=1))
    async with nothing_changed():
        await give_birthdays(as_of=BIRTHDAY + DAY)


async def test_members_are_gone_through_in_batches_by_their_ids():
    for _ in range(3):
        await a_member(birthday=BORN)
    first = await give_birthdays(as_of=BIRTHDAY, limit=2)
    assert await counts("gift") == [2]
    assert await give_birthdays(as_of=BIRTHDAY, after=first, limit=2) is None
    assert await counts("gift") == [3]
