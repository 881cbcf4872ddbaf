"""Does a checkout open at the price that was agreed to, and keep all that it takes, or nothing?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.checkouts import operations
from domain.checkouts.errors import PriceChanged, TooManyCheckouts
from domain.checkouts.model import OPEN_MAX
from domain.ledger.errors import InsufficientPoints
from domain.members import operations as members
from domain.pricing.errors import NotApplicable
from domain.pricing.model import Wish
from kit.errors import IdempotencyKeyReused, InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.buying import (
    ENDS,
    LAPSES,
    MINUTE,
    a_buyer,
    a_coupon,
    asked,
    cart,
    coupon_states,
    in_force_with_coupons,
    line,
    opened,
    quoted,
    wrong,
)
from tests.support.value import kinds, wallet
from tests.support.world import NOW, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")


async def test_a_quote_is_the_best_price_and_changes_nothing():
    buyer = await a_buyer(5_000, "TEN", "CUP")
    async with nothing_changed():
        quote = await quoted(buyer, Wish(points_max=True))
    price = quote.price
    assert [one.template for one in price.coupons] == ["CUP", "TEN"]
    assert (price.points_minor, price.points, price.payable_minor) == (4_250, 3_400, 4_250)
    assert (quote.currency, quote.programme_version) == ("CNY", 1)


async def test_an_open_checkout_keeps_its_coupons_and_points_until_it_lapses():
    buyer = await a_buyer(1_000)
    (coupon,) = await a_coupon(buyer, "TEN")
    made = await opened(buyer, coupon_ids=(coupon.id,), points=800)
    assert (made.state, made.points, made.payable_minor) == ("OPEN", 800, 7_500)
    assert (made.expires_at, made.lapses_at) == (ENDS, LAPSES)
    assert await coupon_states(buyer, coupon) == ["RESERVED"]
    assert await kinds(buyer) == [("earn", 1_000), ("hold", 800)]
    assert ((await wallet(buyer)).available, (await wallet(buyer)).held) == (200, 800)
    assert await wrong(NOW) == []


async def test_without_points_nothing_is_held():
    buyer = await a_buyer(1_000)
    made = await opened(buyer)
    assert (made.hold_id, made.payable_minor) == (None, 9_500)
    assert await kinds(buyer) == [("earn", 1_000)]


async def test_a_checkout_may_last_as_long_as_its_payment():
    made = await opened(await a_buyer())
    wanted = await asked(made.member_id, Wish(), minutes=60)
    other = await operations.open_checkout(wanted, now=NOW)
    assert (made.expires_at, other.expires_at) == (ENDS, NOW + 60 * MINUTE)


async def test_a_price_that_is_not_what_was_agreed_to_is_refused_with_the_new_one():
    buyer = await a_buyer(0, "TEN")
    agreed = await asked(buyer, Wish())
    await a_coupon(buyer, "NEW_MEMBER_20")
    async with nothing_changed():
        with pytest.raises(PriceChanged) as refused:
            await operations.open_checkout(agreed, now=NOW)
    facts = refused.value.facts
    assert facts["payable_minor"] == 6_500
    assert "¥65.00" in refused.value.message("zh-CN")
    made = await operations.open_checkout(replace(agreed, digest=facts["digest"]), now=NOW)
    assert made.payable_minor == 6_500


async def test_a_price_that_a_new_programme_leaves_as_it_is_is_still_agreed_to():
    buyer = await a_buyer()
    agreed = await asked(buyer, Wish())
    await in_force_with_coupons(name={"en": "renamed"}, since=NOW)
    assert (await operations.open_checkout(agreed, now=NOW)).payable_minor == 9_500


async def test_a_repeated_request_opens_once_and_is_answered_as_it_stands():
    buyer = await a_buyer(1_000)
    agreed = await asked(buyer, Wish(points=800))
    first = await operations.open_checkout(agreed, now=NOW)
    async with nothing_changed():
        again = await operations.open_checkout(agreed, now=NOW + MINUTE)
        with pytest.raises(IdempotencyKeyReused):
            await operations.open_checkout(replace(agreed, minutes=3), now=NOW)
    assert again == first
    await members.suspend(buyer, actor="staff", reason="test", now=NOW)
    assert (await operations.open_checkout(agreed, now=NOW)).id == first.id


async def test_a_key_belongs_to_who_opens():
    buyer = await a_buyer()
    agreed = await asked(buyer, Wish(), key="k")
    mine = await operations.open_checkout(agreed, now=NOW)
    theirs = await operations.open_checkout(replace(agreed, opened_by="service:shop"), now=NOW)
    assert mine.id != theirs.id


async def test_a_member_has_ten_open_checkouts_at_most_and_lapsed_ones_do_not_count():
    buyer = await a_buyer()
    for _ in range(OPEN_MAX):
        await opened(buyer)
    agreed = await asked(buyer, Wish())
    async with nothing_changed():
        with pytest.raises(TooManyCheckouts) as refused:
            await operations.open_checkout(agreed, now=NOW)
    assert refused.value.facts == {"limit": 10}
    assert (await operations.open_checkout(agreed, now=LAPSES)).state == "OPEN"


async def test_what_a_lapsed_checkout_kept_can_be_had_again_at_once_without_any_job():
    buyer = await a_buyer(800)
    (coupon,) = await a_coupon(buyer, "TEN")
    await opened(buyer, coupon_ids=(coupon.id,), points=800)
    wish = Wish(coupon_ids=(coupon.id,), points=800)
    early = LAPSES - timedelta(seconds=1)
    with pytest.raises(InsufficientPoints):
        await quoted(buyer, wish, now=early)
    async with nothing_changed():
        assert (await quoted(buyer, wish, now=LAPSES)).price.payable_minor == 7_500
    again = await opened(buyer, now=LAPSES, coupon_ids=(coupon.id,), points=800)
    assert (again.state, again.payable_minor) == ("OPEN", 7_500)
    assert await kinds(buyer) == [("earn", 800), ("hold", 800), ("release", 800), ("hold", 800)]
    assert await wrong(LAPSES) == []


async def test_a_coupon_in_another_open_checkout_is_refused_with_its_reason():
    buyer = await a_buyer()
    (coupon,) = await a_coupon(buyer, "TEN")
    await opened(buyer, coupon_ids=(coupon.id,))
    (refused,) = (await quoted(buyer, Wish())).price.refused
    assert (refused.coupon_id, refused.reason) == (coupon.id, "RESERVED")
    with pytest.raises(NotApplicable) as named:
        await quoted(buyer, Wish(coupon_ids=(coupon.id,)))
    assert named.value.facts["member_id"] == buyer


async def test_whoever_may_not_buy_is_refused_without_a_trace():
    buyer = await a_buyer(100)
    agreed = await asked(buyer, Wish())
    async with nothing_changed():
        for wrong, refusal in (
            (replace(agreed, key=""), InvalidInput),
            (replace(agreed, minutes=0), InvalidInput),
            (replace(agreed, minutes=1_441), InvalidInput),
            (replace(agreed, cart=cart(*[1] * 101)), InvalidInput),
            (replace(agreed, cart=replace(cart(), lines=(line(1, "\x00"),))), InvalidInput),
            (replace(agreed, member_id=new_id()), NotFound),
            (replace(agreed, wish=Wish(points=101)), InsufficientPoints),
        ):
            with pytest.raises(refusal):
                await operations.open_checkout(wrong, now=NOW)
    await members.suspend(buyer, actor="staff", reason="test", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await operations.open_checkout(agreed, now=NOW)
        with pytest.raises(MemberSuspended):
            await quoted(buyer, Wish())


async def test_no_cart_has_a_negative_payable():
    buyer = await a_buyer(1_000, "TEN", "NEW_MEMBER_20")
    price = (await quoted(buyer, Wish(points_max=True), of=cart(500, 300))).price
    assert price.payable_minor == 0
    made = await opened(buyer, of=cart(500, 300), coupon_ids=None, points_max=True)
    assert (made.payable_minor, made.points) == (0, 0)
