"""What does this cart cost this buyer?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.pricing.errors import NotApplicable
from domain.pricing.model import Buyer, Cart, HeldCoupon, PricedCart, RefusedCoupon, Wish
from domain.pricing.rules.assembling import assemble
from domain.pricing.rules.checking import check_cart, check_wish
from domain.pricing.rules.choosing import Chosen, best, named
from domain.pricing.rules.offering import offers_of, unusable, usable
from domain.pricing.rules.reasons import not_best, not_chosen, refusals
from domain.pricing.rules.worlds import World, with_tier
from domain.programme.model import Programme


def price(
    cart: Cart, buyer: Buyer, coupons: Sequence[HeldCoupon], programme: Programme, wish: Wish
) -> PricedCart:
    """The least that `buyer` can pay for `cart`, or what it costs with the coupons of the wish.

    ¥300 at GOLD (15 %) with a coupon of ¥10 and 5,000 points to spend at 78 a yuan: the tier takes
    off ¥45 and the coupon ¥10, points pay ¥64.10 (at most half of ¥245), and ¥180.90 remain.

    Refuses INVALID_INPUT, INSUFFICIENT_POINTS, and NOT_APPLICABLE where named coupons can't all be
    applied. docs/guides/pricing.md says everything exactly.
    """
    check_cart(cart)
    check_wish(wish, buyer)
    world = with_tier(cart, buyer, programme, wish)
    if wish.coupon_ids is not None:
        chosen = _named(world, coupons, wish.coupon_ids, buyer.now, programme)
        why = not_chosen(coupons, chosen)
    else:
        offers = offers_of(usable(coupons, buyer.now), world)
        slots = programme.checkout.coupons_max
        chosen = best(world, offers, slots)
        why = not_best(world, offers, chosen, slots)
    return assemble(cart, buyer, wish, chosen, refusals(coupons, buyer.now, why))


def _named(
    world: World,
    coupons: Sequence[HeldCoupon],
    ids: tuple[UUID, ...],
    now: datetime,
    programme: Programme,
) -> Chosen:
    """All of them, or NOT_APPLICABLE with what is the matter with each."""
    held = {coupon.id: coupon for coupon in coupons}
    against: dict[UUID, RefusedCoupon] = {
        coupon_id: RefusedCoupon(coupon_id, "NOT_FOUND", {})
        for coupon_id in ids
        if coupon_id not in held
    }
    wanted = [held[coupon_id] for coupon_id in ids if coupon_id in held]
    for coupon in wanted:
        reason = unusable(coupon, now)
        if reason is not None:
            against[coupon.id] = reason
    offers = offers_of(usable(wanted, now), world)
    chosen, missed = named(world, offers, programme.checkout.coupons_max)
    against |= missed
    if against:
        found = [against[coupon_id] for coupon_id in ids if coupon_id in against]
        raise NotApplicable(
            [(one.coupon_id, one.reason, one.facts) for one in found], programme.currency
        )
    return chosen
