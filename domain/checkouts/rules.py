"""May a checkout be opened, paid or bound so, and what was sold by one?"""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from unicodedata import category
from uuid import UUID

from pydantic import TypeAdapter

from domain.checkouts.errors import CheckoutBound, CheckoutClosed, CheckoutExpired
from domain.checkouts.model import (
    COUPONS_NAMED_MAX,
    LINES_MAX,
    MINUTES_MAX,
    WORD_LENGTH_MAX,
    Asked,
    Checkout,
    Order,
    Sale,
    SaleLine,
    State,
)
from domain.pricing.model import Cart, PricedCart, Wish
from kit.errors import InvalidInput
from kit.hashing import input_hash
from kit.keys import check_key
from kit.money import largest_remainder

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock of who was paid may be ahead of ours, or behind."""


@cache
def _of_carts() -> TypeAdapter[Cart]:
    return TypeAdapter(Cart)


@cache
def _of_prices() -> TypeAdapter[PricedCart]:
    return TypeAdapter(PricedCart)


def document_of(price: PricedCart) -> dict[str, Any]:
    """The price as JSON; what was refused is no part of what was agreed to."""
    return _of_prices().dump_python(replace(price, refused=()), mode="json")


def price_of(document: dict[str, Any]) -> PricedCart:
    return _of_prices().validate_python(document)


def cart_document(cart: Cart) -> dict[str, Any]:
    return _of_carts().dump_python(cart, mode="json")


def hash_of(asked: Asked) -> str:
    """Of all that a repeated request must ask for alike."""
    wish = asdict(asked.wish)
    wish["coupon_ids"] = asked.wish.coupon_ids and [str(one) for one in asked.wish.coupon_ids]
    return input_hash([asdict(asked.cart), wish, asked.digest, asked.minutes])


def check_asked(asked: Asked) -> None:
    """Refuses INVALID_INPUT."""
    check_wanted(asked.cart, asked.wish)
    check_key(asked.key)
    if asked.minutes is not None and not 1 <= asked.minutes <= MINUTES_MAX:
        raise InvalidInput(
            ["input", "minutes"], f"from 1 to {MINUTES_MAX}", f"应在 1 至 {MINUTES_MAX} 之间"
        )


def check_wanted(cart: Cart, wish: Wish) -> None:
    """Refuses INVALID_INPUT for more than anybody buys, and for a text that no order could carry.

    What else can't be is `pricing.rules.price`'s affair.
    """
    if len(cart.lines) > LINES_MAX:
        raise InvalidInput(["cart", "lines"], f"at most {LINES_MAX}", f"最多 {LINES_MAX} 行")
    if len(wish.coupon_ids or ()) > COUPONS_NAMED_MAX:
        most = COUPONS_NAMED_MAX
        raise InvalidInput(["coupons"], f"at most {most}", f"最多 {most} 张")
    for path, text in _words(cart):
        if not 1 <= len(text) <= WORD_LENGTH_MAX or any(map(_is_unseen, text)):
            raise InvalidInput(
                path,
                f"1 to {WORD_LENGTH_MAX} characters without control characters",
                f"应为 1 至 {WORD_LENGTH_MAX} 个字符，且不含控制字符",
            )


def _words(cart: Cart) -> Iterator[tuple[list[str], str]]:
    for number, line in enumerate(cart.lines):
        here = ["cart", "lines", str(number)]
        texts = {"lineId": line.line_id, "sku": line.sku}
        texts |= {"category": line.category or "-", "brand": line.brand or "-"}
        for name, text in texts.items():
            yield [*here, name], text


def _is_unseen(letter: str) -> bool:
    return category(letter) in {"Cc", "Cs"}


def check_paid_at(checkout: Checkout, paid_at: datetime, now: datetime) -> None:
    """Refuses INVALID_INPUT for an instant at which nothing can have been paid."""
    if paid_at > now + CLOCKS_DIFFER:
        raise InvalidInput(["paidAt"], "lies more than 5 minutes ahead", "晚于当前时间超过 5 分钟")
    if paid_at < checkout.opened_at - CLOCKS_DIFFER:
        raise InvalidInput(["paidAt"], "lies before it was opened", "早于结算开始时间")


def check_payable(checkout: Checkout, paid_at: datetime) -> None:
    """Refuses CHECKOUT_CLOSED for one that was cancelled, CHECKOUT_EXPIRED for a late payment.

    One that has lapsed is still paid where the payment is dated in time.
    """
    if checkout.state == State.CANCELLED:
        raise CheckoutClosed(checkout.state)
    if paid_at > checkout.lapses_at:
        raise CheckoutExpired(checkout.expires_at, paid_at)


def check_order(order: Order) -> None:
    """Refuses INVALID_INPUT."""
    for name, text in (("source", order.source), ("orderId", order.order_id)):
        if not 1 <= len(text) <= WORD_LENGTH_MAX or any(map(_is_unseen, text)):
            raise InvalidInput(
                ["order", name],
                f"1 to {WORD_LENGTH_MAX} characters without control characters",
                f"应为 1 至 {WORD_LENGTH_MAX} 个字符，且不含控制字符",
            )


def check_binding(checkout: Checkout, order: Order) -> None:
    """Refuses CHECKOUT_BOUND where it belongs to another order."""
    if checkout.order not in {None, order}:
        assert checkout.order_id is not None
        raise CheckoutBound(checkout.order_id)


def sale_of(checkout: Checkout, now: datetime) -> Sale:
    """What was sold by it, or would be.

    601 points that pay ¥5.01 of one line and ¥2.50 of another are 401 and 200 points.
    """
    price = price_of(checkout.price)
    spent = largest_remainder(
        price.points, [(line.line.line_id, line.points_minor) for line in price.lines]
    )
    return Sale(
        checkout_id=checkout.id,
        state=checkout.state_at(now),
        lines=tuple(
            SaleLine(
                line_id=line.line.line_id,
                net_minor=line.net_minor,
                points_minor=line.points_minor,
                points=spent[line.line.line_id],
                credit_minor=line.credit_minor,
                coupons={
                    one.coupon_id: one.spread[line.line.line_id]
                    for one in price.coupons
                    if line.line.line_id in one.spread
                },
            )
            for line in price.lines
        ),
        coupons=price.coupons,
        overused=frozenset(map(UUID, checkout.overused)),
        points=checkout.points,
        points_taken=checkout.points_taken,
        debt_points=checkout.debt_points,
        debited_by=checkout.debited_by,
        credit_minor=checkout.credit_minor,
        credit_taken_minor=checkout.credit_taken_minor,
        credit_debt_minor=checkout.credit_debt_minor,
        credit_debited_by=checkout.credit_debited_by,
        shipping_minor=price.shipping_minor - price.shipping_discount_minor,
        shipping_credit_minor=price.shipping_credit_minor,
        payable_minor=price.payable_minor,
        completed_at=checkout.resolved_at if checkout.state == State.COMPLETED else None,
        programme_version=checkout.programme_version,
        paid_by=checkout.paid_by,
    )
