"""What holds of every price, whatever is in the cart and in the wallet?"""

import os
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.pricing.model import PricedCart
from domain.pricing.rules import price
from tests.support.random_carts import Case, case

CARTS = int(os.environ.get("PRICING_CARTS", "1000"))
"""The fuzz of RELIABILITY.md is 100,000: set it to run them by hand."""

cases = st.integers(min_value=0, max_value=2**32).map(lambda seed: case(seed, lines=6, coupons=7))
bounded = settings(max_examples=120, deadline=None)


def of(asked: Case, **wish) -> PricedCart:
    return price(
        asked.cart, asked.buyer, asked.coupons, asked.programme, replace(asked.wish, **wish)
    )


def check_sums(asked: Case, found: PricedCart) -> None:
    """No part is below zero, the discounts of a line are no more than it, parts sum to totals."""
    for line in found.lines:
        off = sum(one.amount_minor for one in line.discounts)
        assert all(one.amount_minor > 0 for one in line.discounts)
        assert line.net_minor == line.line.amount_minor - off >= 0
        assert min(line.points_minor, line.credit_minor, line.payable_minor) >= 0
    before = sum(line.amount_minor for line in asked.cart.lines) + asked.cart.shipping_minor
    on_lines = sum(one.amount_minor for line in found.lines for one in line.discounts)
    discounts = on_lines + found.shipping_discount_minor
    assert 0 <= discounts <= before
    paid = found.points_minor + found.credit_minor + found.payable_minor
    assert discounts + paid == before
    assert found.payable_minor >= 0
    by_coupons = sum(one.amount_minor for one in found.coupons)
    assert by_coupons == sum(
        one.amount_minor
        for of_one in (*(line.discounts for line in found.lines), found.shipping_discounts)
        for one in of_one
        if one.kind == "coupon"
    )
    shipping_left = found.shipping_minor - found.shipping_discount_minor
    lines_payable = sum(line.payable_minor for line in found.lines)
    assert lines_payable + shipping_left - found.shipping_credit_minor == found.payable_minor
    assert found.points <= asked.buyer.available_points
    assert found.credit_minor <= asked.buyer.available_credit_minor


def test_no_total_is_below_zero_and_no_discount_above_the_cart_on_carts_by_chance():
    for seed in range(CARTS):
        asked = case(seed, lines=8, coupons=7)
        check_sums(asked, of(asked))


@bounded
@given(asked=cases, points=st.integers(0, 100_000), credit=st.integers(0, 50_000))
def test_parts_sum_to_the_whole_whatever_points_and_balance_are_asked_for(asked, points, credit):
    points = min(points, asked.buyer.available_points)
    found = of(asked, points=points, points_max=False, credit_minor=credit, credit_max=False)
    check_sums(asked, found)
    assert found.points <= points
    assert found.credit_minor <= credit


@bounded
@given(asked=cases)
def test_points_taken_are_worth_what_they_pay_and_no_point_more_is_taken_than_that_needs(asked):
    found = of(asked)
    per_yuan = asked.buyer.tier.points_per_yuan
    assert found.points * 100 >= found.points_minor * per_yuan
    assert found.points == 0 or (found.points - 1) * 100 < found.points_minor * per_yuan


@bounded
@given(asked=cases, seed=st.integers(0, 1000))
def test_the_order_of_lines_and_coupons_changes_nothing(asked, seed):
    chance = Random(seed)  # noqa: S311  the same for a seed
    lines, coupons = list(asked.cart.lines), list(asked.coupons)
    chance.shuffle(lines)
    chance.shuffle(coupons)
    shuffled = replace(asked, cart=replace(asked.cart, lines=tuple(lines)), coupons=tuple(coupons))
    found, again = of(asked), of(shuffled)
    assert [line.line for line in again.lines] == lines
    assert _sorted(again) == _sorted(found)


@bounded
@given(asked=cases)
def test_a_coupon_more_never_makes_the_price_worse(asked):
    *rest, _ = asked.coupons
    assert _payable(of(asked)) <= _payable(of(replace(asked, coupons=tuple(rest))))


@bounded
@given(asked=cases)
def test_the_price_of_the_coupons_that_it_chose_is_the_same_price(asked):
    found = of(asked)
    chosen = tuple(one.coupon_id for one in found.coupons)
    named = of(asked, coupon_ids=chosen)
    held = tuple(one for one in asked.coupons if one.id in chosen)
    alone = of(replace(asked, coupons=held))
    assert found.digest == named.digest == alone.digest
    assert found.lines == named.lines == alone.lines


@bounded
@given(asked=cases)
def test_every_coupon_is_in_the_price_or_refused_with_a_reason(asked):
    found = of(asked)
    everything = [one.coupon_id for one in (*found.coupons, *found.refused)]
    assert sorted(everything) == sorted(one.id for one in asked.coupons)


@bounded
@given(asked=cases)
def test_no_amount_is_a_float(asked):
    found = of(asked)
    for line in found.lines:
        assert {type(line.net_minor), type(line.points_minor), type(line.credit_minor)} == {int}
        assert all(type(one.amount_minor) is int for one in line.discounts)
    assert {type(found.points), type(found.points_minor), type(found.payable_minor)} == {int}


def _payable(found: PricedCart) -> int:
    return found.payable_minor + found.credit_minor


def _sorted(found: PricedCart) -> PricedCart:
    return replace(found, lines=tuple(sorted(found.lines, key=lambda one: one.line.line_id)))
