"""How does a test buy through a checkout, and tell of the order as a shop does?"""

from typing import Any

from domain.checkouts.model import Checkout
from domain.intake.model import Fact
from domain.members.model import Member
from kit.ids import global_id
from tests.support.shop import paid
from tests.support.world import NOW


def order_of(
    member: Member, checkout: Checkout, order_id: str = "o1", *, at=NOW, **data: Any
) -> Fact:
    """The order as the shop tells of it: its lines with what the checkout's price took off."""
    price = checkout.price
    lines: list[dict[str, Any]] = [
        {
            "lineId": priced["line"]["line_id"],
            "sku": priced["line"]["sku"],
            "quantity": priced["line"]["quantity"],
            "amountMinor": priced["line"]["amount_minor"],
            "discountMinor": priced["line"]["amount_minor"] - priced["net_minor"],
            "eligible": priced["line"]["eligible"],
        }
        for priced in price["lines"]
    ]
    lines += [
        {
            "lineId": f"gift-{number}",
            "sku": applied["gives"]["sku"],
            "quantity": applied["gives"]["quantity"],
            "amountMinor": 0,
        }
        for number, applied in enumerate(price["coupons"])
        if applied["kind"] == "GIFT"
    ]
    facts = {
        "pointsPaidMinor": price["points_minor"],
        "shippingMinor": price["shipping_minor"] - price["shipping_discount_minor"],
        "checkoutId": global_id("Checkout", checkout.member_id, checkout.id),
        **data,
    }
    return paid(member, order_id, *lines, at=at, data=facts)
