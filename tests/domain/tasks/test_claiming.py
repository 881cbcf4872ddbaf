"""What may a member claim, and which tasks do they see?"""

from datetime import timedelta

import pytest

from domain.members.operations import suspend
from domain.rewards.errors import Ended, NotStarted
from domain.tasks.errors import AlreadyClaimed, TaskNotClaimable
from domain.tasks.operations import claim, tag, untag
from domain.tasks.views import tasks
from kit.errors import InvalidInput, MemberSuspended, NotFound
from tests.support.missions import a_task, balances, progress, rewarded, tasks_in_force
from tests.support.shop import done, opened, paid, refunded, reviewed, tell
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def seen(member, now=NOW):
    return [
        (one.task.code, one.period, one.state, one.progress, one.target)
        for one in await tasks(member.member_id, now=now)
    ]


async def test_what_is_reached_waits_until_the_member_claims_it_once():
    await tasks_in_force(a_task(kind="reviews", claim="member"))
    member = await a_member()
    await done(reviewed(member, "r"))
    assert await balances(member) == (0, 20, 20)
    assert await seen(member) == [("T", "once", "CLAIMABLE", 1, 1)]
    row = await claim(member.member_id, "T", now=NOW + DAY)
    assert (row.state, row.times_rewarded) == ("REWARDED", 1)
    assert await balances(member) == (0, 120, 120)
    async with nothing_changed():
        with pytest.raises(AlreadyClaimed):
            await claim(member.member_id, "T", now=NOW + DAY)


async def test_a_claim_needs_no_worker_to_have_looked():
    await tasks_in_force(a_task(kind="reviews", claim="member"))
    member = await a_member()
    await done(reviewed(member, "r"))
    other = await a_member()
    await tell(reviewed(other, "r2"))
    await work(NOW, leaving=["tasks.assess"])
    await claim(other.member_id, "T", now=NOW)
    assert await rewarded(other) == [("T", "once")]
    await work(NOW)
    assert await progress(other) == {("T", "once"): ("REWARDED", 1, 1)}


async def test_last_weeks_reward_can_be_claimed_this_week():
    await tasks_in_force(a_task(kind="reviews", claim="member", recurrence="weekly"))
    member = await a_member()
    await done(reviewed(member, "r"))
    later = NOW + 7 * DAY
    assert await seen(member, later) == [
        ("T", "2026-W11", "OPEN", 0, 1),
        ("T", "2026-W10", "CLAIMABLE", 1, 1),
    ]
    assert (await claim(member.member_id, "T", now=later)).period == "2026-W10"
    async with nothing_changed():
        with pytest.raises(TaskNotClaimable):
            await claim(member.member_id, "T", now=later)
        with pytest.raises(AlreadyClaimed):
            await claim(member.member_id, "T", period="2026-W10", now=later)


async def test_what_cannot_be_claimed_is_refused_in_order():
    starts, ends = NOW + 2 * DAY, NOW + 4 * DAY
    window = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    await tasks_in_force(
        a_task("T", claim="member", target=3),
        a_task("W", claim="member", **window),
        a_task("SILVERS", claim="member", audience={"tiers": ["SILVER"]}),
    )
    member = await a_member()
    await done(paid(member, "A", 10_000))
    expected = [
        ("NONE", NOW, NotFound),
        ("SILVERS", NOW, NotFound),
        ("W", NOW, NotStarted),
        ("W", ends, Ended),
        ("T", NOW, TaskNotClaimable),
    ]
    async with nothing_changed():
        for code, at, refusal in expected:
            with pytest.raises(refusal):
                await claim(member.member_id, code, now=at)
    await suspend(member.member_id, actor="staff", reason="r", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await claim(member.member_id, "T", now=NOW)


async def test_what_was_sent_back_before_the_claim_is_claimable_no_more():
    await tasks_in_force(a_task(claim="member"))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(refunded(member, "A", "R", at=NOW + DAY))
    assert await seen(member, NOW + DAY) == [("T", "once", "OPEN", 0, 1)]
    with pytest.raises(TaskNotClaimable):
        await claim(member.member_id, "T", now=NOW + DAY)


async def test_a_task_waits_for_those_that_come_first():
    await tasks_in_force(
        a_task("SECOND", kind="reviews", requires=["FIRST"]), a_task("FIRST", kind="shares")
    )
    member = await a_member()
    await done(reviewed(member, "r"))
    found = await tasks(member.member_id, now=NOW)
    assert [(one.task.code, one.state, one.unmet) for one in found] == [
        ("SECOND", "LOCKED", ("FIRST",)),
        ("FIRST", "OPEN", ()),
    ]
    await done(opened(member, "l", "a", at=NOW + DAY))
    assert await rewarded(member) == [("FIRST", "once"), ("SECOND", "once")]


async def test_tags_choose_and_history_counts_for_who_gets_one():
    await tasks_in_force(a_task(kind="reviews", audience={"tags": ["vip"]}))
    member = await a_member()
    await done(reviewed(member, "r"))
    assert (await seen(member), await progress(member)) == ([], {})
    async with nothing_changed():
        with pytest.raises(InvalidInput):
            await tag(member.member_id, "No good", actor="staff", now=NOW)
    await tag(member.member_id, "vip", actor="staff", now=NOW + DAY)
    await work(NOW + DAY)
    assert await rewarded(member) == [("T", "once")]
    async with nothing_changed():
        await tag(member.member_id, "vip", actor="staff", now=NOW + DAY)
    await untag(member.member_id, "vip", actor="staff", now=NOW + DAY)
    await work(NOW + DAY)
    assert await rewarded(member) == [("T", "once")]


async def test_segments_and_tiers_choose():
    segment = {"code": "STARS", "name": {"zh-CN": "星", "en": "Stars"}, "tags": ["star"]}
    await tasks_in_force(
        a_task("S", kind="reviews", audience={"segments": ["STARS"]}),
        a_task("N", kind="reviews", audience={"tiers": ["NORMAL"]}),
        segments=[segment],
    )
    member = await a_member()
    await done(reviewed(member, "r"))
    assert await rewarded(member) == [("N", "once")]
    await tag(member.member_id, "star", actor="staff", now=NOW)
    await work(NOW)
    assert await rewarded(member) == [("N", "once"), ("S", "once")]


async def test_the_order_that_wins_a_lapsed_member_back_counts():
    await tasks_in_force(
        a_task("BACK", recurrence="monthly", audience={"stages": ["lapsed"]}),
        a_task("NEW", audience={"stages": ["new"]}),
    )
    member = await a_member()
    await done(paid(member, "A", 10_000))
    assert await rewarded(member) == [("NEW", "once")]
    await done(paid(member, "B", 10_000, at=NOW + 179 * DAY))
    assert await rewarded(member) == [("NEW", "once")]
    await done(paid(member, "C", 10_000, at=NOW + 359 * DAY))
    assert await rewarded(member) == [("BACK", "2027-02"), ("NEW", "once")]


@pytest.mark.parametrize("days", [105, 130])
async def test_what_waited_for_long_is_not_given_once_its_order_was_sent_back(days):
    await tasks_in_force(a_task(claim="member", recurrence="daily"))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    later = NOW + days * DAY
    assert ("T", "2026-03-02", "CLAIMABLE", 1, 1) in await seen(member, later)
    await tell(refunded(member, "A", "R", at=later))
    await work(later, leaving=["tasks.assess"])
    async with nothing_changed():
        with pytest.raises(TaskNotClaimable):
            await claim(member.member_id, "T", now=later)
    await work(later)
    assert await progress(member) == {("T", "2026-03-02"): ("OPEN", 0, 0)}


async def test_a_once_only_reward_that_waited_for_years_goes_with_its_order():
    await tasks_in_force(a_task(claim="member"))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    later = NOW + 500 * DAY
    assert await seen(member, later) == [("T", "once", "CLAIMABLE", 1, 1)]
    await done(refunded(member, "A", "R", at=later))
    assert await progress(member) == {("T", "once"): ("OPEN", 0, 0)}
