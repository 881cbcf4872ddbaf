"""What do tests price? Carts, coupons and buyers with a few words each."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.pricing.model import Buyer, Cart, CartLine, HeldCoupon, PricedCart, Wish
from domain.pricing.rules import price
from domain.programme.model import CouponTemplate, Programme, Text
from tests.support.world import NOW, programme

DAY = date(2026, 3, 2)


def line(line_id: str, yuan: str | int, **more: Any) -> CartLine:
    """One of that many yuan; its sku is that of its id unless said otherwise."""
    return CartLine(
        **{"line_id": line_id, "sku": f"sku-{line_id}", "amount_minor": fen(yuan)} | more
    )


def cart(*lines: CartLine, shipping: str | int = 0) -> Cart:
    return Cart(lines=lines, shipping_minor=fen(shipping))


def fen(yuan: str | int) -> int:
    return int(Decimal(yuan) * 100)


def template(code: str = "TEN", **more: Any) -> CouponTemplate:
    """As the programme's document writes it; AMOUNT_OFF where no kind is given."""
    written = {"code": code, "name": Text(zh_cn="券", en="Coupon"), **more}
    return CouponTemplate.model_validate(written)


def off(code: str, yuan: str | int, **more: Any) -> CouponTemplate:
    return template(code, amount_off=str(yuan), **more)


def percent(code: str, rate: str | int, **more: Any) -> CouponTemplate:
    return template(code, kind="PERCENT_OFF", percent_off=str(rate), **more)


def held(number: int, face: CouponTemplate, **more: Any) -> HeldCoupon:
    """The coupon of that number, usable for thirty days unless said otherwise."""
    usual = {"state": "ISSUED", "is_usable": True, "expires_at": NOW + timedelta(days=30)}
    return HeldCoupon(**{"id": UUID(int=number), "template": face, **usual, **more})


def buyer(tier: str = "NORMAL", *, now: datetime = NOW, **more: Any) -> Buyer:
    """Of a tier of the default ladder."""
    return Buyer(**{"tier": programme().tiers.tier(tier), "day": DAY, "now": now, **more})


def no_discount(**more: Any) -> Buyer:
    """One whose tier takes nothing off; 80 points a yuan."""
    plain = programme().tiers.tier("NORMAL").model_copy(update={"discount_percent": Decimal(0)})
    return Buyer(**{"tier": plain, "day": DAY, "now": NOW, **more})


def priced(
    asked: Cart, who: Buyer, *coupons: HeldCoupon, under: Programme | None = None, **wish: Any
) -> PricedCart:
    return price(asked, who, coupons, under or programme(), Wish(**wish))


def ids(found: PricedCart) -> list[int]:
    """The numbers of the coupons in the price."""
    return [one.coupon_id.int for one in found.coupons]


def reasons(found: PricedCart) -> dict[int, str]:
    return {one.coupon_id.int: one.reason for one in found.refused}


def facts(found: PricedCart, number: int) -> dict[str, Any]:
    return dict(next(one.facts for one in found.refused if one.coupon_id.int == number))
