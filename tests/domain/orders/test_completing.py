"""Does an order that was paid complete its checkout by itself, once, and only where it may?"""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from db.connection import reader
from domain.checkouts.model import State
from tests.support.buying import (
    ENDS,
    LAPSES,
    a_coupon,
    cancelled,
    coupon_states,
    in_force_with_coupons,
    opened,
    wrong,
)
from tests.support.buying import paid as complete
from tests.support.selling import order_of
from tests.support.shop import done, purchase, tell
from tests.support.value import give, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


async def an_open_checkout():
    """Of ¥100 less ¥10 by a coupon and ¥25 by 2,000 points."""
    await in_force_with_coupons()
    member = await a_member()
    await give(member.member_id, 2_000)
    (coupon,) = await a_coupon(member.member_id, "TEN")
    found = await opened(member.member_id, coupon_ids=(coupon.id,), points=2_000)
    return member, coupon, found


async def state_of(found):
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT state, paid_at, source, order_id FROM checkout"
            " WHERE member_id = $1 AND id = $2",
            *(found.member_id, found.id),
        )
    assert row is not None
    return tuple(row)


async def spendable(member):
    found = await wallet(member.member_id)
    return found.available, found.held, found.debt


async def test_an_order_completes_the_checkout_that_the_shop_did_not():
    member, coupon, found = await an_open_checkout()
    await done(order_of(member, found, at=NOW), now=NOW + SECOND)
    assert await state_of(found) == (State.COMPLETED, NOW, "shop", "o1")
    assert await spendable(member) == (0, 0, 0)
    assert await coupon_states(member.member_id, coupon) == ["REDEEMED"]
    assert await wrong(NOW + SECOND) == []


async def test_it_is_completed_once_whoever_says_so_first():
    member, _, found = await an_open_checkout()
    await tell(order_of(member, found, at=NOW), now=NOW)
    await complete(found, now=NOW)
    await work(NOW)
    await complete(found, now=NOW)
    assert await spendable(member) == (0, 0, 0)
    assert (await purchase(member.member_id, "o1")).sale is not None
    assert await wrong() == []


async def test_an_order_that_was_paid_in_time_completes_it_however_late_it_is_told():
    member, _, found = await an_open_checkout()
    await work(LAPSES + HOUR)
    assert await spendable(member) == (2_000, 0, 0)
    await done(order_of(member, found, at=ENDS), now=LAPSES + HOUR)
    assert await state_of(found) == (State.COMPLETED, ENDS, "shop", "o1")
    assert await spendable(member) == (0, 0, 0)
    assert await wrong(LAPSES + HOUR) == []


@pytest.mark.parametrize(
    ("why", "code"),
    [("it was cancelled", "CHECKOUT_CLOSED"), ("it was paid too late", "CHECKOUT_EXPIRED")],
)
async def test_an_order_debits_nothing_for_a_checkout_that_is_over(why, code):
    member, coupon, found = await an_open_checkout()
    at = NOW
    if why == "it was cancelled":
        await cancelled(found)
    else:
        at = LAPSES + SECOND
        await work(LAPSES + HOUR)
    before = await state_of(found)
    with capture_logs() as logs:
        await done(order_of(member, found, at=at), now=LAPSES + HOUR)
    told = [(one["order_id"], one["code"]) for one in logs if one["log_level"] == "warning"]
    assert told == [("o1", code)]
    assert await state_of(found) == before
    assert await spendable(member) == (2_000, 0, 0)
    assert await coupon_states(member.member_id, coupon) == ["ISSUED"]
    assert await wrong(LAPSES + HOUR) == []
