"""When is a referral undone, and what then comes back?"""

from datetime import timedelta

import pytest

from db import jobs
from domain.referrals import views
from domain.referrals.operations import AWARD_INVITEE, AWARD_INVITER, QUALIFY, REVERSE_INVITER
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from tests.support.referring import (
    SETTLED,
    coupons,
    entries,
    pay,
    refund,
    run,
    states,
    two_friends,
)
from tests.support.value import wallet
from tests.support.working import claim_due, do, work
from tests.support.world import NOW

pytestmark = pytest.mark.usefixtures("programme")

INVITER = [("earn", "referral", 500), ("take_back", "referral_reversal", 500)]
INVITEE = [("earn", "referral", 200), ("take_back", "referral_reversal", 200)]
REFUNDED = SETTLED + timedelta(days=10)


async def rewarded(amount_minor=10_000):
    """Two friends whose referral was awarded."""
    inviter, friend = await two_friends()
    await pay(friend, "o1", amount_minor)
    await work(NOW)
    await work(SETTLED)
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    return inviter, friend


async def test_a_refund_below_20_yuan_takes_both_awards_back():
    inviter, friend = await rewarded()
    await refund(friend, "o1", 8_001, at=REFUNDED)
    await work(REFUNDED)
    assert await states(friend) == ("REVERSED", "REVERSED", 0)
    assert await entries(inviter) == INVITER
    assert await entries(friend) == INVITEE
    assert await coupons(friend) == [("NEW_MEMBER_20", "REVOKED")]
    assert (await wallet(inviter.member_id)).available == 0
    found = await views.summary(inviter.member_id)
    assert (found.rewarded, found.points_earned) == (0, 0)


async def test_a_refund_that_leaves_20_yuan_takes_nothing_back():
    inviter, friend = await rewarded()
    await refund(friend, "o1", 8_000, at=REFUNDED)
    await work(REFUNDED)
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    assert await entries(inviter) == INVITER[:1]


@pytest.mark.parametrize(("days", "expected"), [(59, "REVERSED"), (60, "REWARDED")])
async def test_a_refund_takes_back_within_60_days_of_the_award(days, expected):
    _, friend = await rewarded()
    at = SETTLED + timedelta(days=days)
    await refund(friend, "o1", at=at)
    await work(at)
    assert await states(friend) == (expected, expected, 0 if expected == "REVERSED" else 500)


async def test_a_refund_counts_by_when_it_was_made_not_by_when_it_was_told():
    _, friend = await rewarded()
    at = SETTLED + timedelta(days=59)
    await refund(friend, "o1", at=at, recorded_at=at + timedelta(days=3))
    await work(at + timedelta(days=3))
    assert await states(friend) == ("REVERSED", "REVERSED", 0)


async def test_a_worker_that_comes_after_a_later_refund_goes_by_the_one_that_crossed_the_line():
    _, friend = await rewarded()
    await refund(friend, "o1", 8_001, at=SETTLED + timedelta(days=59))
    later = SETTLED + timedelta(days=61)
    await refund(friend, "o1", 1_999, at=later)
    await work(later)
    assert await states(friend) == ("REVERSED", "REVERSED", 0)


async def test_a_refund_of_another_order_takes_nothing_back():
    _, friend = await rewarded()
    await pay(friend, "o2", at=SETTLED)
    await refund(friend, "o2", at=REFUNDED)
    await work(REFUNDED)
    assert await states(friend) == ("REWARDED", "REWARDED", 500)


async def test_points_spent_meanwhile_become_a_debt():
    inviter, friend = await rewarded()
    taken = Adjustment(inviter.member_id, -400, "a prize", key="k")
    await adjust("staff", taken, now=SETTLED)
    await refund(friend, "o1", at=REFUNDED)
    await work(REFUNDED)
    assert (await entries(inviter))[1:] == [
        ("take_back", "referral_reversal", 100),
        ("shortfall", "referral_reversal", 400),
    ]
    assert (await wallet(inviter.member_id)).debt == -400


async def test_a_reversal_that_comes_twice_takes_back_once():
    inviter, friend = await rewarded()
    await refund(friend, "o1", at=REFUNDED)
    await work(REFUNDED)
    await run("UPDATE job SET state = 'ready', attempts = 0, done_at = NULL WHERE kind <> 'intake'")
    await work(REFUNDED)
    assert await entries(inviter) == INVITER
    assert await entries(friend) == INVITEE


async def test_a_worker_killed_between_the_two_sides_leaves_the_inviters_to_the_next():
    inviter, friend = await rewarded()
    await refund(friend, "o1", at=REFUNDED)
    await work(REFUNDED, leaving=[REVERSE_INVITER])
    await claim_due(REFUNDED, REVERSE_INVITER)
    await work(REFUNDED)
    assert await states(friend) == ("REVERSED", "REWARDED", 500)
    await work(REFUNDED + jobs.LEASE)
    assert await entries(inviter) == INVITER
    assert await entries(friend) == INVITEE


async def test_an_order_that_qualified_and_counts_no_more_is_paid_to_nobody():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[AWARD_INVITER, AWARD_INVITEE])
    await refund(friend, "o1", at=SETTLED)
    await work(SETTLED, leaving=[AWARD_INVITER, AWARD_INVITEE])
    assert await states(friend) == ("REVERSED", "REVERSED", 0)
    await work(SETTLED)
    assert await entries(inviter) == await entries(friend) == await coupons(friend) == []


async def test_an_award_that_overtakes_its_reversal_is_taken_back():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[AWARD_INVITER, AWARD_INVITEE])
    await refund(friend, "o1", at=SETTLED)
    await work(SETTLED, leaving=[AWARD_INVITEE, REVERSE_INVITER, "referral.reverse"])
    assert await entries(inviter) == INVITER[:1]
    await work(SETTLED, leaving=[AWARD_INVITEE])
    await work(SETTLED)
    assert await entries(inviter) == INVITER
    assert await entries(friend) == []
    assert await states(friend) == ("REVERSED", "REVERSED", 0)


async def test_a_late_worker_does_not_give_a_second_chance_to_who_sent_the_order_back():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await refund(friend, "o1", at=SETTLED + timedelta(days=1))
    await work(SETTLED + timedelta(days=1), leaving={QUALIFY})
    await pay(friend, "o2", at=SETTLED + timedelta(days=2))
    await work(SETTLED + timedelta(days=40))
    assert await states(friend) == ("REVERSED", "REVERSED", 0)
    assert [await entries(one) for one in (inviter, friend)] == [[], []]


async def test_a_late_worker_pays_for_an_order_that_was_sent_back_when_it_counted_no_more():
    _, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await refund(friend, "o1", at=SETTLED + timedelta(days=60))
    await work(SETTLED + timedelta(days=60), leaving={QUALIFY})
    await work(SETTLED + timedelta(days=61))
    assert await states(friend) == ("REWARDED", "REWARDED", 500)


async def test_after_a_reversal_another_order_pays_nothing():
    inviter, friend = await rewarded()
    await refund(friend, "o1", at=REFUNDED)
    await pay(friend, "o2", at=REFUNDED)
    await work(REFUNDED)
    await work(REFUNDED + timedelta(days=15))
    assert await entries(inviter) == INVITER
    assert await entries(friend) == INVITEE


async def test_a_reversal_done_by_a_stale_worker_leaves_nothing_behind():
    inviter, friend = await rewarded()
    await refund(friend, "o1", at=REFUNDED)
    await work(REFUNDED, leaving=["referral.reverse"])
    (stale,) = await claim_due(REFUNDED, "referral.reverse")
    (taken,) = await claim_due(REFUNDED + jobs.LEASE, "referral.reverse")
    with pytest.raises(jobs.LeaseLost):
        await do(stale, REFUNDED)
    assert await entries(friend) == INVITEE[:1]
    await do(taken, REFUNDED + jobs.LEASE)
    await work(REFUNDED + jobs.LEASE)
    assert await entries(inviter) == INVITER
    assert await entries(friend) == INVITEE
