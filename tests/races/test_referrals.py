"""What do members, workers and refunds at the same moment make of a referral?"""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from db.changes import Changes
from db.connection import transactional
from db.jobs import LeaseLost
from domain.privacy.model import Erasure
from domain.privacy.operations import erase
from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.referrals import steps, views
from domain.referrals.errors import CircularReferral
from domain.referrals.model import Mark, ReferralRow
from domain.referrals.operations import (
    AWARD_INVITEE,
    AWARD_INVITER,
    REVERSE,
    approve,
    look,
    reject,
)
from tests.support.forgetting import asked, worked
from tests.support.referring import (
    SETTLED,
    a_friend,
    bind,
    coupons,
    entries,
    pay,
    refund,
    states,
    two_friends,
)
from tests.support.value import wallet
from tests.support.working import claim_due, do, work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.race


@pytest.fixture(autouse=True)
async def programme(database: str):
    assert database
    return await published()


async def test_many_workers_with_the_same_jobs_pay_each_side_once():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[AWARD_INVITER, AWARD_INVITEE])
    claims = await claim_due(SETTLED)
    answers = await asyncio.gather(
        *(do(claim, SETTLED) for claim in claims for _ in range(10)), return_exceptions=True
    )
    assert Counter(type(answer) for answer in answers) == {type(None): 2, LeaseLost: 18}
    assert await entries(inviter) == [("earn", "referral", 500)]
    assert await entries(friend) == [("earn", "referral", 200)]
    assert len(await coupons(friend)) == 1


async def test_awards_of_many_friends_at_once_stay_within_the_cap_and_pay_a_milestone_once():
    capped = Programme.of(
        {
            "referral": {
                "monthly_cap": 5,
                "milestones": [{"count": 3, "points": 9}],
                "review": {"bindings_per_day": 12},
            }
        }
    )
    await programmes.publish(capped, now=NOW, published_by="tests", effective_from=NOW)
    inviter = await a_member()
    friends = [await a_friend(inviter) for _ in range(12)]
    for friend in friends:
        await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[AWARD_INVITER])
    await asyncio.gather(*(do(claim, SETTLED) for claim in await claim_due(SETTLED)))

    found = Counter([(await states(friend))[1] for friend in friends])
    assert found == {"REWARDED": 5, "CAPPED": 7}
    assert (await wallet(inviter.member_id)).available == 5 * 500 + 9


async def test_two_who_bind_each_other_at_once_are_paid_for_one_binding_at_most():
    for _ in range(10):
        one, other = await a_member(), await a_member()
        answers = await asyncio.gather(
            bind(one.member_id, other.referral_code, now=NOW),
            bind(other.member_id, one.referral_code, now=NOW + timedelta(microseconds=1)),
            return_exceptions=True,
        )
        assert {type(answer) for answer in answers} <= {ReferralRow, CircularReferral}
        at = NOW + timedelta(minutes=1)
        for member in (one, other):
            await pay(member, "o1", at=at)
        await work(at)
        await work(at + timedelta(days=15))
        for member in (one, other):
            if (await states(member))[0] == "QUALIFIED":
                await approve(member.member_id, staff="ada", note="a couple", now=at)
        await work(at + timedelta(days=15))
        both = await entries(one) + await entries(other)
        assert sorted(both) == [("earn", "referral", 200), ("earn", "referral", 500)]


async def test_a_review_that_opens_while_both_are_paid_ends_as_staff_say_and_once():
    for number in range(6):
        inviter, friend = await two_friends()
        await pay(friend, "o1")
        await work(NOW)
        await work(SETTLED, leaving=[AWARD_INVITER, AWARD_INVITEE])
        # The friend's second account invites the inviter's, just now.
        second = await a_member()
        third = await a_friend(second, now=SETTLED)
        await same_device(inviter, third)
        await same_device(friend, second)
        claims = await claim_due(SETTLED)
        await asyncio.gather(
            *(do(claim, SETTLED) for claim in claims),
            *(look(as_of=SETTLED, cursor=None, limit=100) for _ in range(3)),
        )
        verb = approve if number % 2 else reject
        await asyncio.gather(
            *(verb(friend.member_id, staff="ada", note="so", now=SETTLED) for _ in range(3))
        )
        await asyncio.gather(*(work(SETTLED) for _ in range(2)))
        paid = verb is approve
        # The friend has 100 for the order itself.
        for member, points, own in ((inviter, 500, 0), (friend, 200, 100)):
            assert (await wallet(member.member_id)).available == own + (points if paid else 0)
            earned = [entry for entry in await entries(member) if entry[0] == "earn"]
            assert len(earned) <= 1
            assert len(earned) == 1 or not paid
        assert {state for _, state in await coupons(friend)} <= {"ISSUED" if paid else "REVOKED"}


@transactional
async def same_device(tx, *members):
    changes = Changes()
    for member in members:
        steps.put_marks(changes, member.member_id, [Mark("device", str(members[0]))], NOW)
    await changes.write(tx)


async def test_an_award_and_its_reversal_at_once_leave_nobody_with_points():
    for _ in range(10):
        inviter, friend = await two_friends()
        await pay(friend, "o1")
        await work(NOW)
        await work(SETTLED, leaving=[AWARD_INVITER, AWARD_INVITEE])
        await refund(friend, "o1", at=SETTLED)
        await asyncio.gather(*(work(SETTLED) for _ in range(3)))
        await work(SETTLED + timedelta(minutes=1))
        assert await states(friend) == ("REVERSED", "REVERSED", 0)
        for member in (inviter, friend):
            assert (await wallet(member.member_id)).available == 0
        assert {state for _, state in await coupons(friend)} <= {"REVOKED"}


async def test_a_friend_who_goes_while_both_are_paid_or_the_order_comes_back_leaves_no_points():
    """Whoever is first: the inviter has nothing, or staff are asked before anybody has lost."""
    for number in range(6):
        inviter, friend = await two_friends()
        await pay(friend, "o1")
        await work(NOW)
        await work(SETTLED, leaving=[AWARD_INVITER, AWARD_INVITEE])
        if number % 2:
            await work(SETTLED)
            await refund(friend, "o1", at=SETTLED)
            await work(SETTLED, leaving=[REVERSE])
        erased = erase(friend.member_id, asked(), now=SETTLED)
        answers = await asyncio.gather(
            worked(SETTLED), erased, worked(SETTLED), return_exceptions=True
        )
        assert isinstance(answers[1], Erasure)
        assert {type(answer) for answer in answers} <= {list, Erasure, LeaseLost}
        await worked(SETTLED + timedelta(minutes=1))
        waiting = {shown.review.member_id for shown in (await views.reviews("OPEN")).items}
        if number % 2:
            assert friend.member_id not in waiting
            assert await states(friend) == ("REVERSED", "REVERSED", 0)
        else:
            assert friend.member_id in waiting
            await reject(friend.member_id, staff="ada", note="sent back", now=SETTLED)
            await worked(SETTLED + timedelta(minutes=2))
        for member in (inviter, friend):
            found = await wallet(member.member_id)
            assert (found.available, found.debt) == (0, 0)
