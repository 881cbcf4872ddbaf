"""Does credit pay, come back and become a debt as points do, each in its own wallet?"""

from datetime import timedelta

import pytest

from domain.pricing.model import Wish
from tests.support.buying import (
    ENDS,
    LAPSES,
    MINUTE,
    a_buyer,
    a_payer,
    cancelled,
    opened,
    paid,
    quoted,
    wrong,
)
from tests.support.value import kinds, packet, wallet
from tests.support.working import work
from tests.support.world import NOW, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
HOUR = timedelta(hours=1)


async def test_credit_pays_after_points_and_both_are_spent_once():
    buyer = await a_payer(800, 3_000)
    made = await opened(buyer, points=800, credit_max=True)
    assert (made.points, made.credit_minor, made.payable_minor) == (800, 3_000, 5_500)
    assert (await wallet(buyer, "CREDIT")).held == 3_000
    done = await paid(made)
    assert (done.points_taken, done.credit_taken_minor) == (800, 3_000)
    assert done.debited_by is not None
    assert done.credit_debited_by is not None
    async with nothing_changed():
        assert await paid(made) == done
    assert await kinds(buyer, "CREDIT") == [("earn", 3_000), ("hold", 3_000), ("commit", 3_000)]
    assert await wrong() == []


async def test_credit_comes_back_from_a_cancel_and_from_a_lapse():
    for end in (cancelled, None):
        buyer = await a_payer(800, 3_000)
        made = await opened(buyer, points=800, credit_max=True)
        async with nothing_changed():
            later = (await quoted(buyer, Wish(credit_max=True, coupon_ids=()), now=LAPSES)).price
        assert later.credit_minor == 3_000
        await (end(made) if end else work(now=LAPSES))
        found = await wallet(buyer, "CREDIT")
        assert (found.available, found.held) == (3_000, 0)
        assert (await wallet(buyer)).available == 800
        assert await wrong() == []


async def test_an_expired_packet_is_not_revived_by_a_cancel():
    buyer = await a_buyer()
    await packet(buyer, 3_000, expires_at=NOW + 5 * MINUTE)
    made = await opened(buyer, credit_max=True)
    await cancelled(made, now=NOW + 6 * MINUTE)
    assert (await wallet(buyer, "CREDIT")).available == 0


async def test_credit_spent_before_a_late_word_is_owed_and_repaid_by_the_next_packet():
    buyer = await a_payer(0, 3_000)
    made = await opened(buyer, credit_max=True)
    await paid(await opened(buyer, now=LAPSES, credit_minor=2_000), at=LAPSES, now=LAPSES)
    done = await paid(made, at=ENDS, now=LAPSES + HOUR)
    assert (done.credit_taken_minor, done.credit_debt_minor) == (1_000, 2_000)
    assert (await wallet(buyer, "CREDIT")).debt == -2_000
    await packet(buyer, 2_500, now=LAPSES + HOUR)
    found = await wallet(buyer, "CREDIT")
    assert (found.available, found.debt) == (500, 0)
    assert await wrong(LAPSES + HOUR) == []
