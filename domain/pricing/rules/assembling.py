"""What does a cart cost line by line, once it is known which coupons are taken off?"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.pricing.model import (
    AppliedCoupon,
    Buyer,
    Cart,
    Discount,
    PricedCart,
    PricedLine,
    RefusedCoupon,
    Wish,
)
from domain.pricing.rules.choosing import Chosen
from domain.pricing.rules.offering import Offer
from domain.pricing.rules.paying import credit
from domain.pricing.rules.taking import Left, Taken, take
from domain.pricing.rules.worlds import World
from kit.money import spread


def assemble(
    cart: Cart, buyer: Buyer, wish: Wish, chosen: Chosen, refused: tuple[RefusedCoupon, ...]
) -> PricedCart:
    """The lines come back in the cart's order."""
    world = chosen.world
    coupons, left = _applied(world, chosen.offers)
    eligible = [
        amount if line.eligible else 0
        for line, amount in zip(world.lines, left.amounts, strict=True)
    ]
    points_minor = world.payer.offset(sum(eligible))
    by_points = spread(points_minor, eligible)
    open_minor = [amount - paid for amount, paid in zip(left.amounts, by_points, strict=True)]
    credit_minor = credit(buyer, wish, sum(open_minor) + left.shipping_minor)
    *by_credit, shipping_credit_minor = spread(credit_minor, [*open_minor, left.shipping_minor])
    lines = {
        line.line_id: PricedLine(
            line=line,
            discounts=_discounts(world, place, buyer, coupons),
            net_minor=left.amounts[place],
            points_minor=by_points[place],
            credit_minor=by_credit[place],
        )
        for place, line in enumerate(world.lines)
    }
    priced = PricedCart(
        lines=tuple(lines[line.line_id] for line in cart.lines),
        shipping_minor=world.shipping_minor,
        shipping_discount_minor=world.shipping_minor - left.shipping_minor,
        shipping_discounts=_shipping_discounts(world, buyer, coupons),
        shipping_credit_minor=shipping_credit_minor,
        coupons=coupons,
        refused=refused,
        takes_tier=world.takes_tier,
        points=world.payer.points(points_minor),
        points_minor=points_minor,
        credit_minor=credit_minor,
        payable_minor=sum(open_minor) + left.shipping_minor - credit_minor,
        is_best=chosen.is_exact,
        digest="",
    )
    return replace(priced, digest=digest(priced))


def digest(priced: PricedCart) -> str:
    """sha-256 (hex) of what is to be paid and why; not of what was refused, nor of any order."""
    content = {
        "lines": [_line(line) for line in sorted(priced.lines, key=lambda one: one.line.line_id)],
        "shipping": [
            priced.shipping_minor,
            [_discount(one) for one in priced.shipping_discounts],
            priced.shipping_credit_minor,
        ],
        "coupons": [[str(one.coupon_id), one.template, one.gives] for one in priced.coupons],
        "takes_tier": priced.takes_tier,
        "points": [priced.points, priced.points_minor],
        "credit": priced.credit_minor,
        "payable": priced.payable_minor,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _applied(world: World, offers: Sequence[Offer]) -> tuple[tuple[AppliedCoupon, ...], Left]:
    left = world.left
    applied: list[AppliedCoupon] = []
    for offer in offers:
        taken = take(offer.terms, left)
        assert isinstance(taken, Taken)
        places = sorted({*offer.terms.scope, *_touched(left, taken.left)})
        if offer.template.kind == "EXCHANGE":
            places = _touched(left, taken.left)
        applied.append(
            AppliedCoupon(
                coupon_id=offer.coupon.id,
                template=offer.template.code,
                kind=offer.template.kind,
                amount_minor=taken.off_minor + taken.shipping_minor,
                spread={
                    world.lines[place].line_id: left.amounts[place] - taken.left.amounts[place]
                    for place in places
                },
                shipping_minor=taken.shipping_minor,
                gives=_gives(offer, taken),
            )
        )
        left = taken.left
    return tuple(applied), left


def _touched(before: Left, after: Left) -> list[int]:
    pairs = zip(before.amounts, after.amounts, strict=True)
    return [place for place, (was, now) in enumerate(pairs) if was != now]


def _gives(offer: Offer, taken: Taken) -> dict[str, Any]:
    gift = offer.template.gift
    if offer.template.kind == "GIFT" and gift is not None:
        return {"sku": gift.sku, "quantity": gift.quantity, "value_minor": gift.value_minor}
    return {"points": taken.points} if taken.points else {}


def _discounts(
    world: World, place: int, buyer: Buyer, coupons: Sequence[AppliedCoupon]
) -> tuple[Discount, ...]:
    line_id = world.lines[place].line_id
    found = [Discount("tier", buyer.tier.code, world.tier_off[place])]
    found += [Discount("coupon", str(one.coupon_id), one.spread.get(line_id, 0)) for one in coupons]
    return tuple(discount for discount in found if discount.amount_minor)


def _shipping_discounts(
    world: World, buyer: Buyer, coupons: Sequence[AppliedCoupon]
) -> tuple[Discount, ...]:
    found = [Discount("tier", buyer.tier.code, world.tier_shipping_minor)]
    found += [Discount("coupon", str(one.coupon_id), one.shipping_minor) for one in coupons]
    return tuple(discount for discount in found if discount.amount_minor)


def _line(priced: PricedLine) -> list[Any]:
    line = priced.line
    return [
        *(line.line_id, line.sku, line.quantity, line.amount_minor, line.eligible),
        [_discount(one) for one in priced.discounts],
        *(priced.net_minor, priced.points_minor, priced.credit_minor),
    ]


def _discount(discount: Discount) -> list[Any]:
    return [discount.kind, discount.reference, discount.amount_minor]
