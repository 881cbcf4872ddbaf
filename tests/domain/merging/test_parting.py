"""Does each have what is theirs again after an unmerge: what is left of it, and what came since?"""

from datetime import timedelta

import pytest

from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from tests.support import shop
from tests.support.merging import STAFF, balance, column, merged, parted, sound
from tests.support.telling import tell
from tests.support.value import give, lots, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


async def two():
    await published()
    return await a_member(), await a_member()


async def spend(member, points, *, at=NOW):
    await adjust(STAFF, Adjustment(member.member_id, -points, "spent", f"{at}{points}"), now=at)


async def test_each_lot_goes_back_with_what_is_left_of_it_and_no_debt_arises():
    ming, hong = await two()
    theirs = await give(hong.member_id, 100, expires_at=NOW + 5 * DAY)
    other = await give(hong.member_id, 40, expires_at=NOW + 50 * DAY)
    await give(ming.member_id, 30, expires_at=NOW + 20 * DAY)
    await merged(ming, hong)
    await spend(ming, 120)
    await parted(ming, hong, at=NOW + DAY)
    assert (await balance(ming), await balance(hong)) == ((0, 10, 0), (0, 40, 0))
    found = {
        lot.id: (lot.remaining, lot.spent, lot.expires_at) for lot in await lots(hong.member_id)
    }
    assert found == {
        theirs.id: (0, 100, NOW + 5 * DAY),
        other.id: (40, 0, NOW + 50 * DAY),
    }


async def test_what_was_due_meanwhile_was_posted_and_what_is_pending_stays_so():
    ming, hong = await two()
    await give(hong.member_id, 100, expires_at=NOW + 2 * DAY)
    await give(hong.member_id, 40, activates_at=NOW + 2 * DAY)
    await give(hong.member_id, 7, activates_at=NOW + 9 * DAY)
    await merged(ming, hong)
    await parted(ming, hong, at=NOW + 3 * DAY)
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (7, 40, 0))
    await work(NOW + 10 * DAY)


async def test_what_the_shop_told_since_goes_to_whom_it_is_about():
    ming, hong = await two()
    await shop.done(shop.paid(hong, "A", 10_000))
    await merged(ming, hong)
    at = NOW + DAY
    await shop.done(
        *(shop.paid(hong, "B", 5_000, at=at), shop.paid(ming, "C", 3_000, at=at)),
        *(shop.refunded(hong, "A", "r", ("1", 4_000), at=at), shop.reviewed(hong, "R", at=at)),
        now=at,
    )
    assert await balance(ming) == (140, 20, 0)
    await parted(ming, hong, at=at)
    assert (await balance(ming), await balance(hong)) == ((30, 0, 0), (110, 20, 0))
    assert [(await balance(one, "GROWTH"))[1] for one in (ming, hong)] == [30, 130]
    assert [(await wallet(one.member_id)).lifetime_earned for one in (ming, hong)] == [30, 130]
    assert await column("SELECT order_id FROM purchase WHERE member_id = $1", ming.member_id) == [
        "C"
    ]
    later = at + DAY
    await shop.done(
        *(shop.refunded(hong, "A", "r2", at=later), shop.refunded(hong, "B", "r", at=later)),
        *(shop.refunded(ming, "C", "r", at=later), shop.completed(hong, "A", at=later)),
        now=later,
    )
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (0, 20, 0))
    await sound(later)


async def test_an_order_that_waits_to_be_settled_is_settled_for_whose_it_is():
    ming, hong = await two()
    await shop.done(shop.paid(hong, "A", 10_000))
    await merged(ming, hong)
    await parted(ming, hong)
    at = NOW + 16 * DAY
    await work(at)
    await shop.done(shop.completed(hong, "A", at=at), now=at)
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (0, 100, 0))
    await sound(at)


async def test_a_refund_that_waited_for_its_order_finds_it_after_the_parting():
    ming, hong = await two()
    await shop.done(shop.refunded(hong, "A", "r", at=NOW))
    await merged(ming, hong)
    await parted(ming, hong)
    await shop.done(shop.paid(hong, "A", 10_000))
    assert await balance(hong) == (0, 0, 0)
    assert await shop.states(hong.member_id) == ["done", "done"]
    await sound(NOW)


async def test_two_are_merged_and_parted_again_and_again():
    ming, hong = await two()
    await shop.done(shop.paid(hong, "A", 10_000), shop.reviewed(hong, "R"))
    await give(ming.member_id, 30)
    for number in range(3):
        at = NOW + number * DAY
        await merged(ming, hong, at=at)
        assert await balance(ming) == (100 - 10 * number, 50, 0)
        await shop.done(shop.refunded(hong, "A", f"r{number}", ("1", 1_000), at=at), now=at)
        await parted(ming, hong, at=at)
        assert await balance(hong) == (90 - 10 * number, 20, 0)
    await merged(hong, ming, at=NOW + 4 * DAY)
    assert await balance(hong) == (70, 50, 0)
    assert await balance(hong, "GROWTH") == (0, 90, 0)
    await parted(hong, ming, at=NOW + 5 * DAY)
    assert [await balance(one) for one in (ming, hong)] == [(0, 30, 0), (70, 20, 0)]


async def test_a_review_that_is_taken_down_after_the_merge_or_the_parting_gives_nothing():
    ming, hong = await two()
    await shop.done(shop.reviewed(hong, "R1"), shop.reviewed(hong, "R2"))
    await merged(ming, hong)
    at = NOW + DAY
    await shop.done(shop.fact(hong, "review.removed", {"reviewId": "R1"}, at=at), now=at)
    assert (await balance(ming), await balance(ming, "GROWTH")) == ((0, 20, 0), (0, 20, 0))
    await parted(ming, hong, at=at)
    await shop.done(shop.fact(hong, "review.removed", {"reviewId": "R2"}, at=at), now=at)
    for member in (ming, hong):
        assert (await balance(member), await balance(member, "GROWTH")) == ((0, 0, 0), (0, 0, 0))
    await sound(at)


async def test_a_message_that_was_sent_since_the_merge_goes_back_with_its_send():
    ming, hong = await two()
    sent = (
        "SELECT d.member_id FROM delivery d JOIN notification n ON n.member_id = d.member_id"
        " AND n.id = d.notification_id WHERE n.cause = 'test' AND d.channel = 'in_app'"
    )
    await tell(hong.member_id)
    await merged(ming, hong)
    await work(NOW)
    assert await column(sent) == [ming.member_id]
    await parted(ming, hong)
    assert await column(sent) == [hong.member_id]


async def test_who_absorbed_several_parts_from_each_alone():
    ming, hong = await two()
    gang = await a_member()
    await give(hong.member_id, 100)
    await give(gang.member_id, 50)
    await shop.done(shop.paid(gang, "A", 2_000))
    await merged(ming, hong)
    await merged(ming, gang)
    await spend(ming, 100)
    await parted(ming, hong)
    assert [await balance(one) for one in (ming, hong, gang)] == [
        (20, 50, 0),
        (0, 0, 0),
        (0, 0, 0),
    ]
    await parted(ming, gang)
    assert [await balance(one) for one in (ming, hong, gang)] == [
        (0, 0, 0),
        (0, 0, 0),
        (20, 50, 0),
    ]
