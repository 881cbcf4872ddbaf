"""Which carts does nobody think of? Small ones by chance, of every kind, the same for a seed."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from domain.pricing.model import Buyer, Cart, CartLine, HeldCoupon, Wish
from domain.programme.model import (
    Benefits,
    Checkout,
    CouponTemplate,
    DiscountDay,
    FreeShipping,
    Programme,
    Tier,
)
from tests.support.carts import DAY, held, template
from tests.support.world import NOW, programme

_SKUS = ("A", "B", "C", "D")
_CATEGORIES = ("x", "y", None)
_AMOUNTS = (0, 1, 3, 7, 99, 100, 333, 1_000, 4_999, 9_990, 30_000)
_STACKINGS = ("stackable",) * 6 + ("exclusive_coupons", "exclusive_all")
_KINDS = (
    *("AMOUNT_OFF", "AMOUNT_OFF", "PERCENT_OFF", "PERCENT_OFF"),
    *("GIFT", "FREE_SHIPPING", "EXCHANGE", "CASHBACK"),
)


@dataclass(frozen=True, eq=False)
class Case:
    cart: Cart
    buyer: Buyer
    coupons: tuple[HeldCoupon, ...]
    programme: Programme
    wish: Wish


def case(seed: int, *, lines: int = 4, coupons: int = 5) -> Case:
    """At most so many lines and coupons."""
    chance = Random(seed)  # noqa: S311  the same for a seed
    faces = [_face(chance, number) for number in range(chance.randint(1, coupons))]
    return Case(
        cart=Cart(
            lines=tuple(_line(chance, number) for number in range(chance.randint(1, lines))),
            shipping_minor=chance.choice((0, 0, 5, 1_000)),
        ),
        buyer=Buyer(
            tier=_tier(chance),
            day=DAY,
            now=NOW,
            available_points=chance.choice((0, 1, 79, 3_000, 100_000)),
            available_credit_minor=chance.choice((0, 1, 500)),
        ),
        coupons=tuple(
            held(number, chance.choice(faces), **_life(chance))
            for number in range(1, chance.randint(1, coupons) + 1)
        ),
        programme=_programme(chance),
        wish=Wish(points_max=chance.random() < 0.5, credit_max=chance.random() < 0.5),
    )


def _line(chance: Random, number: int) -> CartLine:
    return CartLine(
        line_id=f"l{number}",
        sku=chance.choice(_SKUS),
        amount_minor=chance.choice(_AMOUNTS),
        quantity=chance.choice((1, 1, 2, 3)),
        category=chance.choice(_CATEGORIES),
        eligible=chance.random() < 0.8,
    )


def _tier(chance: Random) -> Tier:
    benefits = Benefits()
    if chance.random() < 0.3:
        day = DiscountDay(
            discount_percent=Decimal("33.3"), category=("x",), weekdays=(DAY.isoweekday(),)
        )
        benefits = Benefits(discount_days=(day,))
    if chance.random() < 0.1:
        free = FreeShipping.model_validate({"order_min": "50"})
        benefits = benefits.model_copy(update={"shipping": free})
    changes = {
        "discount_percent": Decimal(chance.choice(("0", "5", "12.5", "17.5"))),
        "points_per_yuan": chance.choice((80, 78, 100, 33, 1, 250)),
        "benefits": benefits,
    }
    return programme().tiers.tier("GOLD").model_copy(update=changes)


def _programme(chance: Random) -> Programme:
    checkout = Checkout(
        offset_max_percent=Decimal(chance.choice(("0", "33.3", "50", "100"))),
        coupons_max=chance.choice((1, 2, 3, 5)),
    )
    return programme().model_copy(update={"checkout": checkout})


def _face(chance: Random, number: int) -> CouponTemplate:
    kind = chance.choice(_KINDS)
    return template(
        f"C{chance.choice((number, number, 0))}",
        kind=kind,
        threshold=_yuan(chance.choice((0, 0, 0, 1, 100, 1_000, 9_000))),
        stacking=chance.choice(_STACKINGS),
        priority=chance.choice((100, 100, 1, 2)),
        per_order=chance.choice((1, 1, 2)),
        scope={"include": _picks(chance, 0.5), "exclude": _picks(chance, 0.15)},
        **_worth(chance, kind),
    )


def _worth(chance: Random, kind: str) -> dict[str, Any]:
    by_percent = {"percent": "5", "points_max": chance.choice((None, 50))}
    worth: dict[str, dict[str, Any]] = {
        "AMOUNT_OFF": {"amount_off": _yuan(chance.choice((1, 10, 500, 1_000, 1_001, 50_000)))},
        "PERCENT_OFF": {
            "percent_off": chance.choice(("1", "10", "33.333", "100")),
            "amount_off_max": chance.choice((None, None, "0.50", "10")),
        },
        "GIFT": {"gift": {"sku": "G", "quantity": 2, "value": chance.choice(("0", "3"))}},
        "EXCHANGE": {"exchange": {"sku": chance.choice(_SKUS), "price": chance.choice(("0", "1"))}},
        "CASHBACK": {"cashback": chance.choice(({"points": 100}, by_percent))},
    }
    return worth.get(kind, {})


def _picks(chance: Random, likely: float) -> dict[str, Any]:
    if chance.random() > likely:
        return {}
    if chance.random() < 0.5:
        return {"sku": tuple(chance.sample(_SKUS, 2))}
    return {"category": ("x",)}


def _life(chance: Random) -> dict[str, Any]:
    until = NOW + timedelta(days=chance.choice((1, 2, 3)))
    life: dict[str, Any] = {"expires_at": chance.choice((None, until, until))}
    return life | chance.choice(
        ({},) * 12
        + (
            {"state": "RESERVED", "is_usable": False},
            {"starts_at": NOW + timedelta(hours=1)},
            {"expires_at": NOW},
        )
    )


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
