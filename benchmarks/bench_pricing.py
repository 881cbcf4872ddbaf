"""A cart of 30 lines and 20 usable coupons priced, against trying every combination of them.

No servers: the price is a pure function. Carts and coupons are by chance, the same in every run: a
part of the coupons is for one category, some have thresholds, all kinds are among them. Both must
find the same payable amount. The ratio is that of the median times.
"""

import random
import time
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from benchmarks.bed import arguments, report
from benchmarks.crowd import SEED
from domain.pricing.model import Buyer, Cart, CartLine, HeldCoupon, Wish
from domain.pricing.rules import price
from domain.pricing.rules.offering import Offer, offers_of
from domain.pricing.rules.taking import Left, Taken, take
from domain.pricing.rules.worlds import with_tier
from domain.programme.model import CouponTemplate, Programme, Text

GOAL = 10.0
CARTS = 200
COMPARED = 5
LINES = 30
COUPONS = 20
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
PROGRAMME = Programme()
BUYER = Buyer(tier=PROGRAMME.tiers.tier("GOLD"), day=date(2026, 3, 2), now=NOW)
CATEGORIES = ("shoes", "food", "books", "toys")
KINDS: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (4, "AMOUNT_OFF", {"amount_off": "20"}),
    (2, "AMOUNT_OFF", {"amount_off": "50", "threshold": "500"}),
    (3, "PERCENT_OFF", {"percent_off": "8"}),
    (2, "PERCENT_OFF", {"percent_off": "15", "amount_off_max": "60"}),
    (1, "GIFT", {"gift": {"sku": "G", "value": "9"}}),
    (1, "FREE_SHIPPING", {}),
    (1, "CASHBACK", {"cashback": {"percent": "2"}}),
)


def main() -> None:
    asked = arguments(__doc__)
    chance = random.Random(SEED)  # noqa: S311  the same carts in every run
    ours: list[float] = []
    every: list[float] = []
    for number in range(CARTS * asked.rounds):
        cart, coupons = a_cart(chance), _coupons(chance)
        began = time.perf_counter()
        found = price(cart, BUYER, coupons, PROGRAMME, Wish())
        ours.append(1_000 * (time.perf_counter() - began))
        assert found.is_best
        if number < COMPARED:
            began = time.perf_counter()
            least = _every(cart, coupons)
            every.append(1_000 * (time.perf_counter() - began))
            assert found.payable_minor == least, (found.payable_minor, least)
    rows: list[dict[str, object]] = [
        {"what": "best price", "p50 ms": median(ours), "p99 ms": quantiles(ours, n=100)[98]},
        {"what": "every combination", "p50 ms": median(every), "p99 ms": max(every)},
    ]
    report("pricing", rows, ratio=median(every) / median(ours), goal=GOAL)


def a_cart(chance: random.Random) -> Cart:
    lines = tuple(
        CartLine(
            line_id=f"l{number:02}",
            sku=f"S{number}",
            amount_minor=chance.randint(100, 30_000),
            quantity=chance.randint(1, 3),
            category=chance.choice(CATEGORIES),
            eligible=chance.random() < 0.9,  # noqa: PLR2004  one line in ten
        )
        for number in range(LINES)
    )
    return Cart(lines=lines, shipping_minor=1_200)


def _coupons(chance: random.Random) -> tuple[HeldCoupon, ...]:
    weights = [weight for weight, _, _ in KINDS]
    found: list[HeldCoupon] = []
    for number in range(COUPONS):
        _, kind, worth = chance.choices(KINDS, weights)[0]
        document = {"threshold": chance.choice(("0", "100", "300", "1000")), **worth}
        include = {"category": (chance.choice(CATEGORIES),)} if chance.randint(0, 1) else {}
        template = CouponTemplate.model_validate(
            {
                "code": f"C{number}",
                "name": Text(zh_cn="券", en="Coupon"),
                "kind": kind,
                "scope": {"include": include},
                "priority": chance.choice((10, 50, 100)),
                **document,
            }
        )
        until = NOW + timedelta(days=chance.randint(1, 30))
        coupon = HeldCoupon(
            id=UUID(int=number + 1),
            template=template,
            state="ISSUED",
            is_usable=True,
            expires_at=until,
        )
        found.append(coupon)
    return tuple(found)


def _every(cart: Cart, coupons: tuple[HeldCoupon, ...]) -> int:
    world = with_tier(cart, BUYER, PROGRAMME, Wish())
    offers = offers_of(coupons, world)
    return _least(world.left, offers, PROGRAMME.checkout.coupons_max)


def _least(left: Left, offers: list[Offer], slots: int) -> int:
    least = sum(left.amounts) + left.shipping_minor
    if not slots:
        return least
    for place, offer in enumerate(offers):
        taken = take(offer.terms, left)
        if isinstance(taken, Taken):
            least = min(least, _least(taken.left, offers[place + 1 :], slots - 1))
    return least


if __name__ == "__main__":
    main()
