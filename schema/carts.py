"""How does a cart look, on the way to a price and with it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from domain.checkouts.model import LINES_MAX
from domain.pricing import model
from domain.pricing.words import reason_text
from kit.ids import global_id
from kit.money import format_money
from schema.limits.catalogue import cap
from schema.scalars import Json, Points

_DISCOUNTS_MAX = 11
_COUPONS_MAX = 10
_REFUSED_MAX = 100


@strawberry.input(description="`amountMinor` is the whole line's price before any discount.")
class CartLineInput:
    line_id: str = strawberry.field(description="The shop's own, the same in its order.")
    sku: str
    amount_minor: Points
    quantity: int = 1
    category: str | None = strawberry.UNSET
    brand: str | None = strawberry.UNSET
    eligible: bool = strawberry.field(
        default=True, description="False: no discount, coupon or points for it, such as gift cards."
    )

    def line(self) -> model.CartLine:
        return model.CartLine(
            line_id=self.line_id,
            sku=self.sku,
            amount_minor=self.amount_minor,
            quantity=self.quantity,
            category=self.category or None,
            brand=self.brand or None,
            eligible=self.eligible,
        )


@strawberry.input(description="At most 100 lines, in minor units of the programme's currency.")
class CartInput:
    lines: list[CartLineInput]
    shipping_minor: Points = 0
    currency: str | None = strawberry.field(
        default=strawberry.UNSET, description="Refused where it isn't the programme's."
    )

    def cart(self) -> model.Cart:
        lines = tuple(line.line() for line in self.lines)
        return model.Cart(lines=lines, shipping_minor=self.shipping_minor)


@strawberry.type
class LineDiscount:
    kind: str = strawberry.field(description="tier or coupon.")
    reference: str = strawberry.field(description="The tier's code, or the coupon's id.")
    amount_minor: Points


@strawberry.type
class PricedLine:
    line_id: str
    amount_minor: Points = strawberry.field(description="Before any discount.")
    discounts: list[LineDiscount] = strawberry.field(metadata=cap(_DISCOUNTS_MAX))
    net_minor: Points = strawberry.field(description="After discounts: what refunds go by.")
    points_minor: Points = strawberry.field(description="What points pay of it.")
    credit_minor: Points = strawberry.field(description="What credit pays of it.")
    payable_minor: Points


@strawberry.type
class AppliedCoupon:
    id: strawberry.ID
    template: str
    kind: str
    amount_minor: Points = strawberry.field(description="Off lines and shipping together.")
    shipping_minor: Points
    gives: Json = strawberry.field(
        description="Of a GIFT sku, quantity and valueMinor (of one), of a CASHBACK points."
    )


@strawberry.type
class RefusedCoupon:
    id: strawberry.ID
    reason: str = strawberry.field(description="Stable; docs/guides/pricing.md has each.")
    message: str = strawberry.field(description="In the viewer's language.")
    facts: Json

    @classmethod
    def of(
        cls, member_id: UUID, one: model.RefusedCoupon, currency: str, locale: str
    ) -> "RefusedCoupon":
        return cls(
            id=coupon_id(member_id, one.coupon_id),
            reason=one.reason,
            message=reason_text(one.reason, one.facts, currency, locale),
            facts=_as_json(one.facts),
        )


@strawberry.type(description="The parts sum to the whole; no line is below zero.")
class CartPrice:
    digest: str = strawberry.field(description="Of what is to be paid and why; equal for equal.")
    currency: str
    lines: list[PricedLine] = strawberry.field(metadata=cap(LINES_MAX))
    shipping_minor: Points
    shipping_discount_minor: Points
    shipping_credit_minor: Points
    coupons: list[AppliedCoupon] = strawberry.field(metadata=cap(_COUPONS_MAX))
    refused_coupons: list[RefusedCoupon] = strawberry.field(
        metadata=cap(_REFUSED_MAX), description="Why others are not in it; a hundred at most."
    )
    takes_tier_discount: bool
    points: Points = strawberry.field(description="Spent for `pointsMinor`.")
    points_minor: Points
    credit_minor: Points
    payable_minor: Points
    payable: str = strawberry.field(description="As a reader writes it.")
    is_best: bool = strawberry.field(
        description="False where there were too many combinations to try them all."
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """A price, whose it is, and for whom it is told."""

    price: model.PricedCart
    member_id: UUID
    currency: str
    locale: str

    def shown(self) -> CartPrice:
        price = self.price
        return CartPrice(
            digest=price.digest,
            currency=self.currency,
            lines=[self._line(line) for line in price.lines],
            shipping_minor=price.shipping_minor,
            shipping_discount_minor=price.shipping_discount_minor,
            shipping_credit_minor=price.shipping_credit_minor,
            coupons=[self._applied(one) for one in price.coupons],
            refused_coupons=[
                RefusedCoupon.of(self.member_id, one, self.currency, self.locale)
                for one in price.refused[:_REFUSED_MAX]
            ],
            takes_tier_discount=price.takes_tier,
            points=price.points,
            points_minor=price.points_minor,
            credit_minor=price.credit_minor,
            payable_minor=price.payable_minor,
            payable=format_money(price.payable_minor, self.currency, self.locale),
            is_best=price.is_best,
        )

    def _line(self, line: model.PricedLine) -> PricedLine:
        return PricedLine(
            line_id=line.line.line_id,
            amount_minor=line.line.amount_minor,
            discounts=[self._discount(one) for one in line.discounts],
            net_minor=line.net_minor,
            points_minor=line.points_minor,
            credit_minor=line.credit_minor,
            payable_minor=line.payable_minor,
        )

    def _discount(self, one: model.Discount) -> LineDiscount:
        reference = one.reference
        if one.kind == "coupon":
            reference = coupon_id(self.member_id, UUID(reference))
        return LineDiscount(kind=one.kind, reference=reference, amount_minor=one.amount_minor)

    def _applied(self, one: model.AppliedCoupon) -> AppliedCoupon:
        return AppliedCoupon(
            id=coupon_id(self.member_id, one.coupon_id),
            template=one.template,
            kind=one.kind,
            amount_minor=one.amount_minor,
            shipping_minor=one.shipping_minor,
            gives=_as_json(one.gives),
        )


def coupon_id(member_id: UUID, coupon: UUID) -> strawberry.ID:
    return strawberry.ID(global_id("Coupon", member_id, coupon))


def _as_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {_in_camel_case(name): _plain(fact) for name, fact in facts.items()}


def _plain(fact: object) -> object:
    return fact.isoformat() if isinstance(fact, datetime) else fact


def _in_camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
