"""Is a day used once, however many ask at the same moment?"""

from collections import Counter
from datetime import date, timedelta

import pytest

from domain.checkins.errors import AlreadyCheckedIn, DayNotMissed
from domain.checkins.operations import CheckedIn, check_in, make_up
from tests.support.racing import together
from tests.support.value import give, kinds
from tests.support.world import NOW, a_member, counts, published

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
DAY = timedelta(days=1)


async def test_of_50_parallel_check_ins_of_a_member_one_counts():
    await published()
    member = await a_member()
    answers = await together(*(check_in(member.member_id, now=NOW) for _ in range(50)))
    assert Counter(map(type, answers)) == {CheckedIn: 1, AlreadyCheckedIn: 49}
    assert all(
        answer.facts == {"day": date(2026, 3, 2), "streak_days": 1, "points_awarded": 10}
        for answer in answers
        if isinstance(answer, AlreadyCheckedIn)
    )
    assert await kinds(member.member_id) == [("earn", 10)]
    assert await counts("check_in", "decision", "lot") == [1, 1, 1]


async def test_of_20_parallel_make_ups_of_a_day_one_counts():
    await published()
    member = await a_member()
    await give(member.member_id, 1_000)
    await check_in(member.member_id, now=NOW)
    missed, now = date(2026, 3, 3), NOW + 2 * DAY
    answers = await together(*(make_up(member.member_id, missed, now=now) for _ in range(20)))
    assert Counter(map(type, answers)) == {CheckedIn: 1, DayNotMissed: 19}
    assert (await kinds(member.member_id))[-1] == ("spend", 50)
