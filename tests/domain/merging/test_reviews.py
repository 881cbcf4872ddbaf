"""Do staff still decide about a binding, and do marks still tell who is one, after a merge?"""

import pytest

from domain.referrals import views
from domain.referrals.errors import SameDevice
from domain.referrals.model import Arrival
from domain.referrals.operations import approve, look, reject
from kit import clock
from tests.support.merging import as_workers, balance, column, merged, parted, sound
from tests.support.referring import SETTLED, a_friend, enrol_by, entries, pay, refund
from tests.support.working import work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")
HOME = Arrival(address="12, Elm St.")


async def waiting():
    """An inviter and a friend at one address, whose order has qualified: staff have to look."""
    await published()
    inviter = (await enrol_by(None, arrival=HOME)).member
    friend = await a_friend(inviter, arrival=Arrival(address="12 ELM ST"))
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    return inviter, friend


@pytest.mark.parametrize("who", ["inviter", "invitee"])
@pytest.mark.parametrize("decide", [approve, reject])
async def test_what_waits_for_staff_is_decided_about_though_one_side_was_merged(who, decide):
    inviter, friend = await waiting()
    ming = await a_member()
    await merged(ming, inviter if who == "inviter" else friend, at=SETTLED)
    sides = [ming, friend] if who == "inviter" else [inviter, ming]
    (shown,) = (await views.reviews("OPEN")).items
    assert (shown.review.member_id, shown.referral_state) == (friend.member_id, "QUALIFIED")
    await look(as_of=SETTLED, cursor=None, limit=10)
    assert await balance(sides[0]) == (0, 0, 0)
    await decide(shown.review.member_id, staff="ada", note="looked", now=SETTLED)
    with clock.frozen(SETTLED):
        await as_workers(SETTLED)
    paid = [(0, 500, 0), (0, 300, 0)] if decide is approve else [(0, 0, 0), (0, 100, 0)]
    assert [await balance(one) for one in sides] == paid
    assert (await views.reviews("OPEN")).items == []
    await sound(SETTLED)


async def test_what_both_left_behind_is_the_survivors_until_they_are_parted():
    await published()
    phone = Arrival(device_id="phone-1")
    ming, hong = (await enrol_by(None)).member, (await enrol_by(None, arrival=phone)).member
    await merged(ming, hong)
    bound = await enrol_by(ming.referral_code, arrival=phone)
    assert isinstance(bound.refusal, SameDevice)
    await parted(ming, hong)
    kept = await column("SELECT member_id FROM fingerprint WHERE kind = 'device' ORDER BY seen_at")
    assert set(kept) == {hong.member_id, bound.member.member_id}


async def test_a_milestone_of_the_absorbed_is_taken_back_with_the_friends_who_made_it():
    await published()
    hong, ming = await a_member(), await a_member()
    friends = [await a_friend(hong) for _ in range(3)]
    for number, friend in enumerate(friends):
        await pay(friend, f"o{number}")
    await work(NOW)
    await work(SETTLED)
    made = [row for row in await entries(hong) if row[1] == "referral_milestone"]
    assert len(made) == 1
    await merged(ming, hong, at=SETTLED)
    for number, friend in enumerate(friends):
        await refund(friend, f"o{number}", at=SETTLED)
    with clock.frozen(SETTLED):
        await as_workers(SETTLED)
    assert await balance(ming) == (0, 0, 0)
    await sound(SETTLED)


async def test_a_milestone_that_a_binding_between_the_two_made_goes_with_it():
    await published()
    hong = await a_member()
    friends = [await a_friend(hong) for _ in range(3)]
    for number, friend in enumerate(friends):
        await pay(friend, f"o{number}")
    await work(NOW)
    await work(SETTLED)
    outcome = await merged(hong, friends[2], at=SETTLED)
    assert outcome.referral_reversed is True
    assert await balance(hong) == (0, 2 * 500 + 100, 0)
    await sound(SETTLED)
