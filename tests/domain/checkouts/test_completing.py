"""Is a payment in time honoured, once, however late and however often it is told?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.checkouts.errors import (
    CheckoutBound,
    CheckoutClosed,
    CheckoutExpired,
    OrderHasCheckout,
)
from domain.checkouts.model import Order
from domain.checkouts.views import overused
from kit.errors import InvalidInput, NotFound
from kit.ids import new_id
from tests.support.buying import (
    ENDS,
    GRACE,
    LAPSES,
    MINUTE,
    a_buyer,
    a_coupon,
    cancelled,
    cart,
    coupon_states,
    opened,
    paid,
    stored,
    wrong,
)
from tests.support.value import give, kinds, lots, wallet
from tests.support.working import work
from tests.support.world import NOW, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def test_a_payment_spends_what_is_held_and_uses_up_the_coupons_once():
    buyer = await a_buyer(1_000)
    (coupon,) = await a_coupon(buyer, "TEN")
    made = await opened(buyer, coupon_ids=(coupon.id,), points=800)
    done = await paid(made, order=Order("shop", "A-1"), now=NOW + MINUTE)
    assert (done.state, done.paid_at, done.points_taken) == ("COMPLETED", NOW, 800)
    assert (done.debt_points, done.overused, done.order) == (0, [], Order("shop", "A-1"))
    async with nothing_changed():
        assert await paid(made, at=NOW + MINUTE, now=NOW + DAY) == done
        assert await paid(made, order=Order("shop", "A-1"), now=NOW + DAY) == done
    assert await kinds(buyer) == [("earn", 1_000), ("hold", 800), ("commit", 800)]
    assert await coupon_states(buyer, coupon) == ["REDEEMED"]
    assert await wrong(NOW) == []


async def test_its_debit_is_known_so_that_a_refund_can_go_to_the_very_lots():
    buyer = await a_buyer(500, expires_at=NOW + DAY)
    await give(buyer, 500, expires_at=NOW + 2 * DAY)
    done = await paid(await opened(buyer, points=800))
    async with reader() as tx:
        moved = await tx.fetch(
            "SELECT amount FROM lot_move WHERE member_id = $1 AND seq = $2 ORDER BY position",
            buyer,
            done.debited_by,
        )
    assert [row["amount"] for row in moved] == [500, 300]
    assert [(lot.spent, lot.held) for lot in await lots(buyer)] == [(500, 0), (300, 0)]


async def test_a_lot_and_a_coupon_that_expire_while_they_are_kept_are_honoured():
    buyer = await a_buyer(800, expires_at=NOW + 5 * MINUTE)
    (coupon,) = await a_coupon(buyer, "SHORT", now=NOW - DAY + 5 * MINUTE)
    made = await opened(buyer, coupon_ids=(coupon.id,), points=800)
    done = await paid(made, at=NOW + 10 * MINUTE, now=NOW + 10 * MINUTE)
    assert (done.points_taken, done.overused) == (800, [])
    assert await coupon_states(buyer, coupon) == ["REDEEMED"]


async def test_a_payment_a_minute_after_the_end_counts_and_a_later_one_is_refused():
    made = await opened(await a_buyer(800), points=800)
    late = LAPSES + timedelta(seconds=1)
    async with nothing_changed():
        with pytest.raises(CheckoutExpired) as refused:
            await paid(made, at=late, now=late)
    assert refused.value.facts == {"expires_at": ENDS, "paid_at": late}
    assert (await paid(made, at=ENDS + GRACE, now=late)).state == "COMPLETED"


async def test_points_given_back_meanwhile_are_taken_again_in_the_order_of_debits():
    buyer = await a_buyer(800)
    made = await opened(buyer, points=800)
    await work(now=LAPSES)
    assert (await wallet(buyer)).available == 800
    await give(buyer, 300, now=LAPSES, expires_at=LAPSES + DAY)
    done = await paid(made, at=ENDS, now=LAPSES + HOUR)
    assert (done.state, done.points_taken, done.debt_points) == ("COMPLETED", 800, 0)
    assert [(lot.spent, lot.remaining) for lot in await lots(buyer)] == [(500, 300), (300, 0)]
    assert (await kinds(buyer))[-1] == ("spend", 800)
    async with nothing_changed():
        assert await paid(made, at=ENDS, now=LAPSES + 2 * HOUR) == done
    assert await wrong(LAPSES + HOUR) == []


async def test_points_spent_meanwhile_become_a_debt_that_the_next_ones_repay():
    buyer = await a_buyer(800)
    made = await opened(buyer, points=800)
    other = await opened(buyer, now=LAPSES, points=600)
    await paid(other, at=LAPSES, now=LAPSES)
    done = await paid(made, at=NOW, now=LAPSES + HOUR)
    assert (done.points_taken, done.debt_points) == (200, 600)
    found = await wallet(buyer)
    assert (found.available, found.held, found.debt) == (0, 0, -600)
    await give(buyer, 700, now=LAPSES + HOUR)
    assert (await wallet(buyer)).available == 100
    assert await wrong(LAPSES + HOUR) == []


async def test_a_late_word_gives_the_same_whether_or_not_a_job_had_run():
    outcomes = []
    for runs in (True, False):
        buyer = await a_buyer(800, expires_at=NOW + 5 * MINUTE)
        made = await opened(buyer, points=800)
        if runs:
            await work(now=LAPSES)
        done = await paid(made, at=ENDS, now=LAPSES + HOUR)
        outcomes.append((done.points_taken, done.debt_points, await kinds(buyer)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][:2] == (0, 800)


async def test_a_coupon_used_meanwhile_is_flagged_to_staff_and_the_payment_stands():
    buyer = await a_buyer()
    (coupon,) = await a_coupon(buyer, "TEN")
    made = await opened(buyer, coupon_ids=(coupon.id,))
    other = await paid(
        await opened(buyer, now=LAPSES, coupon_ids=(coupon.id,)), at=LAPSES, now=LAPSES
    )
    done = await paid(made, at=ENDS, now=LAPSES + HOUR)
    assert (done.state, done.overused) == ("COMPLETED", [str(coupon.id)])
    assert other.overused == []
    page = await overused(now=LAPSES)
    assert [found.checkout.id for found in page.items] == [made.id]
    assert await wrong(LAPSES + HOUR) == []


async def test_a_coupon_that_nobody_else_used_is_used_up_by_a_late_word():
    buyer = await a_buyer()
    (coupon,) = await a_coupon(buyer, "TEN")
    made = await opened(buyer, coupon_ids=(coupon.id,))
    await work(now=LAPSES)
    assert await coupon_states(buyer, coupon) == ["ISSUED"]
    done = await paid(made, at=ENDS, now=LAPSES + HOUR)
    assert (done.overused, await coupon_states(buyer, coupon)) == ([], ["REDEEMED"])


async def test_what_was_cancelled_is_not_paid():
    buyer = await a_buyer(800)
    made = await opened(buyer, points=800)
    await cancelled(made)
    async with nothing_changed():
        with pytest.raises(CheckoutClosed) as refused:
            await paid(made)
    assert refused.value.facts == {"state": "CANCELLED"}


async def test_a_checkout_is_one_orders_and_an_order_has_one_checkout():
    buyer = await a_buyer()
    one, two = await opened(buyer), await opened(buyer)
    await paid(one, order=Order("shop", "A-1"))
    async with nothing_changed():
        with pytest.raises(CheckoutBound) as bound:
            await paid(one, order=Order("shop", "A-2"))
        with pytest.raises(OrderHasCheckout) as taken:
            await paid(two, order=Order("shop", "A-1"))
    assert bound.value.facts == taken.value.facts == {"order_id": "A-1"}
    await paid(two)
    assert (await paid(two, order=Order("shop", "A-2"))).order == Order("shop", "A-2")
    assert (await stored(two)).order_id == "A-2"


async def test_a_payment_in_the_future_or_before_the_opening_is_refused():
    made = await opened(await a_buyer())
    async with nothing_changed():
        for at in (NOW + 5 * MINUTE + GRACE, NOW - 5 * MINUTE - GRACE):
            with pytest.raises(InvalidInput) as refused:
                await paid(made, at=at)
            assert refused.value.path == ["paidAt"]
        with pytest.raises(InvalidInput):
            await paid(made, order=Order("", "A-1"))
        made.id = new_id()
        with pytest.raises(NotFound):
            await paid(made)


async def test_a_free_cart_is_completed_like_any_other():
    buyer = await a_buyer(0, "NEW_MEMBER_20")
    made = await opened(buyer, of=cart(1_000), coupon_ids=None)
    assert made.payable_minor == 0
    assert (await paid(made)).state == "COMPLETED"
