"""Is a cart priced as the rules say? Each rule with numbers that can be followed by hand."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from domain.pricing.model import Discount
from domain.programme.model import Benefits, DiscountDay, FreeShipping
from tests.support.carts import (
    buyer,
    cart,
    held,
    ids,
    line,
    no_discount,
    off,
    percent,
    priced,
    template,
)
from tests.support.world import NOW


def gold(**benefits):
    found = buyer("GOLD")
    return replace(found, tier=found.tier.model_copy(update={"benefits": Benefits(**benefits)}))


def nets(found) -> dict[str, int]:
    return {one.line.line_id: one.net_minor for one in found.lines}


def test_a_cart_without_anything_costs_what_is_in_it():
    found = priced(cart(line("a", "99.90"), line("b", 5), shipping=8), no_discount())
    assert found.payable_minor == 11_290
    assert (found.points, found.points_minor, found.credit_minor) == (0, 0, 0)
    assert [one.discounts for one in found.lines] == [(), ()]
    assert found.takes_tier
    assert found.is_best


def test_three_hundred_yuan_at_gold_are_255_and_miss_three_hundred():
    manjian = held(1, off("OVER_300", 50, threshold="300"))
    found = priced(cart(line("a", 300)), buyer("GOLD"), manjian)
    assert found.payable_minor == 25_500
    assert found.lines[0].discounts == (Discount("tier", "GOLD", 4_500),)
    (refused,) = found.refused
    assert refused.reason == "THRESHOLD_NOT_MET"
    assert refused.facts == {
        "threshold_minor": 30_000,
        "amount_minor": 25_500,
        "missing_minor": 4_500,
    }


def test_the_tiers_discount_is_rounded_down_once_for_the_whole_cart():
    """3 × ¥0.99 at 5 % is ¥0.1485; line by line it would be ¥0.12."""
    found = priced(cart(*(line(key, "0.99") for key in "abc")), buyer("NORMAL"))
    assert [one.discounts[0].amount_minor for one in found.lines] == [5, 5, 4]


def test_a_line_that_is_not_eligible_gets_nothing():
    found = priced(
        cart(line("a", 100, eligible=False), line("b", 100)),
        buyer("GOLD", available_points=1_000_000),
        held(1, off("TEN", 10)),
        points_max=True,
    )
    assert nets(found) == {"a": 10_000, "b": 7_500}
    assert [one.points_minor for one in found.lines] == [0, 3_750]


def test_a_line_that_is_not_eligible_gets_the_coupon_that_names_its_sku():
    named = held(1, off("CARD", 10, scope={"include": {"sku": ("sku-a",)}}))
    found = priced(cart(line("a", 100, eligible=False), line("b", 100)), no_discount(), named)
    assert nets(found) == {"a": 9_000, "b": 10_000}


def test_a_category_does_not_name_a_line_that_is_not_eligible():
    scope = {"include": {"category": ("cards",), "sku": ("other",)}}
    found = priced(
        cart(line("a", 100, category="cards", eligible=False)),
        no_discount(),
        held(1, off("CARD", 10, scope=scope)),
    )
    assert found.refused[0].reason == "NOTHING_IN_SCOPE"


def test_what_a_scope_excludes_is_spared_even_where_it_is_included():
    scope = {"include": {"category": ("shoes",)}, "exclude": {"brand": ("Fine",)}}
    found = priced(
        cart(
            line("a", 100, category="shoes"),
            line("b", 100, category="shoes", brand="Fine"),
            line("c", 100),
        ),
        no_discount(),
        held(1, percent("SHOES", 10, scope=scope)),
    )
    assert nets(found) == {"a": 9_000, "b": 10_000, "c": 10_000}


def test_a_discount_day_counts_where_it_is_better_and_concerns_the_line():
    day = DiscountDay(discount_percent=Decimal(30), category=("shoes",), weekdays=(1,))
    asked = cart(line("a", 100, category="shoes"), line("b", 100))
    assert nets(priced(asked, gold(discount_days=(day,)))) == {"a": 7_000, "b": 8_500}


def test_a_discount_day_of_less_than_the_tier_and_one_of_another_day_change_nothing():
    less = DiscountDay(discount_percent=Decimal(10))
    other = DiscountDay(discount_percent=Decimal(30), weekdays=(2,))
    past = DiscountDay(discount_percent=Decimal(30), ends_at=NOW)
    future = DiscountDay(discount_percent=Decimal(30), starts_at=NOW + timedelta(seconds=1))
    found = priced(cart(line("a", 100)), gold(discount_days=(less, other, past, future)))
    assert found.payable_minor == 8_500


def test_a_tier_that_ships_free_does_so_from_its_amount_after_the_discount():
    free = FreeShipping.model_validate({"order_min": "85"})
    found = priced(cart(line("a", 100), shipping=10), gold(shipping=free))
    assert found.shipping_discounts == (Discount("tier", "GOLD", 1_000),)
    assert found.payable_minor == 8_500
    short = priced(cart(line("a", "99.98"), shipping=10), gold(shipping=free))
    assert short.shipping_discount_minor == 0


def test_coupons_are_taken_off_by_priority_then_by_code():
    """¥10 off first and then 10 %: (100 − 10) × 0.9 = 81; the other way round it would be 80."""
    tenth = held(1, percent("TENTH", 10))
    first = priced(cart(line("a", 100)), no_discount(), tenth, held(2, off("TEN", 10, priority=1)))
    by_code = priced(cart(line("a", 100)), no_discount(), tenth, held(2, off("TEN", 10)))
    last = priced(cart(line("a", 100)), no_discount(), tenth, held(2, off("ZEN", 10)))
    assert [one.payable_minor for one in (first, by_code, last)] == [8_100, 8_100, 8_000]


def test_a_coupon_is_never_worth_more_than_what_it_is_for():
    """An uncapped coupon once made an order of −824."""
    scope = {"include": {"sku": ("sku-a",)}}
    found = priced(
        cart(line("a", "1.76"), line("b", 3), shipping=2),
        no_discount(),
        held(1, off("THOUSAND", 1_000, scope=scope)),
    )
    assert nets(found) == {"a": 0, "b": 300}
    assert found.payable_minor == 500


def test_a_percentage_is_rounded_down_and_capped():
    found = priced(cart(line("a", "99.99")), no_discount(), held(1, percent("P", "12.5")))
    assert found.coupons[0].amount_minor == 1_249
    capped = percent("P", 50, amount_off_max="30")
    found = priced(cart(line("a", 100)), no_discount(), held(1, capped))
    assert found.coupons[0].amount_minor == 3_000


def test_a_discount_is_spread_by_largest_remainder_ties_by_line_id():
    found = priced(
        cart(line("b", 1), line("c", 1), line("a", 1)), no_discount(), held(1, off("X", "1"))
    )
    assert found.coupons[0].spread == {"a": 34, "b": 33, "c": 33}
    assert [one.net_minor for one in found.lines] == [67, 67, 66]


def test_free_shipping_takes_off_what_is_left_of_shipping():
    free = held(1, template("SHIP", kind="FREE_SHIPPING", threshold="50"))
    found = priced(cart(line("a", 50), shipping="8.50"), no_discount(), free)
    assert found.payable_minor == 5_000
    assert found.coupons[0].shipping_minor == found.shipping_discount_minor == 850
    assert found.coupons[0].spread == {"a": 0}


def test_an_exchange_sells_one_piece_for_its_price():
    one_yuan = template(
        "SOCKS",
        kind="EXCHANGE",
        exchange={"sku": "socks", "price": "1"},
        threshold="200",
        scope={"exclude": {"sku": ("socks",)}},
    )
    asked = cart(line("a", 200), line("s", "60", sku="socks", quantity=3))
    found = priced(asked, no_discount(), held(1, one_yuan))
    assert found.coupons[0].spread == {"s": 1_900}
    assert found.payable_minor == 24_100


def test_two_exchanges_sell_two_pieces():
    face = template("SOCKS", kind="EXCHANGE", per_order=3, exchange={"sku": "socks", "price": "1"})
    asked = cart(line("s", 100, sku="socks", quantity=2))
    found = priced(asked, no_discount(), held(1, face), held(2, face), held(3, face))
    assert [one.amount_minor for one in found.coupons] == [4_900, 4_900]
    assert found.payable_minor == 200
    assert found.refused[0].reason == "NOT_IN_CART"


def test_an_exchange_takes_the_dearest_piece():
    face = template("SOCKS", kind="EXCHANGE", exchange={"sku": "socks", "price": "1"})
    asked = cart(line("a", 30, sku="socks", quantity=2), line("b", 20, sku="socks"), line("c", 90))
    found = priced(asked, no_discount(), held(1, face))
    assert found.coupons[0].spread == {"b": 1_900}


def test_a_gift_takes_nothing_off_and_says_what_it_gives():
    face = template("MUG", kind="GIFT", gift={"sku": "mug", "quantity": 2, "value": "15"})
    found = priced(cart(line("a", 100)), no_discount(), held(1, face))
    assert found.payable_minor == 10_000
    assert found.coupons[0].gives == {"sku": "mug", "quantity": 2, "value_minor": 1_500}
    assert found.coupons[0].spread == {"a": 0}


def test_cashback_gives_points_of_what_is_left_and_takes_nothing_off():
    """5 % of ¥200 less ¥10 at 80 points a yuan: 760 points."""
    back = template("BACK", kind="CASHBACK", priority=200, cashback={"percent": "5"})
    found = priced(cart(line("a", 200)), no_discount(), held(1, back), held(2, off("TEN", 10)))
    assert found.payable_minor == 19_000
    assert [one.gives for one in found.coupons] == [{}, {"points": 760}]


def test_cashback_is_capped():
    back = template("BACK", kind="CASHBACK", cashback={"percent": "5", "points_max": 500})
    found = priced(cart(line("a", 200)), no_discount(), held(1, back))
    assert found.coupons[0].gives == {"points": 500}


def test_points_pay_half_of_the_eligible_lines_and_no_shipping():
    found = priced(
        cart(line("a", 99), line("b", 50, eligible=False), shipping=20),
        no_discount(available_points=1_000_000),
        points_max=True,
    )
    assert found.points_minor == 4_950
    assert found.points == 3_960
    assert found.payable_minor == 4_950 + 5_000 + 2_000


def test_points_are_taken_up_and_their_money_down():
    """99 points at 80 a yuan are ¥1.2375, so ¥1.23, which 98.4 points pay."""
    found = priced(cart(line("a", 100)), no_discount(available_points=99), points_max=True)
    assert (found.points, found.points_minor) == (99, 123)


def test_a_point_less_is_taken_where_the_money_needs_no_more():
    """101 points at 250 a yuan are 40 fen (40.4), which 100 points pay."""
    who = no_discount(available_points=500)
    who = replace(who, tier=who.tier.model_copy(update={"points_per_yuan": 250}))
    found = priced(cart(line("a", 100)), who, points=101)
    assert (found.points, found.points_minor) == (100, 40)


def test_the_balance_pays_what_is_left_shipping_too():
    who = no_discount(available_points=800, available_credit_minor=100_000)
    asked = cart(line("a", 100), shipping=10)
    found = priced(asked, who, points=800, credit_max=True)
    assert (found.points_minor, found.credit_minor, found.payable_minor) == (1_000, 10_000, 0)
    assert found.lines[0].credit_minor == 9_000
    assert found.shipping_credit_minor == 1_000


def test_the_balance_pays_no_more_than_was_asked_for():
    who = no_discount(available_credit_minor=100_000)
    found = priced(cart(line("a", 90), shipping=10), who, credit_minor=1_001)
    assert (found.credit_minor, found.payable_minor) == (1_001, 8_999)
    assert (found.lines[0].credit_minor, found.shipping_credit_minor) == (901, 100)


def test_no_amount_has_a_rounding_error_of_floats():
    """A shop once showed 268.28000000000003 points, and refused a coupon at −1e-14."""
    asked = cart(line("a", "134.14"), line("b", "134.14"))
    found = priced(asked, no_discount(), held(1, off("ALL", "268.28", threshold="268.28")))
    assert found.payable_minor == 0
    assert ids(found) == [1]
    assert type(found.payable_minor) is int
