"""Whose is what a friend was worth, before two become one, while they are, and after it?"""

from datetime import timedelta

import pytest

from kit import clock
from tests.support.merging import as_workers, balance, column, merged, parted, sound
from tests.support.referring import (
    SETTLED,
    a_friend,
    coupons,
    enrol_by,
    pay,
    refund,
    states,
    two_friends,
)
from tests.support.working import claim_due, do
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")
NOTHING = (0, 0, 0)


async def worked(at):
    with clock.frozen(at):
        await as_workers(at)


async def worked_until(kind):
    """Do what is due, and what follows of it, until a job of this kind was done."""
    done = set[str]()
    while kind not in done:
        for claim in await claim_due(SETTLED):
            await do(claim, SETTLED)
            done.add(claim.kind)


async def ordered():
    """An inviter and a friend whose order waits for the end of its window."""
    await published()
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await worked(NOW)
    return inviter, friend


async def open_jobs():
    return await column("SELECT kind FROM job WHERE kind LIKE 'referral.%' AND state <> 'done'")


async def test_who_was_somebody_else_when_they_were_invited_leaves_their_inviter_nothing():
    inviter, friend = await ordered()
    await worked(SETTLED)
    ming = await a_member()
    await merged(ming, friend, at=SETTLED)
    assert [await balance(one) for one in (inviter, ming)] == [(0, 500, 0), (0, 300, 0)]
    later = SETTLED + timedelta(days=31)
    outcome = await merged(ming, inviter, at=later)
    assert outcome.referral_reversed is True
    assert await balance(ming) == (0, 100, 0)


@pytest.mark.parametrize("absorbed", ["friend", "inviter"])
async def test_an_undone_referral_whose_inviter_was_not_looked_at_yet_ends_with_a_merge(absorbed):
    inviter, friend = await ordered()
    await worked(SETTLED)
    await refund(friend, "o1", at=SETTLED)
    await worked_until("referral.reverse")
    assert [await balance(one) for one in (inviter, friend)] == [(0, 500, 0), NOTHING]
    pair = (inviter, friend) if absorbed == "friend" else (friend, inviter)
    await merged(*pair, at=SETTLED)
    assert await balance(pair[0]) == NOTHING
    await worked(SETTLED)
    assert await balance(pair[0]) == NOTHING
    assert await open_jobs() == []
    await sound(SETTLED)


@pytest.mark.parametrize("absorbed", ["friend", "inviter"])
async def test_an_award_that_is_under_way_between_two_who_merge_is_paid_to_nobody(absorbed):
    inviter, friend = await ordered()
    await worked_until("referral.qualify")
    pair = (inviter, friend) if absorbed == "friend" else (friend, inviter)
    await merged(*pair, at=SETTLED)
    await worked(SETTLED)
    assert await balance(pair[0]) == (0, 100, 0)
    assert await open_jobs() == []


async def test_what_came_for_a_friend_while_merged_goes_back_with_the_invitation():
    inviter, friend = await ordered()
    ming = await a_member()
    await merged(ming, inviter)
    await worked(SETTLED)
    assert await balance(ming) == (0, 500, 0)
    await parted(ming, inviter, at=SETTLED)
    assert [await balance(one) for one in (ming, inviter)] == [NOTHING, (0, 500, 0)]
    await refund(friend, "o1", at=SETTLED)
    await worked(SETTLED)
    assert [await balance(one) for one in (ming, inviter)] == [NOTHING] * 2
    assert await states(friend) == ("REVERSED", "REVERSED", 0)
    await sound(SETTLED)


async def test_what_came_for_being_invited_while_merged_goes_back_with_the_binding():
    _, friend = await ordered()
    ming = await a_member()
    await merged(ming, friend)
    await worked(SETTLED)
    assert await balance(ming) == (0, 300, 0)
    await parted(ming, friend, at=SETTLED)
    assert [await balance(one) for one in (ming, friend)] == [NOTHING, (0, 300, 0)]
    assert [await coupons(one) for one in (ming, friend)] == [[], [("NEW_MEMBER_20", "ISSUED")]]
    await refund(friend, "o1", at=SETTLED)
    await worked(SETTLED)
    assert [await balance(one) for one in (ming, friend)] == [NOTHING] * 2
    assert await coupons(friend) == [("NEW_MEMBER_20", "REVOKED")]
    await sound(SETTLED)


@pytest.mark.parametrize("absorbed", ["friend", "inviter"])
@pytest.mark.parametrize("qualified", ["before", "while"])
async def test_an_award_that_is_under_way_when_two_are_parted_is_paid_to_whose_it_is(
    absorbed, qualified
):
    inviter, friend = await ordered()
    ming, one = await a_member(), friend if absorbed == "friend" else inviter
    if qualified == "before":
        await worked_until("referral.qualify")
    await merged(ming, one, at=SETTLED)
    if qualified == "while":
        await worked_until("referral.qualify")
    await parted(ming, one, at=SETTLED)
    await worked(SETTLED)
    assert [await balance(who) for who in (ming, inviter, friend)] == [
        NOTHING,
        (0, 500, 0),
        (0, 300, 0),
    ]
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    assert await open_jobs() == []


async def test_a_friend_of_whom_the_inviter_heard_only_as_another_is_theirs_once_parted():
    await published()
    hong, ming = await a_member(), await a_member()
    friend = (await enrol_by(hong.referral_code)).member
    await merged(ming, hong)
    await pay(friend, "o1")
    await worked(SETTLED)
    assert await balance(ming) == (0, 500, 0)
    await parted(ming, hong, at=SETTLED)
    await refund(friend, "o1", at=SETTLED)
    await worked(SETTLED)
    assert [await balance(one) for one in (ming, hong, friend)] == [NOTHING] * 3


async def test_who_was_bound_as_one_who_was_absorbed_before_keeps_their_inviter_when_parted():
    inviter, friend = await ordered()
    hong, ming = await a_member(), await a_member()
    await merged(hong, friend)
    await worked(SETTLED)
    later = NOW + timedelta(days=31)
    await merged(ming, hong, at=later)
    await parted(ming, hong, at=later)
    assert await column("SELECT member_id FROM referral") == [hong.member_id]
    await refund(friend, "o1", at=later)
    await worked(later)
    assert [await balance(one) for one in (inviter, hong, ming)] == [NOTHING] * 3


async def test_milestones_that_went_back_are_not_the_survivors():
    await published()
    ming, hong = await a_member(), await a_member()
    theirs = [await a_friend(hong) for _ in range(3)]
    own = [await a_friend(ming) for _ in range(3)]
    for number, friend in enumerate(theirs):
        await pay(friend, f"o{number}")
    await worked(SETTLED)
    assert await balance(hong) == (0, 1_800, 0)
    await merged(ming, hong, at=SETTLED)
    await parted(ming, hong, at=SETTLED)
    for number, friend in enumerate(own):
        await pay(friend, f"o{number}", at=SETTLED)
    later = SETTLED + timedelta(days=16)
    await worked(later)
    assert [await balance(one) for one in (ming, hong)] == [(0, 1_800, 0)] * 2
    await refund(own[0], "o0", at=later)
    await worked(later)
    assert [await balance(one) for one in (ming, hong)] == [(0, 1_000, 0), (0, 1_800, 0)]
    await sound(later)
