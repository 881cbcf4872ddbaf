"""Does everything come back from a checkout that isn't paid, and nothing more than it took?"""

from datetime import timedelta

import pytest

from domain.checkouts.errors import CheckoutClosed
from domain.checkouts.views import checkout
from domain.ledger.operations import release_lapsed_holds
from tests.support.buying import (
    ENDS,
    LAPSES,
    MINUTE,
    a_buyer,
    a_coupon,
    cancelled,
    coupon_states,
    opened,
    paid,
    wrong,
)
from tests.support.value import kinds, lots, wallet
from tests.support.working import work
from tests.support.world import NOW, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)


async def test_a_failed_payment_gives_the_coupon_and_the_points_back():
    buyer = await a_buyer(1_000, expires_at=NOW + DAY)
    (coupon,) = await a_coupon(buyer, "TEN")
    made = await opened(buyer, coupon_ids=(coupon.id,), points=800)
    done = await cancelled(made, now=NOW + MINUTE)
    assert (done.state, done.resolved_at) == ("CANCELLED", NOW + MINUTE)
    async with nothing_changed():
        assert await cancelled(made, now=NOW + DAY / 2) == done
    assert await coupon_states(buyer, coupon) == ["ISSUED"]
    (lot,) = await lots(buyer)
    assert (lot.remaining, lot.held, lot.expires_at) == (1_000, 0, NOW + DAY)
    again = await opened(buyer, now=NOW + MINUTE, coupon_ids=(coupon.id,), points=800)
    assert again.payable_minor == 7_500
    assert await wrong(NOW) == []


async def test_expired_points_are_not_revived_by_a_cancel():
    buyer = await a_buyer(800, expires_at=NOW + 5 * MINUTE)
    made = await opened(buyer, points=800)
    await cancelled(made, now=NOW + 6 * MINUTE)
    assert (await wallet(buyer)).available == 0
    assert (await kinds(buyer))[-2:] == [("release", 800), ("expire", 800)]


async def test_an_expired_coupon_is_not_revived_by_a_cancel():
    buyer = await a_buyer()
    (coupon,) = await a_coupon(buyer, "SHORT", now=NOW - DAY + 5 * MINUTE)
    made = await opened(buyer, coupon_ids=(coupon.id,))
    await cancelled(made, now=NOW + 6 * MINUTE)
    assert await coupon_states(buyer, coupon) == ["EXPIRED"]


async def test_a_checkout_and_its_points_end_at_the_same_instant_for_every_reader():
    buyer = await a_buyer(800)
    (coupon,) = await a_coupon(buyer, "TEN")
    made = await opened(buyer, coupon_ids=(coupon.id,), points=800)
    before = LAPSES - timedelta(seconds=1)
    async with nothing_changed():
        assert await release_lapsed_holds(as_of=before) == 0
        states = [(await checkout(buyer, made.id, now=at)).state for at in (before, LAPSES)]
        assert states == ["OPEN", "EXPIRED"]
    await work(now=before)
    assert (await wallet(buyer)).held == 800
    await work(now=LAPSES)
    found = await checkout(buyer, made.id, now=NOW)
    assert (found.checkout.state, found.checkout.resolved_at) == ("EXPIRED", LAPSES)
    assert (await wallet(buyer)).available == 800
    assert await coupon_states(buyer, coupon) == ["ISSUED"]
    assert await wrong(LAPSES) == []


async def test_the_ledgers_own_job_may_come_first():
    buyer = await a_buyer(800)
    made = await opened(buyer, points=800)
    assert await release_lapsed_holds(as_of=LAPSES) == 1
    assert await wrong(LAPSES) == []
    await work(now=LAPSES + MINUTE)
    found = await checkout(buyer, made.id, now=NOW)
    assert (found.checkout.state, found.checkout.resolved_at) == ("EXPIRED", LAPSES)
    assert await kinds(buyer) == [("earn", 800), ("hold", 800), ("release", 800)]


async def test_a_cancel_after_its_end_is_answered_as_it_stands():
    buyer = await a_buyer(800)
    made = await opened(buyer, points=800)
    done = await cancelled(made, now=LAPSES)
    assert (done.state, done.resolved_at) == ("EXPIRED", LAPSES)
    async with nothing_changed():
        assert await cancelled(made, now=LAPSES + DAY) == done
    assert (await paid(made, at=ENDS, now=LAPSES + DAY)).state == "COMPLETED"


async def test_what_was_paid_is_not_cancelled():
    made = await paid(await opened(await a_buyer(800), points=800))
    async with nothing_changed():
        with pytest.raises(CheckoutClosed) as refused:
            await cancelled(made)
    assert refused.value.facts == {"state": "COMPLETED"}


async def test_the_job_of_a_checkout_that_has_ended_does_nothing():
    buyer = await a_buyer(800)
    done = await paid(await opened(buyer, points=800))
    gone = await cancelled(await opened(buyer))
    await work(now=LAPSES)
    states = [(await checkout(buyer, one.id, now=NOW)).checkout.state for one in (done, gone)]
    assert states == ["COMPLETED", "CANCELLED"]
