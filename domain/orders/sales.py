"""What did a checkout put into an order, and what has come back of it?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SoldCoupon:
    """A coupon that an order was paid with: it comes back when refunds cover all its `lines`.

    `comes_back` False: it is forfeited instead. `state`: REDEEMED, RETURNED or FORFEITED.
    """

    id: UUID
    lines: tuple[str, ...]
    comes_back: bool
    state: str = "REDEEMED"


@dataclass(frozen=True, slots=True)
class SoldGift:
    """What a GIFT coupon added to an order, while its scope is worth the threshold.

    `amounts`: of each line of the scope, before the coupon. `charged_minor`: what refunds so far
    were lowered by, since it was kept though its threshold isn't met any more.
    """

    coupon_id: UUID
    sku: str
    quantity: int
    value_minor: int
    threshold_minor: int
    amounts: Mapping[str, int]
    charged_minor: int = 0


@dataclass(frozen=True, slots=True)
class Sale:
    """What a checkout put into an order, and what has come back of it.

    `shipping_credit_minor`: what the balance paid of shipping, which comes back with the last line.
    `cashback_lot_id`: the lot of its cashback, once that is granted.
    """

    checkout_id: UUID
    points: int
    shipping_credit_minor: int
    coupons: tuple[SoldCoupon, ...] = ()
    gifts: tuple[SoldGift, ...] = ()
    points_restored: int = 0
    credit_restored_minor: int = 0
    cashback_lot_id: UUID | None = None
    is_refunded: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Sale":
        """As it is stored with its purchase."""
        lot_id = document["cashback_lot_id"]
        coupons = [
            SoldCoupon(UUID(c["id"]), tuple(c["lines"]), c["comes_back"], c["state"])
            for c in document["coupons"]
        ]
        gifts = [
            replace(SoldGift(**gift), coupon_id=UUID(gift["coupon_id"]))
            for gift in document["gifts"]
        ]
        return cls(
            checkout_id=UUID(document["checkout_id"]),
            points=document["points"],
            shipping_credit_minor=document["shipping_credit_minor"],
            coupons=tuple(coupons),
            gifts=tuple(gifts),
            points_restored=document["points_restored"],
            credit_restored_minor=document["credit_restored_minor"],
            cashback_lot_id=None if lot_id is None else UUID(lot_id),
            is_refunded=document["is_refunded"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleStep:
    """What is to come back of a sale now, and the sale after it.

    `gift_charge_minor` lowers what the shop pays back; negative where a gift came back later.
    """

    points: int
    credit_minor: int
    returned: tuple[UUID, ...]
    forfeited: tuple[UUID, ...]
    gift_charge_minor: int
    sale: Sale
