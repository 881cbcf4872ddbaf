"""Which coupons stand beside which, and what is said of those that don't?"""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from domain.ledger.errors import InsufficientPoints
from domain.pricing.errors import NotApplicable
from domain.pricing.model import Cart
from kit.errors import InvalidInput
from tests.support.carts import (
    buyer,
    cart,
    facts,
    held,
    ids,
    line,
    no_discount,
    off,
    percent,
    priced,
    reasons,
    template,
)
from tests.support.programmes import changed
from tests.support.world import NOW

HUNDRED = cart(line("a", 100))


def told(refusal: NotApplicable) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", refusal.facts["reasons"])


def test_exclusive_all_takes_the_tiers_place_where_it_is_better():
    """¥200 at GOLD are ¥170; ¥50 off and nothing else makes ¥150."""
    alone = held(1, off("FIFTY", 50, stacking="exclusive_all"))
    found = priced(cart(line("a", 200)), buyer("GOLD"), alone, held(2, off("TEN", 10)))
    assert found.payable_minor == 15_000
    assert not found.takes_tier
    assert [one.kind for one in found.lines[0].discounts] == ["coupon"]
    assert facts(found, 2) == {"with": [str(UUID(int=1))]}
    assert reasons(found) == {2: "NOT_COMBINABLE"}


def test_exclusive_all_is_left_where_the_tier_and_another_coupon_are_better():
    alone = held(1, off("FORTY", 40, stacking="exclusive_all"))
    found = priced(cart(line("a", 200)), buyer("GOLD"), alone, held(2, off("TEN", 15)))
    assert found.payable_minor == 15_500
    assert ids(found) == [2]
    assert reasons(found) == {1: "NOT_COMBINABLE"}


def test_exclusive_all_is_left_where_the_tier_alone_is_better():
    alone = held(1, off("TEN", 10, stacking="exclusive_all"))
    found = priced(cart(line("a", 200)), buyer("GOLD"), alone)
    assert found.payable_minor == 17_000
    assert reasons(found) == {1: "BETTER_WITHOUT"}
    assert facts(found, 1) == {"payable_minor": 19_000}


def test_exclusive_all_against_points_takes_what_leaves_less_to_pay():
    """¥170 at GOLD, of which 6,630 points pay half, ¥85; ¥50 off alone leaves ¥150."""
    alone = held(1, off("FIFTY", 50, stacking="exclusive_all"))
    rich = buyer("GOLD", available_points=7_800)
    found = priced(cart(line("a", 200)), rich, alone, points_max=True)
    assert (found.payable_minor, found.points, ids(found)) == (8_500, 6_630, [])
    dear = held(1, off("MOST", 120, stacking="exclusive_all"))
    found = priced(cart(line("a", 200)), rich, dear, points_max=True)
    assert (found.payable_minor, found.points, ids(found)) == (8_000, 0, [1])


def test_the_balance_is_money_and_pays_beside_exclusive_all():
    alone = held(1, off("FIFTY", 50, stacking="exclusive_all"))
    who = buyer("GOLD", available_credit_minor=4_000)
    found = priced(HUNDRED, who, alone, credit_max=True)
    assert (found.credit_minor, found.payable_minor) == (4_000, 1_000)


def test_exclusive_coupons_stands_alone_among_coupons_with_tier_and_points():
    alone = held(1, off("THIRTY", 30, stacking="exclusive_coupons"))
    found = priced(
        cart(line("a", 200)),
        buyer("GOLD", available_points=780),
        alone,
        held(2, off("TEN", 10)),
        held(3, off("FIFTEEN", 15)),
        points_max=True,
    )
    assert found.payable_minor == 20_000 - 3_000 - 3_000 - 1_000
    assert ids(found) == [1]
    assert reasons(found) == {2: "NOT_COMBINABLE", 3: "NOT_COMBINABLE"}


def test_of_one_template_as_many_as_per_order_says_and_the_soonest_first():
    face = off("TEN", 10, per_order=2)
    late, soon, sooner = (
        held(number, face, expires_at=NOW + timedelta(days=days))
        for number, days in ((1, 9), (2, 5), (3, 2))
    )
    found = priced(HUNDRED, no_discount(), late, soon, sooner)
    assert ids(found) == [2, 3]
    assert reasons(found) == {1: "ONE_PER_ORDER"}
    assert facts(found, 1) == {"most": 2}


def test_no_more_coupons_than_the_programme_takes():
    under = changed(checkout={"coupons_max": 2})
    coupons = [held(number, off(f"C{number}", number)) for number in (1, 2, 3)]
    found = priced(HUNDRED, no_discount(), *coupons, under=under)
    assert ids(found) == [2, 3]
    assert reasons(found) == {1: "TOO_MANY"}


def test_a_coupon_that_would_spoil_a_better_one_stays_out():
    """¥1 off first would miss 满100 of a coupon of ¥50."""
    found = priced(
        HUNDRED,
        no_discount(),
        held(1, off("ONE", 1, priority=1)),
        held(2, off("FIFTY", 50, threshold="100")),
    )
    assert ids(found) == [2]
    assert reasons(found) == {1: "NOT_COMBINABLE"}


def test_of_equal_prices_the_one_that_gives_more_is_taken():
    under = changed(checkout={"coupons_max": 1})
    cup = template("CUP", kind="GIFT", gift={"sku": "cup", "value": "5"})
    back = template("BACK", kind="CASHBACK", cashback={"points": 800})
    found = priced(HUNDRED, no_discount(), held(1, cup), held(2, back), under=under)
    assert ids(found) == [2]
    found = priced(HUNDRED, no_discount(), held(1, cup), held(3, off("X", "0.01")), under=under)
    assert ids(found) == [3]


def test_of_equal_prices_the_fewest_coupons_and_the_soonest_to_expire():
    both = held(1, off("ALL", 100)), held(2, off("MOST", 90)), held(3, off("SOME", 10))
    assert ids(priced(HUNDRED, no_discount(), *both)) == [1]
    soon = held(5, off("A", 10), expires_at=NOW + timedelta(days=1))
    late = held(4, off("B", 10))
    under = changed(checkout={"coupons_max": 1})
    assert ids(priced(HUNDRED, no_discount(), late, soon, under=under)) == [5]


def test_what_is_the_matter_with_a_coupon_is_told():
    face = off("TEN", 10)
    tomorrow = NOW + timedelta(days=1)
    coupons = [
        held(1, face, state="RESERVED", is_usable=False),
        held(2, face, state="REDEEMED", is_usable=False),
        held(3, face, state="REVOKED", is_usable=False),
        held(4, face, state="EXPIRED", is_usable=False, expires_at=NOW),
        held(5, face, expires_at=NOW),
        held(6, face, starts_at=tomorrow),
        held(7, off("SHOES", 10, scope={"include": {"category": ("shoes",)}})),
        held(8, template("SHIP", kind="FREE_SHIPPING")),
        held(9, template("CUP", kind="EXCHANGE", exchange={"sku": "cup", "price": "1"})),
        held(10, percent("LITTLE", "0.001", scope={"include": {"sku": ("sku-b",)}})),
    ]
    asked = cart(line("a", 100), line("b", 1))
    found = priced(asked, no_discount(), *coupons)
    assert reasons(found) == {
        1: "RESERVED",
        2: "USED",
        3: "REVOKED",
        4: "EXPIRED",
        5: "EXPIRED",
        6: "NOT_STARTED",
        7: "NOTHING_IN_SCOPE",
        8: "NO_SHIPPING",
        9: "NOT_IN_CART",
        10: "NOTHING_OFF",
    }
    assert facts(found, 6) == {"starts_at": tomorrow}


def test_named_coupons_are_applied_even_where_others_are_better():
    found = priced(
        HUNDRED,
        no_discount(),
        held(1, off("TEN", 10)),
        held(2, off("FIFTY", 50)),
        coupon_ids=(UUID(int=1),),
    )
    assert ids(found) == [1]
    assert reasons(found) == {2: "NOT_CHOSEN"}


def test_an_exclusive_one_that_is_named_is_applied_even_where_the_tier_is_better():
    alone = held(1, off("TEN", 10, stacking="exclusive_all"))
    who = buyer("GOLD", available_points=1_000)
    found = priced(HUNDRED, who, alone, coupon_ids=(UUID(int=1),), points_max=True)
    assert (found.payable_minor, found.takes_tier, found.points) == (9_000, False, 0)


def test_no_coupon_is_applied_where_none_is_named():
    found = priced(HUNDRED, no_discount(), held(1, off("TEN", 10)), coupon_ids=())
    assert found.payable_minor == 10_000
    assert reasons(found) == {1: "NOT_CHOSEN"}


def test_named_coupons_that_cant_all_be_applied_are_refused_each_with_its_reason():
    coupons = (
        held(1, off("TEN", 10)),
        held(2, off("TEN", 10)),
        held(3, off("BIG", 10, threshold="200")),
        held(4, off("OLD", 10), expires_at=NOW),
    )
    named = tuple(UUID(int=number) for number in (4, 1, 2, 3, 9))
    with pytest.raises(NotApplicable) as refusal:
        priced(HUNDRED, no_discount(), *coupons, coupon_ids=named)
    assert [(one["coupon_id"].int, one["reason"]) for one in told(refusal.value)] == [
        (4, "EXPIRED"),
        (2, "ONE_PER_ORDER"),
        (3, "THRESHOLD_NOT_MET"),
        (9, "NOT_FOUND"),
    ]
    assert "it needs CN¥200.00; there is CN¥100.00 in its scope" in refusal.value.message("en")
    assert "未满 ¥200.00" in refusal.value.message("zh-CN")


def test_an_exclusive_coupon_named_with_others_is_refused():
    coupons = held(1, off("ALONE", 10, stacking="exclusive_coupons")), held(2, off("TEN", 10))
    named = UUID(int=1), UUID(int=2)
    with pytest.raises(NotApplicable) as refusal:
        priced(HUNDRED, no_discount(), *coupons, coupon_ids=named)
    assert [one["reason"] for one in told(refusal.value)] == ["NOT_COMBINABLE"] * 2


def test_more_points_than_there_are_is_refused():
    with pytest.raises(InsufficientPoints) as refusal:
        priced(HUNDRED, no_discount(available_points=79), points=80)
    assert refusal.value.facts == {"available": 79, "required": 80}


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (Cart(lines=()), ["cart", "lines"]),
        (cart(*(line(str(number), 1) for number in range(501))), ["cart", "lines"]),
        (cart(line("a", 1), line("a", 2)), ["cart", "lines", "1", "lineId"]),
        (cart(line("", 1)), ["cart", "lines", "0", "lineId"]),
        (cart(line("a", "-0.01")), ["cart", "lines", "0", "amountMinor"]),
        (cart(line("a", "10000000000.01")), ["cart", "lines", "0", "amountMinor"]),
        (cart(line("a", 1, quantity=0)), ["cart", "lines", "0", "quantity"]),
        (cart(line("a", 1), shipping="-0.01"), ["cart", "shippingMinor"]),
    ],
)
def test_a_cart_that_cant_be_is_refused_with_the_place_of_the_fault(asked, path):
    with pytest.raises(InvalidInput) as refusal:
        priced(asked, no_discount())
    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"points": -1}, ["points"]),
        ({"credit_minor": -1}, ["creditMinor"]),
        ({"coupon_ids": (UUID(int=1), UUID(int=1))}, ["couponIds", "1"]),
    ],
)
def test_a_wish_that_cant_be_is_refused(wish, path):
    with pytest.raises(InvalidInput) as refusal:
        priced(HUNDRED, no_discount(), held(1, off("TEN", 10)), **wish)
    assert refusal.value.path == path
