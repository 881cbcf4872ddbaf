"""What is left of a cart before any coupon: with the tier's benefits, or without them?

A coupon that is `exclusive_all` stands with nothing else, so it is priced in a world without tier
discount and points.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from domain.pricing.model import Buyer, Cart, CartLine, Wish
from domain.pricing.rules.paying import Payer, payer
from domain.pricing.rules.scoping import RATE_SCALE, tier_rates
from domain.pricing.rules.taking import Left
from domain.programme.model import Programme
from kit.money import spread


@dataclass(frozen=True)
class World:
    """`lines` in the order of their ids; by their places `tier_off` is what the tier takes off."""

    lines: tuple[CartLine, ...]
    shipping_minor: int
    tier_off: tuple[int, ...]
    tier_shipping_minor: int
    payer: Payer
    takes_tier: bool

    @cached_property
    def left(self) -> Left:
        amounts = [
            line.amount_minor - off for line, off in zip(self.lines, self.tier_off, strict=True)
        ]
        return Left(amounts, self.shipping_minor - self.tier_shipping_minor, {})

    def eligible(self, amounts: list[int]) -> int:
        """What the eligible lines cost."""
        return sum(
            amount for line, amount in zip(self.lines, amounts, strict=True) if line.eligible
        )

    def payable(self, left: Left) -> int:
        """What is to be paid of it in money, the balance included."""
        offset = self.payer.offset(self.eligible(left.amounts))
        return sum(left.amounts) + left.shipping_minor - offset


def with_tier(cart: Cart, buyer: Buyer, programme: Programme, wish: Wish) -> World:
    """The tier's discount is rounded down once for the whole cart, as points are.

    Three lines of ¥0.99 at 5 % are ¥0.1485, so ¥0.14: ¥0.05, ¥0.05 and ¥0.04.
    """
    lines = tuple(sorted(cart.lines, key=lambda line: line.line_id))
    exact = [
        line.amount_minor * rate for line, rate in zip(lines, tier_rates(lines, buyer), strict=True)
    ]
    off = spread(sum(exact) // RATE_SCALE, exact)
    world = World(
        lines=lines,
        shipping_minor=cart.shipping_minor,
        tier_off=tuple(off),
        tier_shipping_minor=0,
        payer=payer(buyer, programme, wish),
        takes_tier=True,
    )
    free = buyer.tier.benefits.shipping
    if free is None or world.eligible(world.left.amounts) < free.order_min_minor:
        return world
    return replace(world, tier_shipping_minor=cart.shipping_minor)


def without_tier(world: World) -> World:
    """The same cart where nothing but one coupon counts."""
    return replace(
        world,
        tier_off=(0,) * len(world.lines),
        tier_shipping_minor=0,
        payer=replace(world.payer, most_minor=0),
        takes_tier=False,
    )
