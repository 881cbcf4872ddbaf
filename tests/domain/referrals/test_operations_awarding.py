"""When does a friend's order pay both, and how often?"""

from datetime import UTC, datetime, timedelta

import pytest

from db import jobs
from db.connection import reader
from db.jobs import LeaseLost
from domain.members import operations as members
from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.referrals import views
from domain.referrals.model import Summary
from domain.referrals.operations import AWARD_INVITEE, AWARD_INVITER, approve
from domain.referrals.steps import QUALIFY
from tests.support.referring import (
    SETTLED,
    a_friend,
    complete,
    coupons,
    enrol_by,
    entries,
    pay,
    refund,
    run,
    states,
    two_friends,
)
from tests.support.value import give, lots, wallet
from tests.support.working import claim_due, do, jobs_of, work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("programme")

INVITER_AWARD = ("earn", "referral", 500)
INVITEE_AWARD = ("earn", "referral", 200)
AWARDS = (AWARD_INVITER, AWARD_INVITEE)


async def test_the_friends_first_order_pays_both_once_its_window_is_over():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED - timedelta(seconds=1))
    assert await states(friend) == ("BOUND", "BOUND", 0)

    await work(SETTLED)
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]
    assert await coupons(friend) == [("NEW_MEMBER_20", "ISSUED")]
    assert (await wallet(inviter.member_id)).available == 500
    assert await views.summary(inviter.member_id) == Summary(inviter.referral_code, 1, 1, 1, 500)
    assert await views.summary(friend.member_id) == Summary(friend.referral_code, 0, 0, 0, 0)


async def test_a_second_order_pays_nothing_more():
    inviter, friend = await two_friends()
    for number in range(3):
        await pay(friend, f"o{number}", at=NOW + timedelta(hours=number))
    await work(NOW + timedelta(hours=3))
    await work(SETTLED + timedelta(days=1))
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]


async def test_the_shops_word_that_the_order_is_complete_pays_at_once():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await complete(friend, "o1", at=NOW + timedelta(days=2))
    await work(NOW + timedelta(days=2))
    assert await entries(inviter) == [INVITER_AWARD]
    await work(SETTLED)
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]


async def test_a_trial_for_one_yuan_does_not_use_the_chance_up():
    inviter, friend = await two_friends()
    await pay(friend, "trial", 100)
    await pay(friend, "real", 2_000, at=NOW + timedelta(days=1))
    await work(NOW + timedelta(days=1))
    await work(SETTLED)
    assert await states(friend) == ("BOUND", "BOUND", 0)
    await work(SETTLED + timedelta(days=1))
    assert await entries(inviter) == [INVITER_AWARD]


async def test_an_order_with_less_than_20_yuan_left_after_a_refund_does_not_count():
    inviter, friend = await two_friends()
    await pay(friend, "o1", 10_000)
    await refund(friend, "o1", 8_001, at=NOW + timedelta(days=3))
    await work(NOW + timedelta(days=3))
    await work(SETTLED)
    assert await states(friend) == ("BOUND", "BOUND", 0)
    assert await entries(inviter) == await entries(friend) == []


async def test_an_order_paid_in_the_second_of_the_binding_is_not_before_it():
    inviter = await a_member()
    bound_at = NOW + timedelta(microseconds=900_000)
    friend = (await enrol_by(inviter.referral_code, now=bound_at)).member
    await pay(friend, "o1", at=NOW)
    await work(bound_at)
    await work(SETTLED + timedelta(seconds=1))
    assert await states(friend) == ("REWARDED", "REWARDED", 500)


async def test_an_order_with_20_yuan_left_after_a_refund_counts():
    inviter, friend = await two_friends()
    await pay(friend, "o1", 10_000)
    await refund(friend, "o1", 8_000, at=NOW + timedelta(days=3))
    await work(NOW + timedelta(days=3))
    await work(SETTLED)
    assert await entries(inviter) == [INVITER_AWARD]


@pytest.mark.parametrize(("paid_after", "expected"), [(60, []), (59, [INVITER_AWARD])])
async def test_an_order_counts_within_60_days_of_binding(paid_after, expected):
    inviter, friend = await two_friends()
    at = NOW + timedelta(days=paid_after)
    await pay(friend, "o1", at=at)
    await work(at)
    await work(at + timedelta(days=15))
    assert await entries(inviter) == expected


async def test_an_order_paid_before_the_binding_that_was_told_late_makes_it_lapse():
    inviter, friend = await two_friends()
    await pay(friend, "before", at=NOW - timedelta(seconds=1))
    await pay(friend, "after")
    await work(NOW)
    await work(SETTLED)
    assert await states(friend) == ("LAPSED", "BOUND", 0)
    assert await entries(inviter) == await entries(friend) == []


async def test_where_silence_cancels_an_order_it_does_not_count():
    waiting = {"points": {"completion": "completed_only", "silence_days": 45}}
    await programmes.publish(
        Programme.of(waiting), now=NOW, published_by="tests", effective_from=NOW
    )
    inviter, friend = await two_friends()
    await pay(friend, "silent")
    await pay(friend, "completed", at=NOW + timedelta(days=1))
    await work(NOW + timedelta(days=1))
    await work(NOW + timedelta(days=45))
    assert await entries(inviter) == []
    await complete(friend, "completed", at=NOW + timedelta(days=45, hours=1))
    await work(NOW + timedelta(days=45, hours=1))
    assert await entries(inviter) == [INVITER_AWARD]


async def test_a_job_that_runs_before_the_window_is_over_waits_for_it():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await run("UPDATE job SET run_at = $1 WHERE kind = $2", NOW, QUALIFY)
    await work(NOW)
    async with reader() as tx:
        run_at = await tx.fetchval(
            "SELECT run_at FROM job WHERE kind = $1 AND state = 'ready' AND attempts = 0", QUALIFY
        )
    assert run_at == SETTLED
    await work(SETTLED)
    assert await entries(inviter) == [INVITER_AWARD]


async def test_where_points_expire_by_inactivity_an_award_is_activity():
    idle = Programme.of({"points": {"expiry": {"kind": "inactivity", "months": 12}}})
    await programmes.publish(idle, now=NOW, published_by="tests", effective_from=NOW)
    inviter, friend = await two_friends()
    await give(inviter.member_id, 100, expires_at=NOW + timedelta(days=30))
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    # The end of 17 March 2027 in Shanghai.
    ends = datetime(2027, 3, 17, 16, tzinfo=UTC)
    assert [lot.expires_at for lot in await lots(inviter.member_id)] == [ends, ends]


async def test_a_late_worker_changes_no_result():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED + timedelta(days=40))
    (lot,) = await lots(inviter.member_id)
    assert (lot.occurred_at, lot.activated_at) == (SETTLED, SETTLED)
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT rewarded_at FROM referral UNION ALL SELECT rewarded_at FROM invitation"
        )
    assert [row["rewarded_at"] for row in rows] == [SETTLED, SETTLED]


async def test_jobs_that_come_twice_pay_once():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    await run("UPDATE job SET state = 'ready', attempts = 0, done_at = NULL WHERE kind <> 'intake'")
    await work(SETTLED)
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]
    assert len(await coupons(friend)) == 1
    assert await states(friend) == ("REWARDED", "REWARDED", 500)


@pytest.mark.parametrize("kind", [QUALIFY, *AWARDS])
async def test_a_worker_that_lost_its_lease_leaves_nothing_behind(kind):
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[kind])
    (stale,) = await claim_due(SETTLED, kind)

    later = SETTLED + jobs.LEASE
    (taken,) = await claim_due(later, kind)
    assert (taken.id, taken.token) == (stale.id, stale.token + 1)
    async with nothing_changed():
        with pytest.raises(LeaseLost):
            await do(stale, SETTLED)

    await do(taken, later)
    async with nothing_changed():
        with pytest.raises(LeaseLost):
            await do(stale, later)
    await work(later)
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]


@pytest.mark.parametrize("first", AWARDS)
async def test_a_worker_killed_between_the_two_awards_leaves_the_other_to_the_next(first):
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=AWARDS)
    claims = {claim.kind: claim for claim in await claim_due(SETTLED)}
    assert sorted(claims) == sorted(AWARDS)
    await do(claims[first], SETTLED)

    await work(SETTLED)
    assert len(await entries(inviter)) + len(await entries(friend)) == 1
    await work(SETTLED + jobs.LEASE)
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]
    assert (await jobs_of(inviter.member_id))[-1] == (AWARD_INVITER, "done")


async def test_an_award_before_the_invitation_was_noted_is_not_undone_by_the_note():
    inviter = await a_member()
    friend = (await enrol_by(inviter.referral_code)).member
    (note,) = await claim_due(NOW)
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[note.kind])
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    await work(SETTLED + jobs.LEASE)
    assert (await jobs_of(inviter.member_id))[0] == (note.kind, "done")
    assert await states(friend) == ("REWARDED", "REWARDED", 500)


async def friends_who_buy(inviter, count, *, at=NOW):
    """So many friends of the inviter, each with an order that is complete at `at`."""
    friends = [await a_friend(inviter, now=at) for _ in range(count)]
    for friend in friends:
        await pay(friend, "o1", at=at)
        await complete(friend, "o1", at=at)
        await work(at)
    return friends


async def test_milestones_are_paid_with_the_award_that_reaches_them():
    inviter = await a_member()
    await friends_who_buy(inviter, 4)
    assert await entries(inviter) == [
        INVITER_AWARD,
        INVITER_AWARD,
        INVITER_AWARD,
        ("earn", "referral_milestone", 300),
        INVITER_AWARD,
    ]
    assert (await views.summary(inviter.member_id)).points_earned == 4 * 500 + 300


async def test_a_milestone_goes_with_the_friends_who_made_it_and_comes_back_with_others():
    inviter = await a_member()
    first, _, _ = await friends_who_buy(inviter, 3)
    await refund(first, "o1", at=NOW + timedelta(days=1))
    await work(NOW + timedelta(days=1))
    assert (await views.summary(inviter.member_id)).points_earned == 2 * 500
    assert (await wallet(inviter.member_id)).available == 2 * 500
    await friends_who_buy(inviter, 1, at=NOW + timedelta(days=2))
    assert [entry for entry in await entries(inviter) if entry[2] == 300] == [
        ("earn", "referral_milestone", 300),
        ("take_back", "referral_reversal", 300),
        ("earn", "referral_milestone", 300),
    ]
    assert (await views.summary(inviter.member_id)).points_earned == 3 * 500 + 300


async def test_above_the_monthly_cap_only_the_friend_is_paid():
    capped = Programme.of(
        {"referral": {"monthly_cap": 2, "milestones": [{"count": 3, "points": 9}]}}
    )
    await programmes.publish(capped, now=NOW, published_by="tests", effective_from=NOW)
    inviter = await a_member()
    *_, third = await friends_who_buy(inviter, 3)
    assert await entries(inviter) == [INVITER_AWARD, INVITER_AWARD]
    assert await entries(third) == [INVITEE_AWARD]
    assert await states(third) == ("REWARDED", "CAPPED", 0)
    assert await views.summary(inviter.member_id) == Summary(inviter.referral_code, 3, 3, 2, 1000)

    # In the next month the cap is free again, and the milestone that was reached comes with it.
    await friends_who_buy(inviter, 1, at=NOW + timedelta(days=31))
    assert (await entries(inviter))[2:] == [INVITER_AWARD, ("earn", "referral_milestone", 9)]


async def test_a_suspended_inviters_points_wait_until_they_are_resumed():
    inviter, friend = await two_friends()
    await members.suspend(inviter.member_id, actor="staff", reason="look", now=NOW)
    await friends_order(friend)
    assert await entries(friend) == [INVITEE_AWARD]
    found = await wallet(inviter.member_id)
    assert (found.pending, found.available) == (500, 0)

    await members.resume(inviter.member_id, actor="staff", reason="fine", now=SETTLED)
    await friends_who_buy(inviter, 1, at=SETTLED)
    found = await wallet(inviter.member_id)
    assert (found.pending, found.available) == (0, 1000)


async def friends_order(friend):
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)


async def test_what_was_promised_at_the_binding_is_what_is_paid():
    inviter, friend = await two_friends()
    less = Programme.of({"referral": {"inviter_points": 1, "invitee_points": 0, "milestones": []}})
    later = NOW + timedelta(hours=1)
    await programmes.publish(less, now=later, published_by="tests", effective_from=later)
    await pay(friend, "o1", at=later)
    await work(later)
    await work(later + timedelta(days=15))
    assert await entries(inviter) == [INVITER_AWARD]

    other = await a_friend(inviter, now=later)
    await pay(other, "o1", at=later)
    await work(later)
    await work(later + timedelta(days=15))
    assert (await entries(inviter))[1:] == [("earn", "referral", 1)]
    assert await entries(other) == await coupons(other) == []
    assert await states(other) == ("REWARDED", "REWARDED", 1)


async def test_of_two_who_bound_each_other_at_one_moment_the_first_binding_counts():
    first, second = await a_member(), await a_member()
    for invitee, inviter, at in ((first, second, NOW), (second, first, NOW + timedelta(seconds=1))):
        await run(
            "INSERT INTO referral VALUES ($1, $2, $3, 'BOUND', $4, NULL, NULL, NULL, 1, $1)",
            invitee.member_id,
            inviter.member_id,
            inviter.referral_code,
            at,
        )
    at = NOW + timedelta(minutes=1)
    for member in (second, first):
        await pay(member, "o1", at=at)
    await work(at)
    await work(at + timedelta(days=15))
    assert (await entries(first), await entries(second)) == ([], [])
    for member in (first, second):
        if (await states(member))[0] == "QUALIFIED":
            await approve(member.member_id, staff="ada", note="a couple", now=at)
    await work(at + timedelta(days=15))
    assert await states(first) == ("REWARDED", "REWARDED", 500)
    assert await states(second) == ("LAPSED", None, None)
    assert await entries(first) == [INVITEE_AWARD]
    assert await entries(second) == [INVITER_AWARD]


async def test_an_award_is_not_paid_to_an_inviter_whom_the_friend_has_invited_meanwhile():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[AWARD_INVITER])
    await run(
        "INSERT INTO referral VALUES ($1, $2, $3, 'BOUND', $4, NULL, NULL, NULL, 1, $1)",
        inviter.member_id,
        friend.member_id,
        friend.referral_code,
        NOW - timedelta(seconds=1),
    )
    await work(SETTLED)
    assert await entries(inviter) == []
    assert await states(friend) == ("REWARDED", "BOUND", 0)
