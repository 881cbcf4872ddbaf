"""Why isn't a coupon in the price?

In this order: what is the matter with the coupon itself (USED, EXPIRED, …); that others were named
(NOT_CHOSEN); why it can't be used on this cart even alone; why it can't stand beside those in the
price; that it would make the price no better.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.pricing.model import HeldCoupon, RefusedCoupon
from domain.pricing.rules.choosing import Chosen, beside, refused, together, world_of
from domain.pricing.rules.offering import Offer, unusable
from domain.pricing.rules.taking import Left, Missed, take
from domain.pricing.rules.worlds import World


def refusals(
    coupons: Sequence[HeldCoupon], now: datetime, why: Mapping[UUID, RefusedCoupon]
) -> tuple[RefusedCoupon, ...]:
    """For each that can't be used by itself, and those in `why`; by their ids."""
    found = dict(why)
    for coupon in coupons:
        reason = unusable(coupon, now)
        if reason is not None:
            found[coupon.id] = reason
    return tuple(found[coupon_id] for coupon_id in sorted(found))


def not_chosen(coupons: Sequence[HeldCoupon], chosen: Chosen) -> dict[UUID, RefusedCoupon]:
    ids = {offer.coupon.id for offer in chosen.offers}
    return {
        coupon.id: RefusedCoupon(coupon.id, "NOT_CHOSEN", {})
        for coupon in coupons
        if coupon.id not in ids
    }


def not_best(
    world: World, offers: Sequence[Offer], chosen: Chosen, slots: int
) -> dict[UUID, RefusedCoupon]:
    """`world`: with the tier's benefits."""
    ids = {offer.coupon.id for offer in chosen.offers}
    return {
        offer.coupon.id: refused(offer, _why(world, offer, chosen, slots))
        for offer in offers
        if offer.coupon.id not in ids
    }


def _why(world: World, offer: Offer, chosen: Chosen, slots: int) -> Missed:
    own = world_of(world, [offer])
    alone = take(offer.terms, own.left)
    if isinstance(alone, Missed):
        return alone
    others = chosen.offers
    missed = beside(offer, others, others, slots)
    if missed is not None:
        return missed
    found = together(own, [*others, offer])
    if isinstance(found, Left):
        return Missed("BETTER_WITHOUT", {"payable_minor": own.payable(found)})
    failing, missed = found
    if failing is offer:
        return missed
    return Missed("NOT_COMBINABLE", {"with": [str(failing.coupon.id)]})
