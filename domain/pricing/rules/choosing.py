"""Which coupons make the price: the best legal combination, or those that were named?"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.pricing.model import RefusedCoupon
from domain.pricing.rules.offering import Offer
from domain.pricing.rules.searching import Key, Search
from domain.pricing.rules.taking import Left, Missed, Taken, take
from domain.pricing.rules.worlds import World, without_tier


@dataclass(frozen=True, slots=True)
class Chosen:
    """`offers` in the order in which they are taken off."""

    world: World
    offers: tuple[Offer, ...]
    is_exact: bool = True

    @property
    def ids(self) -> list[str]:
        return [str(offer.coupon.id) for offer in self.offers]


def best(world: World, offers: Sequence[Offer], slots: int) -> Chosen:
    """The least payable before the balance; then fewest points, most given on top, fewest coupons.

    What is still alike is decided by which coupons expire sooner: the one that has the soonest
    coupon in which two combinations differ.
    """
    bits = _bits(offers)
    found: tuple[Key, Chosen] | None = None
    for offer in offers:
        if offer.template.stacking == "stackable":
            continue
        alone = _alone(world, offer, bits)
        if alone is not None and (found is None or alone[0] < found[0]):
            found = alone
    stackable = [offer for offer in offers if offer.template.stacking == "stackable"]
    search = Search(world, stackable, bits, slots)
    search.run(beat=None if found is None else found[0])
    if search.chosen is None:
        assert found is not None
        return Chosen(found[1].world, found[1].offers, search.is_exact)
    together = sorted(search.chosen, key=lambda offer: offer.order)
    return Chosen(world, tuple(together), search.is_exact)


def named(
    world: World, offers: Sequence[Offer], slots: int
) -> tuple[Chosen, dict[UUID, RefusedCoupon]]:
    """All of `offers` together, with why some can't stand in it."""
    against: dict[UUID, RefusedCoupon] = {}
    taken: list[Offer] = []
    for offer in offers:
        missed = beside(offer, [*taken], [one for one in offers if one is not offer], slots)
        if missed is None:
            taken.append(offer)
        else:
            against[offer.coupon.id] = refused(offer, missed)
    chosen = Chosen(world_of(world, taken), tuple(taken))
    left = chosen.world.left
    for offer in taken:
        found = take(offer.terms, left)
        if isinstance(found, Missed):
            against[offer.coupon.id] = refused(offer, found)
        else:
            left = found.left
    return chosen, against


def beside(
    offer: Offer, counted: Sequence[Offer], others: Sequence[Offer], slots: int
) -> Missed | None:
    """Why it may not stand beside `others`, of which `counted` count for how many there may be."""
    exclusive = [one for one in others if one.template.stacking != "stackable"]
    if offer.template.stacking != "stackable" and others:
        return _not_combinable(others)
    if exclusive:
        return _not_combinable(exclusive)
    same = [one.template.per_order for one in counted if one.template.code == offer.template.code]
    per_order = min([offer.template.per_order, *same])
    if len(same) >= per_order:
        return Missed("ONE_PER_ORDER", {"most": per_order})
    if len(counted) >= slots:
        return Missed("TOO_MANY", {"most": slots})
    return None


def world_of(world: World, offers: Sequence[Offer]) -> World:
    """Without the tier's benefits where one of `offers` stands with nothing else."""
    is_alone = any(offer.template.stacking == "exclusive_all" for offer in offers)
    return without_tier(world) if is_alone else world


def together(world: World, offers: Sequence[Offer]) -> Left | tuple[Offer, Missed]:
    """What `offers`, in their order, leave; or the first of them that can't be used, and why."""
    left = world.left
    for offer in sorted(offers, key=lambda offer: offer.order):
        found = take(offer.terms, left)
        if isinstance(found, Missed):
            return offer, found
        left = found.left
    return left


def refused(offer: Offer, missed: Missed) -> RefusedCoupon:
    return RefusedCoupon(offer.coupon.id, missed.reason, missed.facts)


def _not_combinable(others: Sequence[Offer]) -> Missed:
    return Missed("NOT_COMBINABLE", {"with": [str(offer.coupon.id) for offer in others]})


def _alone(world: World, offer: Offer, bits: dict[UUID, int]) -> tuple[Key, Chosen] | None:
    own = world_of(world, [offer])
    taken = take(offer.terms, own.left)
    if not isinstance(taken, Taken):
        return None
    offset = own.payer.offset(own.eligible(taken.left.amounts))
    points = own.payer.points(offset)
    payable = own.payable(taken.left)
    key = (payable, points, -taken.value_minor, 1, -bits[offer.coupon.id])
    return key, Chosen(own, (offer,))


def _bits(offers: Sequence[Offer]) -> dict[UUID, int]:
    """A coupon's bit is higher than those of all coupons to be used later together."""
    later = sorted(offers, key=lambda offer: offer.urgency, reverse=True)
    return {offer.coupon.id: 1 << place for place, offer in enumerate(later)}
