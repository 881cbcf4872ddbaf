"""Do checkouts hold when a member's devices, the shop and the clock act at the same moment?"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from db.connection import reader
from domain.checkouts import operations
from domain.pricing.model import Wish
from kit.errors import Refusal
from kit.ids import new_id
from tests.support.buying import (
    LAPSES,
    a_buyer,
    a_coupon,
    asked,
    cancelled,
    coupon_states,
    in_force_with_coupons,
    opened,
    paid,
    wrong,
)
from tests.support.value import kinds, wallet
from tests.support.working import work
from tests.support.world import NOW

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
ROUNDS = 8


async def together(*calls) -> list:
    """What each call gave, or the code that it was refused with."""

    async def one(call):
        try:
            return await call
        except Refusal as refusal:
            return refusal.code

    return await asyncio.gather(*map(one, calls))


def states(answers) -> Counter:
    return Counter(one if isinstance(one, str) else one.state for one in answers)


async def count(table: str) -> int:
    async with reader() as tx:
        return await tx.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608


async def test_of_checkouts_that_want_one_coupon_at_once_exactly_one_gets_it():
    await in_force_with_coupons()
    buyer = await a_buyer()
    (coupon,) = await a_coupon(buyer, "TEN")
    agreed = await asked(buyer, Wish(coupon_ids=(coupon.id,)))
    answers = await together(
        *(
            operations.open_checkout(replace(agreed, key=str(new_id())), now=NOW)
            for _ in range(ROUNDS)
        )
    )
    assert states(answers) == {"OPEN": 1, "NOT_APPLICABLE": ROUNDS - 1}
    assert await coupon_states(buyer, coupon) == ["RESERVED"]
    assert await count("checkout") == 1


async def test_of_checkouts_that_want_the_same_points_as_many_open_as_there_are_points():
    await in_force_with_coupons()
    buyer = await a_buyer(3 * 800 + 799)
    agreed = await asked(buyer, Wish(points=800))
    answers = await together(
        *(
            operations.open_checkout(replace(agreed, key=str(new_id())), now=NOW)
            for _ in range(ROUNDS)
        )
    )
    assert states(answers) == {"OPEN": 3, "INSUFFICIENT_POINTS": ROUNDS - 3}
    found = await wallet(buyer)
    assert (found.available, found.held) == (799, 2_400)


async def test_one_key_sent_many_times_at_once_opens_one_checkout():
    await in_force_with_coupons()
    buyer = await a_buyer(8_000)
    agreed = await asked(buyer, Wish(points=800))
    answers = await together(
        *(operations.open_checkout(agreed, now=NOW) for _ in range(2 * ROUNDS))
    )
    assert all(answer == answers[0] for answer in answers)
    assert await kinds(buyer) == [("earn", 8_000), ("hold", 800)]
    assert await count("checkout") == 1


async def test_completed_many_times_at_once_it_debits_once():
    await in_force_with_coupons()
    buyer = await a_buyer(800)
    made = await opened(buyer, points=800)
    answers = await together(*(paid(made) for _ in range(2 * ROUNDS)))
    assert all(answer == answers[0] for answer in answers)
    assert await kinds(buyer) == [("earn", 800), ("hold", 800), ("commit", 800)]


async def test_of_a_payment_and_a_cancel_at_once_one_wins_and_the_other_is_told_how_it_ended():
    await in_force_with_coupons()
    ends = Counter()
    for round_ in range(ROUNDS):
        buyer = await a_buyer(800)
        (coupon,) = await a_coupon(buyer, "TEN")
        made = await opened(buyer, coupon_ids=(coupon.id,), points=800)
        calls = [paid(made), cancelled(made)]
        answers = await together(*(calls if round_ % 2 else reversed(calls)))
        end = next(one.state for one in answers if not isinstance(one, str))
        assert states(answers) == {end: 1, "CHECKOUT_CLOSED": 1}
        is_paid = end == "COMPLETED"
        assert (await wallet(buyer)).available == (0 if is_paid else 800)
        assert await coupon_states(buyer, coupon) == ["REDEEMED" if is_paid else "ISSUED"]
        ends[end] += 1
    assert sum(ends.values()) == ROUNDS
    assert await wrong(NOW) == []


async def test_a_payment_in_time_counts_once_whatever_the_job_at_its_end_does_meanwhile():
    await in_force_with_coupons()
    made = []
    for _ in range(ROUNDS):
        buyer = await a_buyer(800)
        (coupon,) = await a_coupon(buyer, "TEN")
        made.append((await opened(buyer, coupon_ids=(coupon.id,), points=800), coupon))
    just_before = LAPSES - timedelta(seconds=1)
    answers = await together(work(now=LAPSES), *(paid(one, now=just_before) for one, _ in made))
    assert states(answers[1:]) == {"COMPLETED": ROUNDS}
    for one, coupon in made:
        found = await wallet(one.member_id)
        assert (found.available, found.held, found.debt) == (0, 0, 0)
        assert await coupon_states(one.member_id, coupon) == ["REDEEMED"]
    assert await wrong(LAPSES) == []
