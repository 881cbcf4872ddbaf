"""What does restoring a missed day cost and give?"""

from datetime import date, datetime, timedelta

import pytest

from db.connection import reader
from domain.checkins.errors import DayNotMissed, MakeUpLimitReached, MakeUpTooLate
from domain.checkins.operations import CheckedIn, check_in, make_up
from domain.ledger.errors import InsufficientPoints
from domain.members.operations import change_timezone
from tests.support.programmes import in_force
from tests.support.value import give, kinds, wallet
from tests.support.world import NOW, a_member, counts, nothing_changed, programme

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
FIRST = date(2026, 3, 2)


@pytest.fixture(autouse=True)
async def _programme(database):  # noqa: ARG001  the rows go into it
    await in_force()


async def a_member_who_missed(*missed, days, points=1_000):
    """Checked in on every one of `days` days from NOW but those."""
    member = await a_member()
    await give(member.member_id, points)
    for number in range(1, days + 1):
        if number not in missed:
            await check_in(member.member_id, now=NOW + (number - 1) * DAY)
    return member


def day(number):
    return FIRST + (number - 1) * DAY


def noon(number):
    return NOW + (number - 1) * DAY


async def streaks(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT day, streak_days, made_up FROM check_in WHERE member_id = $1 ORDER BY day",
            member.member_id,
        )
    return [((row["day"] - FIRST).days + 1, row["streak_days"], row["made_up"]) for row in rows]


async def test_a_made_up_day_joins_two_streaks_and_pays_the_milestone_it_makes_due():
    member = await a_member_who_missed(5, days=8)
    found = await make_up(member.member_id, day(5), now=noon(8))
    assert found == CheckedIn(day(5), 5, 20)
    assert await streaks(member) == [
        *[(number, number, False) for number in range(1, 5)],
        (5, 5, True),
        *[(number, number, False) for number in range(6, 9)],
    ]
    assert (await kinds(member.member_id))[-2:] == [("spend", 50), ("earn", 20)]
    assert (await wallet(member.member_id)).available == 1_000 + 70 - 50 + 20
    assert (await wallet(member.member_id, "GROWTH")).available == 70
    following = await check_in(member.member_id, now=noon(9))
    assert following.streak_days == 9


async def test_what_a_broken_streak_has_paid_is_not_paid_again():
    member = await a_member_who_missed(1, days=8)
    found = await make_up(member.member_id, day(1), now=noon(8))
    assert found.points_awarded == 0, "day 8 was the seventh and has paid; day 7 is the seventh now"


async def test_the_made_up_day_itself_pays_nothing_even_on_a_milestone():
    member = await a_member_who_missed(7, days=8)
    found = await make_up(member.member_id, day(7), now=noon(8))
    assert (found.streak_days, found.points_awarded) == (7, 0)
    assert (await kinds(member.member_id))[-1] == ("spend", 50)


async def test_two_made_up_days_pay_a_milestone_once():
    member = await a_member_who_missed(3, 5, days=9)
    first = await make_up(member.member_id, day(5), now=noon(9))
    assert first.points_awarded == 0
    second = await make_up(member.member_id, day(3), now=noon(9))
    assert second.points_awarded == 20
    assert [streak for _, streak, _ in await streaks(member)] == list(range(1, 10))


async def test_a_day_can_be_made_up_once():
    member = await a_member_who_missed(5, days=6)
    await make_up(member.member_id, day(5), now=noon(6))
    async with nothing_changed():
        with pytest.raises(DayNotMissed):
            await make_up(member.member_id, day(5), now=noon(6))


async def test_coupons_of_milestones_are_given_once_as_well():
    coupon = {"code": "FIVE_OFF", "name": {"zh-CN": "满减", "en": "Five off"}, "amount_off": "5"}
    milestones = [{"every_days": 3, "coupon": "FIVE_OFF"}]
    more = {"check_in": {"milestones": milestones}, "coupons": [*_coupons(), coupon]}
    await in_force(since=NOW, **more)
    member = await a_member_who_missed(2, 4, days=6)
    await make_up(member.member_id, day(4), now=noon(6))
    assert await counts("coupon") == [1], "day 5 is the third now"
    await make_up(member.member_id, day(2), now=noon(6))
    assert await counts("coupon") == [2], "days 3 and 6 are the third and the sixth"


def _coupons():
    return programme().document()["coupons"]


@pytest.mark.parametrize("number", [0, 4, 8, 9])
async def test_a_day_that_was_used_or_is_not_over_cannot_be_made_up(number):
    member = await a_member_who_missed(5, days=7)
    async with nothing_changed():
        with pytest.raises(DayNotMissed):
            await make_up(member.member_id, day(number), now=noon(8))


async def test_only_the_last_seven_days_can_be_made_up():
    member = await a_member_who_missed(2, days=9)
    async with nothing_changed():
        with pytest.raises(MakeUpTooLate):
            await make_up(member.member_id, day(2), now=noon(10))
    assert (await make_up(member.member_id, day(2), now=noon(9))).streak_days == 2


async def test_three_days_a_month_can_be_made_up():
    member = await a_member_who_missed(2, 3, 4, 5, days=7)
    for number in (2, 3, 4):
        await make_up(member.member_id, day(number), now=noon(7))
    async with nothing_changed():
        with pytest.raises(MakeUpLimitReached) as refused:
            await make_up(member.member_id, day(5), now=noon(7))
    assert refused.value.facts == {"limit": 3, "resets_on": date(2026, 4, 1)}


async def test_a_new_month_gives_new_cards():
    member = await a_member_who_missed(25, 26, 27, 28, 31, days=31)
    for number in (26, 27, 28):
        await make_up(member.member_id, day(number), now=noon(30))
    april = noon(31)
    assert april.date() == date(2026, 4, 1)
    assert (await make_up(member.member_id, day(25), now=april)).streak_days == 25


async def test_without_the_points_nothing_is_restored():
    member = await a_member_who_missed(2, days=3, points=29)
    async with nothing_changed():
        with pytest.raises(InsufficientPoints) as refused:
            await make_up(member.member_id, day(2), now=noon(3))
    assert refused.value.facts == {"available": 49, "required": 50}


async def test_the_last_check_in_shows_its_new_number_after_a_day_before_it_was_made_up():
    member = await a_member_who_missed(2, days=3)
    await make_up(member.member_id, day(2), now=noon(3))
    assert (await check_in(member.member_id, now=noon(4))).streak_days == 4


async def test_a_streak_is_joined_over_a_date_that_a_change_of_zone_skipped():
    member = await a_member(timezone="Pacific/Pago_Pago")
    await give(member.member_id, 1_000)
    noon_there = datetime.fromisoformat("2026-03-02T12:00:00-11:00")
    await check_in(member.member_id, now=noon_there)
    await change_timezone(member.member_id, "Pacific/Kiritimati", now=noon_there)
    week = datetime.fromisoformat("2026-03-11T12:00:00+14:00")
    with pytest.raises(DayNotMissed):
        await make_up(member.member_id, date(2026, 3, 3), now=week)
    found = await make_up(member.member_id, date(2026, 3, 4), now=week)
    assert (found.day, found.streak_days) == (date(2026, 3, 4), 2)
