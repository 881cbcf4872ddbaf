"""Is the best combination the best? Against a reference that tries every one, slowly and plainly.

The reference shares no code with the rules but the words and `kit.money.largest_remainder`.
"""

import json
import os
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import ceil, floor

from domain.pricing.model import PricedCart
from domain.pricing.rules import price
from kit.money import largest_remainder
from tests.support.random_carts import Case, case

CARTS = int(os.environ.get("PRICING_CARTS", "2000"))
"""Set it to try more of them by hand."""


def test_no_combination_is_better_than_the_one_found_on_two_thousand_carts_by_chance():
    for seed in range(CARTS):
        asked = case(seed)
        found = price(asked.cart, asked.buyer, asked.coupons, asked.programme, asked.wish)
        assert found.is_best
        assert (seed, said(asked, found)) == (seed, best(asked))


def said(asked: Case, found: PricedCart) -> tuple:
    """What the reference says, as the price says it."""
    value = sum(
        one.gives.get("value_minor", 0) * one.gives.get("quantity", 0)
        + floor(one.gives.get("points", 0) * 100 / Fraction(asked.buyer.tier.points_per_yuan))
        for one in found.coupons
    )
    nets = {line.line.line_id: line.net_minor for line in found.lines}
    return (
        found.payable_minor + found.credit_minor,
        found.points,
        -value,
        len(found.coupons),
        urgency(asked, {one.coupon_id for one in found.coupons}),
        nets,
    )


def best(asked: Case) -> tuple:
    usable = [
        coupon
        for coupon in asked.coupons
        if coupon.is_usable
        and (coupon.expires_at is None or coupon.expires_at > asked.buyer.now)
        and (coupon.starts_at is None or coupon.starts_at <= asked.buyer.now)
    ]
    most = asked.programme.checkout.coupons_max
    results = [
        result
        for count in range(min(most, len(usable)) + 1)
        for chosen in combinations(usable, count)
        if is_legal(chosen) and (result := outcome(asked, chosen)) is not None
    ]
    return min(results, key=lambda result: result[:5])


def is_legal(chosen) -> bool:
    if len(chosen) > 1 and any(coupon.template.stacking != "stackable" for coupon in chosen):
        return False
    codes = [coupon.template.code for coupon in chosen]
    return all(codes.count(one.template.code) <= one.template.per_order for one in chosen)


def outcome(asked: Case, chosen) -> tuple | None:
    """Payable before the balance, points, less the value given, coupons, who is first, nets."""
    alone = any(coupon.template.stacking == "exclusive_all" for coupon in chosen)
    left = {line.line_id: line.amount_minor for line in asked.cart.lines}
    shipping = asked.cart.shipping_minor
    if not alone:
        left, shipping = after_tier(asked)
    value, exchanged = 0, {}
    for coupon in sorted(chosen, key=lambda one: order_of(asked)[one.id]):
        taken = take(asked, coupon.template, left, shipping, exchanged)
        if taken is None:
            return None
        left, shipping, given = taken
        value += given
    eligible = sum(left[line.line_id] for line in asked.cart.lines if line.eligible)
    share = Fraction(asked.programme.checkout.offset_max_percent) / 100
    has_points = asked.wish.points_max and not alone
    per_minor = Fraction(asked.buyer.tier.points_per_yuan, 100)
    worth = floor(asked.buyer.available_points / per_minor) if has_points else 0
    offset = min(worth, floor(eligible * share))
    return (
        sum(left.values()) + shipping - offset,
        ceil(offset * per_minor),
        -value,
        len(chosen),
        urgency(asked, {coupon.id for coupon in chosen}),
        left,
    )


@lru_cache(maxsize=2)
def order_of(asked: Case) -> dict:
    """Versions of one code stand by the words of their terms."""
    terms = {
        coupon.id: json.dumps(coupon.template.model_dump(mode="json"), sort_keys=True)
        for coupon in asked.coupons
    }
    return {
        one.id: (one.template.priority, one.template.code, terms[one.id], one.id)
        for one in asked.coupons
    }


@lru_cache(maxsize=2)
def soonest(asked: Case) -> list:
    order = order_of(asked)
    return sorted(
        asked.coupons,
        key=lambda one: (one.expires_at is None, one.expires_at or 0, order[one.id]),
    )


def urgency(asked: Case, chosen) -> tuple:
    """The places of those not used, soonest first: using what expires sooner is better."""
    return tuple(coupon.id not in chosen for coupon in soonest(asked))


def after_tier(asked: Case) -> tuple[dict[str, int], int]:
    tier = asked.buyer.tier
    exact = {}
    for line in asked.cart.lines:
        rates = [tier.discount_percent] + [
            day.discount_percent
            for day in tier.benefits.discount_days
            if line.category in day.category
        ]
        rate = Fraction(max(rates)) / 100 if line.eligible else 0
        exact[line.line_id] = line.amount_minor * Fraction(rate)
    off = largest_remainder(floor(sum(exact.values())), list(exact.items()))
    left = {line.line_id: line.amount_minor - off[line.line_id] for line in asked.cart.lines}
    eligible = sum(left[line.line_id] for line in asked.cart.lines if line.eligible)
    free = tier.benefits.shipping
    is_free = free is not None and eligible >= free.order_min_minor
    return left, 0 if is_free else asked.cart.shipping_minor


def take(asked: Case, template, left, shipping, exchanged):
    scope = [line.line_id for line in asked.cart.lines if concerns(template, line)]
    amount = sum(left[key] for key in scope)
    if not scope or amount < template.threshold_minor:
        return None
    if template.kind == "FREE_SHIPPING":
        return (left, 0, 0) if shipping else None
    if template.kind == "EXCHANGE":
        found = exchange(asked, template, left, exchanged)
        return None if found is None else (found, shipping, 0)
    if template.kind in ("GIFT", "CASHBACK"):
        given = gives(asked, template, amount)
        return None if given is None else (left, shipping, given)
    return take_off(template, left, shipping, scope)


def take_off(template, left, shipping, scope):
    amount = sum(left[key] for key in scope)
    off = min(amount, template.amount_off_minor or amount)
    if template.kind == "PERCENT_OFF":
        off = floor(amount * Fraction(template.percent_off) / 100)
        off = min(off, template.amount_off_max_minor or off)
    if not off:
        return None
    parts = largest_remainder(off, [(key, left[key]) for key in scope])
    return {key: left[key] - parts.get(key, 0) for key in left}, shipping, 0


def gives(asked: Case, template, amount) -> int | None:
    if not amount:
        return None
    if template.kind == "GIFT":
        return template.gift.value_minor * template.gift.quantity
    per_minor = Fraction(asked.buyer.tier.points_per_yuan, 100)
    points = template.cashback.points
    if points is None:
        points = floor(amount * Fraction(template.cashback.percent) / 100 * per_minor)
        points = min(points, template.cashback.points_max or points)
    return floor(points / per_minor) if points else None


def exchange(asked: Case, template, left, exchanged):
    dearest = None
    for line in sorted(asked.cart.lines, key=lambda one: one.line_id):
        sold = exchanged.get(line.line_id, [])
        if line.sku != template.exchange.sku or len(sold) == line.quantity:
            continue
        piece = max(0, left[line.line_id] - sum(sold)) // (line.quantity - len(sold))
        if dearest is None or piece > dearest[0]:
            dearest = piece, line.line_id
    if dearest is None or dearest[0] <= template.exchange.price_minor:
        return None
    piece, key = dearest
    exchanged.setdefault(key, []).append(template.exchange.price_minor)
    return {**left, key: left[key] - piece + template.exchange.price_minor}


def concerns(template, line) -> bool:
    def picked(picks) -> bool:
        return line.sku in picks.sku or line.category in picks.category

    include, exclude = template.scope.include, template.scope.exclude
    if not line.eligible and line.sku not in include.sku:
        return False
    is_included = picked(include) or not (include.sku or include.category)
    return is_included and not picked(exclude)
