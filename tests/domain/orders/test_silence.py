"""What becomes of an order that only the shop's word completes, if the shop stays silent?"""

from datetime import UTC, datetime, timedelta

import pytest

from domain.ledger.operations import audit, settle_members
from tests.support.programmes import in_force
from tests.support.referring import two_friends
from tests.support.shop import (
    completed,
    done,
    inbox,
    paid,
    purchase,
    refunded,
    states,
    tell,
    tier,
    tier_changes,
)
from tests.support.value import kinds, lots, wallet
from tests.support.working import jobs_of, work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
SILENCE = NOW + 60 * DAY
CANCEL = {"completion": "completed_only", "silence": "cancel"}
ACTIVATE = {"completion": "completed_only", "silence": "activate"}


async def balances(member):
    found = await wallet(member.member_id)
    return found.pending, found.available, found.debt, found.lifetime_earned


async def a_silent_order(amount_minor=10_000, **points):
    await in_force(points={**CANCEL, **points})
    member = await a_member()
    await done(paid(member, "o1", amount_minor))
    return member


async def test_silence_may_activate():
    await in_force(points=ACTIVATE)
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    await work(SILENCE - DAY)
    await settle_members(as_of=SILENCE - timedelta(seconds=1))
    assert await balances(member) == (100, 0, 0, 100)
    await settle_members(as_of=SILENCE)
    await work(SILENCE)
    assert await balances(member) == (0, 100, 0, 100)


async def test_the_shops_word_makes_the_points_available():
    member = await a_silent_order()
    await done(completed(member, "o1", at=NOW + 40 * DAY))
    assert await balances(member) == (0, 100, 0, 100)
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == NOW + 40 * DAY
    assert lot.expires_at == datetime(2028, 4, 11, 16, tzinfo=UTC)
    await work(SILENCE)
    assert await balances(member) == (0, 100, 0, 100)


async def test_silence_takes_back_all_that_the_order_gave():
    member = await a_silent_order(320_000)
    assert await tier(member.member_id) == ("SILVER", True)
    await work(SILENCE - timedelta(seconds=1))
    assert await balances(member) == (3_200, 0, 0, 3_200)
    await work(SILENCE)
    assert await balances(member) == (0, 0, 0, 0)
    assert await kinds(member.member_id) == [("earn", 3_200), ("take_back", 3_200)]
    assert (await wallet(member.member_id, "GROWTH")).available == 0
    assert await tier(member.member_id) == ("NORMAL", False)
    assert (await tier_changes(member.member_id))[-1] == ("SILVER", "NORMAL", SILENCE)
    order = await purchase(member.member_id, "o1")
    assert (order.points_left, order.growth_left, order.base_left_minor) == (0, 0, 0)


async def test_however_late_the_job_the_points_are_never_usable():
    member = await a_silent_order()
    late = SILENCE + 90 * DAY
    await settle_members(as_of=late)
    assert await balances(member) == (100, 0, 0, 100)
    await work(late)
    assert await balances(member) == (0, 0, 0, 0)
    assert (await purchase(member.member_id, "o1")).settles_at == SILENCE


async def test_a_word_received_in_time_counts_even_if_it_is_processed_late():
    member = await a_silent_order()
    await tell(completed(member, "o1", at=SILENCE - DAY), now=SILENCE - timedelta(seconds=1))
    await work(SILENCE + DAY)
    assert await balances(member) == (0, 100, 0, 100)
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == SILENCE - DAY


@pytest.mark.parametrize("posted", [False, True])
async def test_a_word_received_too_late_is_too_late_whether_or_not_the_job_ran(posted):
    member = await a_silent_order()
    if posted:
        await work(SILENCE)
    await tell(completed(member, "o1", at=SILENCE - DAY), now=SILENCE)
    await work(SILENCE + DAY)
    assert await balances(member) == (0, 0, 0, 0)
    assert await states(member.member_id) == ["done", "done"]
    assert await kinds(member.member_id) == [("earn", 100), ("take_back", 100)]


async def test_a_part_that_was_refunded_before_is_not_taken_twice():
    member = await a_silent_order()
    await done(refunded(member, "o1", "r1", ("1", 4_000), at=NOW + DAY))
    await work(SILENCE)
    assert await kinds(member.member_id) == [("earn", 100), ("take_back", 40), ("take_back", 60)]
    await done(refunded(member, "o1", "r2", at=SILENCE + DAY))
    assert (await inbox(member.member_id))[-1][1:] == ("refused", "REFUND_EXCEEDS_ORDER")


async def test_an_order_refunded_whole_leaves_silence_nothing_to_do():
    member = await a_silent_order()
    await done(refunded(member, "o1", "r1", at=NOW + DAY))
    await work(SILENCE)
    assert await kinds(member.member_id) == [("earn", 100), ("take_back", 100)]
    assert await jobs_of(member.member_id) == [
        ("intake", "done"),
        ("intake", "done"),
        ("intake", "done"),
    ]


async def test_each_order_has_its_own_date():
    member = await a_silent_order()
    await done(paid(member, "o2", 20_000, at=NOW + DAY), paid(member, "o3", 30_000, at=NOW + DAY))
    await done(completed(member, "o3", at=NOW + 2 * DAY))
    await work(SILENCE)
    assert await balances(member) == (200, 300, 0, 500)
    await work(SILENCE + DAY)
    assert await balances(member) == (0, 300, 0, 300)


async def test_an_order_without_points_loses_its_weight_for_tiers_too():
    member = await a_silent_order(99)
    await work(SILENCE)
    assert await kinds(member.member_id) == []
    assert (await purchase(member.member_id, "o1")).base_left_minor == 0


async def test_an_order_that_is_told_late_can_still_be_completed():
    await in_force(points=CANCEL)
    member = await a_member(joined_at=NOW - 100 * DAY)
    old = NOW - 70 * DAY
    await done(paid(member, "o1", 10_000, at=old), paid(member, "o2", 20_000, at=old), now=NOW)
    assert await balances(member) == (300, 0, 0, 300)
    await done(completed(member, "o2", at=old + DAY), now=NOW + DAY)
    assert await balances(member) == (100, 200, 0, 300)
    await work(SILENCE)
    assert await balances(member) == (0, 200, 0, 200)


async def test_the_version_of_the_payment_decides():
    await in_force()
    member = await a_member()
    await in_force(since=NOW + DAY, points=CANCEL)
    await done(paid(member, "o1", 10_000), now=NOW)
    await done(paid(member, "o2", 20_000, at=NOW + 2 * DAY))
    await settle_members(as_of=NOW + 70 * DAY)
    await work(NOW + 70 * DAY)
    assert await balances(member) == (0, 100, 0, 100)


async def test_the_books_are_sound_before_and_after():
    member = await a_silent_order(320_000)
    for at in (NOW, SILENCE - timedelta(seconds=1), SILENCE):
        await work(at)
        found = await audit(now=at)
        assert found.breaches == []
    assert await tier(member.member_id) == ("NORMAL", False)


async def test_a_friends_order_that_falls_silent_rewards_nobody():
    await in_force(points=CANCEL)
    inviter, friend = await two_friends()
    await done(paid(friend, "o1", 10_000))
    await work(SILENCE + DAY)
    assert await balances(inviter) == (0, 0, 0, 0)
    assert await balances(friend) == (0, 0, 0, 0)


async def test_a_friends_order_rewards_both_once_it_is_completed():
    await in_force(points=CANCEL)
    inviter, friend = await two_friends()
    await done(paid(friend, "o1", 10_000))
    await work(NOW + 20 * DAY)
    assert await balances(inviter) == (0, 0, 0, 0)
    await done(completed(friend, "o1", at=NOW + 40 * DAY))
    assert await balances(inviter) == (0, 500, 0, 500)
    assert await balances(friend) == (0, 300, 0, 300)
