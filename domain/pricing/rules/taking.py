"""What does one coupon take off what the coupons before it left?

Everything is a whole number, and lines are places in the order of their ids, so that splitting
breaks ties by line id.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from domain.pricing.model import CartLine
from domain.pricing.rules.paying import Payer
from domain.pricing.rules.scoping import RATE_SCALE, rate_of, scope_lines
from domain.programme.model import CouponTemplate
from kit.money import spread


class Terms(NamedTuple):
    """What a template says about the lines of one cart.

    `scope`: the places of the lines that it concerns. `rate` of RATE_SCALE. `pieces`: the places,
    and how many pieces each has, of what an EXCHANGE coupon sells for `amount_minor`; for the
    others that is what an AMOUNT_OFF one takes off. `most`: the cap of a PERCENT_OFF in minor
    units, of a CASHBACK in points. `points` of a CASHBACK, else those for `rate` at
    `points_per_yuan` for `yuan_minor`.
    """

    kind: str
    scope: tuple[int, ...]
    threshold_minor: int
    amount_minor: int = 0
    rate: int = 0
    most: int | None = None
    pieces: tuple[tuple[int, int], ...] = ()
    gift_minor: int | None = None
    points: int = 0
    points_per_yuan: int = 1
    yuan_minor: int = 1


class Left(NamedTuple):
    """What is left to pay. `exchanged`: by place, how many pieces are sold and for how much."""

    amounts: list[int]
    shipping_minor: int
    exchanged: Mapping[int, tuple[int, int]]


class Taken(NamedTuple):
    """`off_minor` off the lines. `value_minor`: what is given on top is worth, `points` of it."""

    left: Left
    off_minor: int
    shipping_minor: int = 0
    value_minor: int = 0
    points: int = 0


class Missed(NamedTuple):
    reason: str
    facts: Mapping[str, Any]


def terms_of(template: CouponTemplate, lines: tuple[CartLine, ...], payer: Payer) -> Terms:
    scope = scope_lines(template.scope, lines)
    plain = Terms(template.kind, scope, template.threshold_minor)
    if template.exchange is not None and template.kind == "EXCHANGE":
        pieces = tuple(
            (place, line.quantity)
            for place, line in enumerate(lines)
            if line.sku == template.exchange.sku
        )
        return plain._replace(pieces=pieces, amount_minor=template.exchange.price_minor)
    if template.gift is not None and template.kind == "GIFT":
        return plain._replace(gift_minor=template.gift.value_minor * template.gift.quantity)
    if template.cashback is not None and template.kind == "CASHBACK":
        back = template.cashback
        return plain._replace(
            rate=rate_of(back.percent) if back.percent is not None else 0,
            points=back.points or 0,
            most=back.points_max,
            points_per_yuan=payer.points_per_yuan,
            yuan_minor=payer.yuan_minor,
        )
    return plain._replace(
        amount_minor=template.amount_off_minor or 0,
        rate=rate_of(template.percent_off) if template.percent_off is not None else 0,
        most=template.amount_off_max_minor,
    )


def take(terms: Terms, left: Left) -> Taken | Missed:
    """What the coupon does to what is left, or why it can't be used."""
    if not terms.scope:
        return Missed("NOTHING_IN_SCOPE", {})
    amounts = left.amounts
    weights = [amounts[place] for place in terms.scope]
    amount = sum(weights)
    if amount < terms.threshold_minor:
        facts = {
            "threshold_minor": terms.threshold_minor,
            "amount_minor": amount,
            "missing_minor": terms.threshold_minor - amount,
        }
        return Missed("THRESHOLD_NOT_MET", facts)
    return _BY_KIND[terms.kind](terms, left, weights, amount)


def _amount_off(terms: Terms, left: Left, weights: list[int], amount: int) -> Taken | Missed:
    return _off(terms, left, weights, (min(terms.amount_minor, amount), amount))


def _percent_off(terms: Terms, left: Left, weights: list[int], amount: int) -> Taken | Missed:
    off = amount * terms.rate // RATE_SCALE
    if terms.most is not None and off > terms.most:
        off = terms.most
    return _off(terms, left, weights, (off, amount))


def _off(terms: Terms, left: Left, weights: list[int], off_of: tuple[int, int]) -> Taken | Missed:
    off, amount = off_of
    if not off:
        return Missed("NOTHING_OFF", {})
    amounts = left.amounts.copy()
    if len(weights) == 1:
        amounts[terms.scope[0]] -= off
    elif off == amount:
        for place in terms.scope:
            amounts[place] = 0
    else:
        for place, part in zip(terms.scope, spread(off, weights), strict=True):
            amounts[place] -= part
    return Taken(Left(amounts, left.shipping_minor, left.exchanged), off)


def _free_shipping(_: Terms, left: Left, __: list[int], ___: int) -> Taken | Missed:
    if not left.shipping_minor:
        return Missed("NO_SHIPPING", {})
    return Taken(Left(left.amounts, 0, left.exchanged), 0, shipping_minor=left.shipping_minor)


def _exchange(terms: Terms, left: Left, _: list[int], __: int) -> Taken | Missed:
    """One of the dearest pieces that aren't exchanged yet, ties by line id.

    Two pieces for ¥100 and a price of ¥1: the first exchange takes off ¥49, and what is left, ¥51
    less the ¥1 of the piece sold, is the price of the second.
    """
    best: tuple[int, int] | None = None
    for place, quantity in terms.pieces:
        sold, cost = left.exchanged.get(place, (0, 0))
        if sold < quantity:
            piece = max(0, left.amounts[place] - cost) // (quantity - sold)
            if best is None or piece > best[0]:
                best = piece, place
    if best is None:
        return Missed("NOT_IN_CART", {})
    piece, place = best
    off = piece - terms.amount_minor
    if off <= 0:
        return Missed("NOTHING_OFF", {})
    amounts = left.amounts.copy()
    amounts[place] -= off
    sold, cost = left.exchanged.get(place, (0, 0))
    exchanged = {**left.exchanged, place: (sold + 1, cost + terms.amount_minor)}
    return Taken(Left(amounts, left.shipping_minor, exchanged), off)


def _gift(terms: Terms, left: Left, _: list[int], amount: int) -> Taken | Missed:
    if terms.gift_minor is None or not amount:
        return Missed("NOTHING_OFF", {})
    return Taken(left, 0, value_minor=terms.gift_minor)


def _cashback(terms: Terms, left: Left, _: list[int], amount: int) -> Taken | Missed:
    points = terms.points
    if terms.rate:
        points = amount * terms.rate * terms.points_per_yuan // (RATE_SCALE * terms.yuan_minor)
    if terms.most is not None:
        points = min(points, terms.most)
    if not points or not amount:
        return Missed("NOTHING_OFF", {})
    worth = points * terms.yuan_minor // terms.points_per_yuan
    return Taken(left, 0, value_minor=worth, points=points)


_Taking = Callable[[Terms, Left, list[int], int], Taken | Missed]
_BY_KIND: dict[str, _Taking] = {
    "AMOUNT_OFF": _amount_off,
    "PERCENT_OFF": _percent_off,
    "FREE_SHIPPING": _free_shipping,
    "EXCHANGE": _exchange,
    "GIFT": _gift,
    "CASHBACK": _cashback,
}
