"""What is priced, and what is a price made of? Amounts are minor units of the cart's currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from domain.programme.model import CouponTemplate, Tier

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """`amount_minor` is the whole line's price before any discount of ours."""

    line_id: str
    sku: str
    amount_minor: int
    quantity: int = 1
    category: str | None = None
    brand: str | None = None
    eligible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    lines: tuple[CartLine, ...]
    shipping_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCoupon:
    """A coupon in the member's wallet, as good or bad as it is now; `template` as it was issued.

    `is_usable`: neither reserved elsewhere, used, expired nor revoked. `state` says which.
    """

    id: UUID
    template: CouponTemplate
    state: str
    is_usable: bool
    expires_at: datetime | None
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys: their tier, what they could pay with, and the programme's day for discount days."""

    tier: Tier
    day: date
    now: datetime
    available_points: int = 0
    available_credit_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the member would like to pay.

    `coupon_ids` None: whatever is best; else just these, all of them. `points`: at most so many,
    `points_max`: as many as are allowed and there. The same with `credit_minor`.
    """

    coupon_ids: tuple[UUID, ...] | None = None
    points: int = 0
    points_max: bool = False
    credit_minor: int = 0
    credit_max: bool = False


DiscountKind = Literal["tier", "coupon", "points", "credit"]


@dataclass(frozen=True, slots=True)
class Discount:
    """What one cause takes off a line. `reference`: the tier's code or the coupon's id."""

    kind: DiscountKind
    reference: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """`net_minor`: after tier and coupons; what an order and its refunds are reckoned in.

    `payable_minor` = `net_minor` less what points and credit pay of it.
    """

    line: CartLine
    discounts: tuple[Discount, ...]
    net_minor: int
    points_minor: int
    credit_minor: int

    @property
    def payable_minor(self) -> int:
        return self.net_minor - self.points_minor - self.credit_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedCoupon:
    """A coupon in the price. `spread`: by line id what it takes off the lines that it concerns.

    All of these stand in it, with 0 where nothing is taken off (GIFT, FREE_SHIPPING, CASHBACK).
    `amount_minor` = sum of `spread` + `shipping_minor`; the latter is what a FREE_SHIPPING one
    takes off shipping.
    `gives`: of a GIFT `sku`, `quantity` and `value_minor` (of one), of a CASHBACK `points`.
    """

    coupon_id: UUID
    template: str
    kind: str
    amount_minor: int
    spread: Mapping[str, int]
    shipping_minor: int = 0
    gives: Facts = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class RefusedCoupon:
    """Why a coupon isn't in the price, as a stable code with its facts."""

    coupon_id: UUID
    reason: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCart:
    """The best legal price. `points` are spent for `points_minor`; the parts sum to the total:

    amounts of the lines + shipping = discounts + `points_minor` + `credit_minor` + `payable_minor`.
    `shipping_discount_minor` is the sum of `shipping_discounts`. `takes_tier`: false where a coupon
    that stands with nothing else replaces the tier's discount. `is_best`: false where the search
    was cut short, so that a better combination may exist. `digest`: sha-256 (hex) of everything
    that is to be paid and why, equal for equal prices.
    """

    lines: tuple[PricedLine, ...]
    shipping_minor: int
    shipping_discount_minor: int
    shipping_discounts: tuple[Discount, ...]
    shipping_credit_minor: int
    coupons: tuple[AppliedCoupon, ...]
    refused: tuple[RefusedCoupon, ...]
    takes_tier: bool
    points: int
    points_minor: int
    credit_minor: int
    payable_minor: int
    is_best: bool
    digest: str
