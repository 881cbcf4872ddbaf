"""What does each kind of task count, and in which period of the member?"""

from datetime import datetime, timedelta

import pytest

from domain.checkins.operations import check_in
from domain.members.operations import change_timezone
from domain.tasks.views import tasks
from tests.support.missions import a_task, completed_at, progress, rewarded, tasks_in_force
from tests.support.shop import done, fact, line, opened, paid, refunded, reviewed
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def how_far(member, now=NOW):
    return [(one.progress, one.target) for one in await tasks(member.member_id, now=now)]


async def test_spend_counts_whole_yuan_of_the_earning_base():
    await tasks_in_force(a_task(kind="spend", target=200))
    member = await a_member()
    await done(paid(member, "A", 19_999))
    assert (await progress(member), await how_far(member)) == ({}, [(199, 200)])
    await done(paid(member, "B", 1))
    assert await rewarded(member) == [("T", "once")]


async def test_orders_count_by_their_matching_lines():
    wanted = {"category": ["fresh"], "order_min": "50"}
    await tasks_in_force(a_task(kind="orders", target=2, orders=wanted))
    member = await a_member()
    await done(paid(member, "A", line(4_999, category="fresh"), line(9_000, "2", category="dry")))
    await done(paid(member, "B", line(5_000, category="fresh")))
    await done(paid(member, "C", line(9_000, category="fresh", eligible=False)))
    assert await how_far(member) == [(1, 2)]
    await done(paid(member, "D", line(5_000, category="fresh")))
    assert await rewarded(member) == [("T", "once")]


async def test_days_are_counted_once_each_and_in_a_row_only_without_a_gap():
    await tasks_in_force(
        a_task("DAYS", kind="order_days", target=3),
        a_task("ROW", kind="consecutive_order_days", target=3),
    )
    member = await a_member()
    for number, days in enumerate((0, 0, 1, 3)):
        await done(paid(member, f"o{number}", 1_000, at=NOW + days * DAY))
    assert await rewarded(member) == [("DAYS", "once")]
    assert (await how_far(member, NOW + 3 * DAY))[1] == (1, 3)
    await done(paid(member, "late", 1_000, at=NOW + 2 * DAY), now=NOW + 4 * DAY)
    assert await rewarded(member) == [("DAYS", "once"), ("ROW", "once")]
    assert await completed_at(member, "ROW") == NOW + 2 * DAY


async def test_a_run_of_days_that_is_broken_begins_anew():
    await tasks_in_force(a_task(kind="consecutive_order_days", target=3))
    member = await a_member()
    for days in (0, 1):
        await done(paid(member, f"o{days}", 1_000, at=NOW + days * DAY))
    assert await how_far(member, NOW + 2 * DAY) == [(2, 3)]
    assert await how_far(member, NOW + 3 * DAY) == [(0, 3)]


async def test_categories_differ():
    await tasks_in_force(a_task(kind="categories", target=3))
    member = await a_member()
    await done(paid(member, "A", line(100, category="a"), line(100, "2", category="b")))
    await done(paid(member, "B", line(100, category="b"), line(100, "2")))
    assert await how_far(member) == [(2, 3)]
    await done(paid(member, "C", line(100, category="c")))
    assert await rewarded(member) == [("T", "once")]
    await done(refunded(member, "B", "R", at=NOW + DAY))
    assert await rewarded(member) == [("T", "once")]


async def test_a_streak_of_check_ins():
    await tasks_in_force(a_task(kind="check_in_streak", target=3))
    member = await a_member()
    for days in (0, 2, 3, 4):
        await check_in(member.member_id, now=NOW + days * DAY)
        await work(NOW + days * DAY)
    assert await rewarded(member) == [("T", "once")]
    assert await completed_at(member, "T") == NOW + 4 * DAY


async def test_a_link_that_two_opened_is_shared_once():
    await tasks_in_force(a_task(kind="shares", target=2))
    member = await a_member()
    await done(opened(member, "l1", "a"), opened(member, "l1", "b"))
    await done(opened(member, "l2", member.external_id or ""))
    assert await how_far(member) == [(1, 2)]
    await done(opened(member, "l3", "a"))
    assert await rewarded(member) == [("T", "once")]


async def test_a_profile_is_done_when_its_fields_are_filled_in():
    await tasks_in_force(
        a_task(kind="profile", fields=["email"]),
        a_task("TWO", kind="profile", fields=["email", "phone"]),
        a_task("R", kind="reviews"),
    )
    member = await a_member(email="m@example.com")
    assert await how_far(member) == [(1, 1), (1, 2), (0, 1)]


async def test_a_week_goes_on_over_new_year():
    await tasks_in_force(a_task(kind="reviews", target=2, recurrence="weekly"))
    member = await a_member()
    old, new = (
        datetime.fromisoformat(f"{day}T12:00:00+08:00") for day in ("2026-12-31", "2027-01-03")
    )
    await done(reviewed(member, "r1", at=old))
    await done(reviewed(member, "r2", at=new))
    assert await rewarded(member) == [("T", "2026-W53")]


async def test_a_day_is_the_members_own():
    await tasks_in_force(a_task(kind="reviews", recurrence="daily"))
    there = await a_member(timezone="America/New_York")
    here = await a_member()
    midnight = datetime.fromisoformat("2026-03-03T00:00:00-05:00")
    for member in (there, here):
        await done(reviewed(member, f"a {member.member_id}", at=midnight - DAY / 2))
        await done(reviewed(member, f"b {member.member_id}", at=midnight))
    assert await rewarded(there) == [("T", "2026-03-02"), ("T", "2026-03-03")]
    assert await rewarded(here) == [("T", "2026-03-03")]


async def test_a_month_and_a_window_are_periods_of_their_own():
    window = {"starts_at": NOW.isoformat(), "ends_at": (NOW + 2 * DAY).isoformat()}
    await tasks_in_force(
        a_task("M", kind="reviews", recurrence="monthly"),
        a_task("W", kind="reviews", recurrence="window", target=2, **window),
    )
    member = await a_member()
    for number, at in enumerate((NOW - DAY, NOW, NOW + DAY, NOW + 2 * DAY)):
        await done(reviewed(member, f"r{number}", at=at))
    assert await rewarded(member) == [("M", "2026-03"), ("W", "window")]
    assert await completed_at(member, "W") == NOW + DAY


async def test_a_late_refund_undoes_last_months_task_alone():
    await tasks_in_force(a_task(recurrence="monthly"))
    member = await a_member()
    later = NOW + 31 * DAY
    await done(paid(member, "A", 1_000), now=NOW)
    await done(paid(member, "B", 1_000, at=later))
    await done(refunded(member, "A", "R", at=later + DAY))
    assert await progress(member) == {
        ("T", "2026-03"): ("OPEN", 0, 1),
        ("T", "2026-04"): ("REWARDED", 1, 1),
    }


async def test_past_days_are_not_rewarded_when_a_daily_task_is_published():
    await tasks_in_force()
    member = await a_member()
    await done(reviewed(member, "r1"))
    await tasks_in_force(a_task(kind="reviews", recurrence="daily"), now=NOW + DAY)
    await done(reviewed(member, "r2", at=NOW + DAY))
    assert await rewarded(member) == [("T", "2026-03-03")]


async def test_a_campaign_that_nobody_joined_counts_nothing():
    await tasks_in_force(a_task(kind="campaign", campaign="spring"))
    member = await a_member()
    await done(fact(member, "campaign.joined", {"campaign": "autumn"}))
    assert await how_far(member) == [(0, 1)]


async def test_a_second_move_to_another_zone_neither_pays_a_day_twice_nor_takes_it_back():
    await tasks_in_force(a_task(recurrence="daily"))
    member = await a_member(timezone="Asia/Shanghai")
    morning, evening = NOW - timedelta(hours=3), NOW + timedelta(hours=9)
    await done(paid(member, "A", 10_000, at=morning), now=NOW)
    await done(paid(member, "B", 10_000, at=evening))
    early = NOW + 5 * DAY - timedelta(hours=3)
    await done(paid(member, "C", 10_000, at=early))
    before = [("T", "2026-03-02"), ("T", "2026-03-07")]
    assert await rewarded(member) == before
    await change_timezone(member.member_id, "America/New_York", now=NOW + 6 * DAY)
    await change_timezone(member.member_id, "Europe/London", now=NOW + 60 * DAY)
    later = NOW + 70 * DAY
    await done(paid(member, "D", 10_000, at=later))
    assert await rewarded(member) == [*before, ("T", "2026-05-11")]
    await done(refunded(member, "C", "R", at=later + DAY))
    assert await rewarded(member) == [before[0], ("T", "2026-05-11")]
