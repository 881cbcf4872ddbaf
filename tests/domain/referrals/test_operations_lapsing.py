"""When does a binding without an order lapse?"""

from datetime import timedelta

import pytest

from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.referrals.operations import lapse
from domain.referrals.operations.lapsing import _lapse
from tests.support.referring import a_friend, entries, pay, states, two_friends
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("programme")

LAPSED = NOW + timedelta(days=75)


async def test_a_binding_without_an_order_lapses_after_60_days_and_a_window():
    _, friend = await two_friends()
    async with nothing_changed():
        assert await lapse(as_of=LAPSED - timedelta(seconds=1), limit=10) == 0
    assert await lapse(as_of=LAPSED, limit=10) == 1
    assert await states(friend) == ("LAPSED", "BOUND", 0)
    async with nothing_changed():
        assert await lapse(as_of=LAPSED, limit=10) == 0


async def test_a_binding_waits_for_the_job_of_an_order():
    inviter, friend = await two_friends()
    at = NOW + timedelta(days=59)
    await pay(friend, "o1", at=at)
    await work(at)
    async with nothing_changed():
        assert await lapse(as_of=LAPSED, limit=10) == 0
    await work(LAPSED)
    assert await entries(inviter) == [("earn", "referral", 500)]
    assert await lapse(as_of=LAPSED, limit=10) == 0


async def test_each_binding_lapses_by_the_version_that_it_was_made_under():
    inviter, friend = await two_friends()
    shorter = Programme.of({"referral": {"qualify_days": 5}})
    await programmes.publish(shorter, now=NOW, published_by="tests", effective_from=NOW)
    other = await a_friend(inviter, now=NOW)
    assert await lapse(as_of=NOW + timedelta(days=20), limit=10) == 1
    assert [(await states(one))[0] for one in (friend, other)] == ["BOUND", "LAPSED"]


async def test_as_many_lapse_at_once_as_are_asked_for_the_oldest_first():
    inviter = await a_member()
    friends = [await a_friend(inviter, now=NOW + timedelta(hours=hour)) for hour in range(3)]
    as_of = LAPSED + timedelta(days=1)
    assert [await lapse(as_of=as_of, limit=2) for _ in range(2)] == [2, 1]
    assert [(await states(friend))[0] for friend in friends] == ["LAPSED"] * 3


async def test_an_order_processed_while_bindings_lapse_is_waited_for():
    _, friend = await two_friends()
    at = NOW + timedelta(days=59)
    await pay(friend, "o1", at=at)
    await work(at)
    async with nothing_changed():
        await _lapse(friend.member_id, now=LAPSED)
