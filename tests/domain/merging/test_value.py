"""Does all that both have become the survivor's: lots with their dates, debts, GROWTH, orders?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.effects.model import GrantCredit
from domain.ledger.operations import settle_members
from domain.programme import operations as programmes
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust, cancel, fail, redeem
from kit.errors import IdempotencyKeyReused
from tests.domain.rewards.conftest import with_rewards
from tests.support import shop
from tests.support.merging import balance, column, has_nothing, merged, parted, sound
from tests.support.value import give, issue_to, kinds, lots, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, published

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def two():
    await published()
    return await a_member(), await a_member()


async def test_lots_go_one_by_one_with_their_dates():
    ming, hong = await two()
    soon = await give(hong.member_id, 100, expires_at=NOW + 5 * DAY)
    late = await give(hong.member_id, 50, activates_at=NOW + 3 * DAY, expires_at=NOW + 90 * DAY)
    await give(ming.member_id, 7)
    outcome = await merged(ming, hong)
    assert (outcome.lots, await balance(ming)) == (2, (50, 107, 0))
    assert await has_nothing(hong)
    found = {lot.id: lot for lot in await lots(ming.member_id)}
    assert [(found[lot.id].activates_at, found[lot.id].expires_at) for lot in (soon, late)] == [
        (None, NOW + 5 * DAY),
        (NOW + 3 * DAY, NOW + 90 * DAY),
    ]
    assert await kinds(hong.member_id) == [
        ("earn", 100),
        ("earn", 50),
        ("merge_out", 100),
        ("merge_out", 50),
    ]
    at = NOW + 6 * DAY
    await settle_members(as_of=at)
    assert await balance(ming) == (0, 57, 0)
    assert (await kinds(ming.member_id))[-2:] == [("activate", 50), ("expire", 100)]
    await sound(at)


async def test_what_was_due_on_either_side_is_posted_first():
    ming, hong = await two()
    await give(hong.member_id, 100, expires_at=NOW + DAY)
    await give(ming.member_id, 40, activates_at=NOW + DAY)
    await merged(ming, hong, at=NOW + 2 * DAY)
    assert await balance(ming) == (0, 40, 0)
    assert await kinds(hong.member_id) == [("earn", 100), ("expire", 100)]


async def owes(member, points, order_id):
    """Spend what an order gave, then have it refunded."""
    at = NOW + DAY
    await shop.done(
        shop.paid(member, order_id, points * 100), shop.completed(member, order_id, at=at), now=at
    )
    await adjust("staff:1", Adjustment(member.member_id, -points, "spent", order_id), now=at)
    await shop.done(shop.refunded(member, order_id, "r", at=at), now=at)
    assert await balance(member) == (0, 0, -points)


async def test_debts_add_up_and_are_repaid_in_debit_order():
    ming, hong = await two()
    at = NOW + DAY
    await owes(ming, 30, "A")
    await owes(hong, 20, "B")
    await merged(ming, hong, at=at)
    assert await balance(ming) == (0, 0, -50)
    await parted(ming, hong, at=at)
    assert (await balance(ming), await balance(hong)) == ((0, 0, -30), (0, 0, -20))


async def test_the_debt_of_one_is_repaid_from_the_points_of_the_other_soonest_expiry_first():
    ming, hong = await two()
    at = NOW + DAY
    await owes(hong, 60, "A")
    later = await give(ming.member_id, 100, expires_at=NOW + 90 * DAY)
    sooner = await give(ming.member_id, 40, expires_at=NOW + 30 * DAY)
    await merged(ming, hong, at=at)
    assert await balance(ming) == (0, 80, 0)
    left = {lot.id: lot.remaining for lot in await lots(ming.member_id)}
    assert (left[sooner.id], left[later.id]) == (0, 80)


async def test_a_debt_of_the_survivor_is_repaid_from_what_comes():
    ming, hong = await two()
    at = NOW + DAY
    await owes(ming, 60, "A")
    await give(hong.member_id, 100)
    await merged(ming, hong, at=at)
    assert (await balance(ming), await has_nothing(hong)) == ((0, 40, 0), True)
    await parted(ming, hong, at=at)
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (0, 40, 0))


async def test_growth_and_what_was_earned_in_a_life_add_up():
    ming, hong = await two()
    await shop.done(
        shop.paid(hong, "A", 12_000), shop.reviewed(hong, "R"), shop.paid(ming, "B", 3_000)
    )
    await merged(ming, hong)
    assert await balance(ming, "GROWTH") == (0, 170, 0)
    points = await wallet(ming.member_id)
    assert (points.pending, points.available, points.lifetime_earned) == (150, 20, 170)
    await parted(ming, hong)
    assert (await balance(ming, "GROWTH"), await balance(hong, "GROWTH")) == (
        (0, 30, 0),
        (0, 140, 0),
    )
    assert (await wallet(ming.member_id)).lifetime_earned == 30
    assert (await wallet(hong.member_id)).lifetime_earned == 140


async def test_an_order_is_refunded_by_its_own_lot_wherever_that_is_now():
    ming, hong = await two()
    await give(ming.member_id, 500)
    await shop.done(shop.paid(hong, "A", 6_000, 4_000))
    await shop.done(shop.refunded(hong, "A", "r1", ("1", 1_000), at=NOW))
    await merged(ming, hong)
    assert await balance(ming) == (90, 500, 0)
    at = NOW + DAY
    await shop.done(shop.refunded(hong, "A", "r2", ("1", 5_000), at=at), now=at)
    assert await balance(ming) == (40, 500, 0)
    await shop.done(shop.refunded(hong, "A", "r3", at=at), now=at)
    assert await balance(ming) == (0, 500, 0)
    assert await balance(ming, "GROWTH") == (0, 0, 0)
    await sound(at)


async def test_what_of_an_order_had_expired_before_the_merge_still_counts_as_taken():
    ming, hong = await two()
    at = NOW + DAY
    await shop.done(shop.paid(hong, "A", 10_000), shop.completed(hong, "A", at=at), now=at)
    (lot,) = await lots(hong.member_id)
    assert lot.expires_at is not None
    gone = lot.expires_at + DAY
    await give(ming.member_id, 500, now=gone)
    await merged(ming, hong, at=gone)
    assert await balance(ming) == (0, 500, 0)
    await shop.done(shop.refunded(hong, "A", "r", at=gone), now=gone)
    assert await balance(ming) == (0, 500, 0)
    await sound(gone)


async def test_an_order_that_was_spent_before_the_merge_is_taken_back_from_other_lots():
    ming, hong = await two()
    at = NOW + DAY
    await shop.done(shop.paid(hong, "A", 10_000), shop.completed(hong, "A", at=at), now=at)
    await adjust("staff:1", Adjustment(hong.member_id, -100, "spent", "k"), now=at)
    await give(ming.member_id, 70)
    await merged(ming, hong, at=at)
    await shop.done(shop.refunded(hong, "A", "r", at=at), now=at)
    assert await balance(ming) == (0, 0, -30)
    await sound(at)


async def redeemed_mug(member):
    await programmes.publish(with_rewards(), now=NOW, published_by="tests")
    await give(member.member_id, 1_300, expires_at=NOW + 9 * DAY)
    return await redeem(member.member_id, "MUG", 1, idempotency_key="k", now=NOW)


async def test_a_redemption_of_the_absorbed_is_cancelled_by_the_survivor():
    ming, hong = await two()
    made = await redeemed_mug(hong)
    await merged(ming, hong)
    assert await balance(ming) == (0, 100, 0)
    await cancel(ming.member_id, made.redemption.id, actor="member", now=NOW)
    assert await balance(ming) == (0, 1_400 - 100, 0)
    await sound(NOW)
    (lot,) = await lots(ming.member_id)
    assert (lot.remaining, lot.spent, lot.expires_at) == (1_300, 0, NOW + 9 * DAY)


async def test_a_redemption_goes_back_and_is_cancelled_after_the_members_were_parted():
    ming, hong = await two()
    made = await redeemed_mug(hong)
    await merged(ming, hong)
    await parted(ming, hong)
    await fail(hong.member_id, made.redemption.id, staff="s", reason="broken", now=NOW)
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (0, 1_300, 0))
    await sound(NOW)


async def test_what_the_survivor_bought_with_a_lot_that_went_back_comes_back_to_them():
    ming, hong = await two()
    await programmes.publish(with_rewards(), now=NOW, published_by="tests")
    await give(hong.member_id, 1_300)
    await merged(ming, hong)
    made = await redeem(ming.member_id, "MUG", 1, idempotency_key="k", now=NOW)
    await parted(ming, hong)
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (0, 100, 0))
    await cancel(ming.member_id, made.redemption.id, actor="member", now=NOW)
    assert (await balance(ming), await balance(hong)) == ((0, 1_200, 0), (0, 100, 0))
    await sound(NOW)
    await merged(ming, hong)
    assert await balance(ming) == (0, 1_300, 0)
    await parted(ming, hong)
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (0, 1_300, 0))


async def test_a_request_that_the_absorbed_sends_again_is_not_done_twice():
    ming, hong = await two()
    made = await redeemed_mug(hong)
    await give(ming.member_id, 5_000)
    await merged(ming, hong)
    again = await redeem(ming.member_id, "MUG", 1, idempotency_key="k", now=NOW)
    assert again.redemption.id == made.redemption.id
    with pytest.raises(IdempotencyKeyReused):
        await redeem(ming.member_id, "MUG", 2, idempotency_key="k", now=NOW)
    assert await balance(ming) == (0, 5_100, 0)


async def test_limits_of_rewards_count_what_both_took():
    ming, hong = await two()
    await programmes.publish(with_rewards(), now=NOW, published_by="tests")
    await give(hong.member_id, 5_000)
    made = await redeem(hong.member_id, "COUPON_10", 2, idempotency_key="k", now=NOW)
    await merged(ming, hong)
    assert await column(
        "SELECT sum(quantity)::int FROM redemption WHERE member_id = $1", ming.member_id
    ) == [2]
    coupons = await column(
        "SELECT d.member_id FROM coupon c JOIN coupon_code d USING (code) WHERE c.member_id = $1",
        ming.member_id,
    )
    assert coupons == [ming.member_id] * 2
    await cancel(ming.member_id, made.redemption.id, actor="member", now=NOW)
    assert await balance(ming) == (0, 5_000, 0)
    await sound(NOW)


async def test_staff_points_stay_staff_points_and_a_merge_told_a_shop_nothing_of_earning():
    ming, hong = await two()
    await adjust("staff:1", Adjustment(hong.member_id, 90, "sorry", "k"), now=NOW)
    await merged(ming, hong)
    assert (await wallet(ming.member_id)).lifetime_earned == 0
    assert await balance(ming) == (0, 90, 0)
    await work(NOW)
    assert await kinds(ming.member_id) == [("merge_in", 90)]


async def test_a_correction_of_the_absorbed_that_is_sent_again_is_answered_and_not_made_twice():
    ming, hong = await two()
    asked = Adjustment(hong.member_id, 90, "sorry", "k")
    first = await adjust("staff:1", asked, now=NOW)
    await merged(ming, hong)
    sent_again = replace(asked, member_id=ming.member_id)
    async with nothing_changed():
        assert await adjust("staff:1", sent_again, now=NOW) == first
        with pytest.raises(IdempotencyKeyReused):
            await adjust("staff:1", replace(sent_again, amount=91), now=NOW)
    other = await a_member()
    with pytest.raises(IdempotencyKeyReused):
        await adjust("staff:1", replace(asked, member_id=other.member_id), now=NOW)
    await parted(ming, hong)
    assert await adjust("staff:1", asked, now=NOW) == first
    assert [await balance(one) for one in (ming, hong)] == [(0, 0, 0), (0, 90, 0)]


async def test_credit_goes_lot_by_lot_as_points_do_and_comes_back():
    ming, hong = await two()
    for member, amount in ((ming, 300), (hong, 500)):
        effects = [GrantCredit(amount, "packet", None, NOW + amount * DAY)]
        await issue_to(member.member_id, effects)
    await merged(ming, hong)
    assert await balance(ming, "CREDIT") == (0, 800, 0)
    packets = [lot for lot in await lots(ming.member_id) if lot.currency == "CREDIT"]
    assert sorted((lot.remaining, lot.expires_at) for lot in packets) == [
        (300, NOW + 300 * DAY),
        (500, NOW + 500 * DAY),
    ]
    await parted(ming, hong)
    assert [await balance(one, "CREDIT") for one in (ming, hong)] == [(0, 300, 0), (0, 500, 0)]


async def test_credit_comes_to_who_had_no_wallet_for_it():
    ming, hong = await two()
    await issue_to(hong.member_id, [GrantCredit(500, "packet", None, None)])
    await merged(ming, hong)
    assert await balance(ming, "CREDIT") == (0, 500, 0)
    await parted(ming, hong)
    assert [await balance(one, "CREDIT") for one in (ming, hong)] == [(0, 0, 0), (0, 500, 0)]
