"""What becomes of a referral whose invitee is erased? Nobody gains by a friend who goes."""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.referrals import views
from domain.referrals.model import Arrival, Suspicion
from domain.referrals.operations import approve, look, reject
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from tests.support.forgetting import forgotten, worked
from tests.support.merging import balance, column, sound
from tests.support.referring import (
    SETTLED,
    a_friend,
    complete,
    enrol_by,
    pay,
    refund,
    states,
    two_friends,
)
from tests.support.working import work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")
PHONE = Arrival(device_id="phone-1")


async def rewarded():
    """An inviter and a friend, both paid because the shop said that the order was complete."""
    await published()
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await complete(friend, "o1", at=NOW)
    await work(NOW)
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    return inviter, friend


async def waiting():
    """A crowd on one device, of whom one has qualified: staff have to look."""
    await published()
    inviter = await a_member()
    friends = [await a_friend(inviter, arrival=PHONE) for _ in range(4)]
    await pay(friends[0], "o1")
    await work(NOW)
    await work(SETTLED)
    assert await states(friends[0]) == ("QUALIFIED", "BOUND", 0)
    return inviter, friends[0]


async def reviews(state="OPEN"):
    return (await views.reviews(state)).items


async def test_a_friend_who_goes_while_their_order_could_be_sent_back_is_looked_at():
    inviter, friend = await rewarded()
    await forgotten(friend)
    (shown,) = await reviews()
    assert (shown.review.member_id, shown.referral_state) == (friend.member_id, "REWARDED")
    assert shown.review.reasons == (Suspicion("INVITEE_ERASED"),)
    assert await balance(inviter) == (0, 500, 0)
    await reject(friend.member_id, staff="ada", note="sent back", now=NOW)
    await worked(NOW)
    assert await balance(inviter) == (0, 0, 0)
    assert await states(friend) == ("REJECTED", "REVERSED", 0)
    await sound(NOW)


async def test_a_friend_who_goes_when_no_refund_counts_any_more_leaves_what_was_given():
    inviter, friend = await rewarded()
    later = NOW + timedelta(days=60)
    await forgotten(friend, at=later)
    assert await reviews() == []
    assert await balance(inviter) == (0, 500, 0)


async def test_a_refund_that_nobody_looked_at_before_the_friend_went_takes_it_back():
    inviter, friend = await rewarded()
    await refund(friend, "o1", at=NOW)
    await work(NOW, leaving={"referral.reverse"})
    assert await balance(inviter) == (0, 500, 0)
    await forgotten(friend)
    await worked(NOW)
    assert await balance(inviter) == (0, 0, 0)
    assert await states(friend) == ("REVERSED", "REVERSED", 0)
    assert await reviews() == []


@pytest.mark.parametrize(("decide", "points"), [(approve, 500), (reject, 0)])
async def test_staff_decide_for_the_inviter_though_the_friend_was_erased(decide, points):
    inviter, friend = await waiting()
    await forgotten(friend, at=SETTLED)
    (shown,) = await reviews()
    assert shown.review.member_id == friend.member_id
    await decide(friend.member_id, staff="ada", note="canary note", now=SETTLED)
    await worked(SETTLED)
    assert await balance(inviter) == (0, points, 0)
    assert await balance(friend) == (0, 0, 0)
    assert await reviews() == []
    kept = await column(
        "SELECT note FROM referral_review WHERE note <> ''"
        " UNION ALL SELECT reason FROM staff_action WHERE reason <> ''"
    )
    assert kept == []
    await sound(SETTLED)


async def test_what_an_erased_friend_had_spent_is_nobodys_debt_when_staff_reject():
    _, friend = await rewarded()
    spent = Adjustment(friend.member_id, -250, "a prize", key="k")
    await adjust("staff", spent, now=NOW)
    await forgotten(friend)
    await reject(friend.member_id, staff="ada", note="sent back", now=NOW)
    await worked(NOW)
    assert await balance(friend) == (0, 0, 0)


async def test_the_night_looks_past_who_was_erased_and_at_everybody_else():
    await published()
    inviter = await a_member()
    friends = [await a_friend(inviter, arrival=PHONE) for _ in range(3)]
    await pay(friends[0], "o1")
    await complete(friends[0], "o1", at=NOW)
    await work(NOW)
    await forgotten(friends[0])
    fourth = (await enrol_by(inviter.referral_code, arrival=PHONE)).member
    looked = await look(as_of=NOW, cursor=None, limit=100)
    assert (looked.bindings, looked.cursor) == (4, None)
    async with reader() as tx:
        found = await tx.fetch("SELECT member_id FROM referral_review ORDER BY member_id")
    assert {row["member_id"] for row in found} == {one.member_id for one in (*friends, fourth)}
