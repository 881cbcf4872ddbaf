"""What do other contexts ask of a checkout, inside their own transaction?"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx
from db.queries import checkouts as queries
from domain.checkouts import rules
from domain.checkouts.errors import OrderHasCheckout
from domain.checkouts.model import Checkout, Order, Purse, Quote, Sale, Shown, State
from domain.coupons import steps as coupons
from domain.coupons.model import Owned
from domain.ledger.steps import Desk
from domain.pricing.errors import NotApplicable
from domain.pricing.model import Buyer, Cart, Wish
from domain.pricing.rules import price
from domain.programme.views import Published, Versions
from kit.calendar import day_of
from kit.errors import NotFound


async def checkout_of(tx: Tx, member_id: UUID, checkout_id: UUID) -> Checkout:
    """As it is stored: `state_at` says what it is now. Refuses NOT_FOUND."""
    row = await queries.checkout(tx, member_id, checkout_id)
    if row is None:
        raise NotFound("checkout")
    return Checkout(**row)


async def open_count(tx: Tx, member_id: UUID) -> int:
    """How many of the member's checkouts nothing has ended yet."""
    return await queries.open_count(tx, [member_id])


async def sale(tx: Tx, desk: Desk, checkout_id: UUID) -> Sale:
    """What was sold by a checkout of the desk's member, or would be. Refuses NOT_FOUND."""
    found = await checkout_of(tx, desk.member.member_id, checkout_id)
    return rules.sale_of(found, desk.now)


async def bind(tx: Tx, desk: Desk, checkout: Checkout, order: Order) -> None:
    """Let the checkout be that order's; again changes nothing.

    Refuses CHECKOUT_BOUND (it is another order's), ORDER_HAS_CHECKOUT (the order has another).
    """
    rules.check_binding(checkout, order)
    if checkout.order == order:
        return
    known = await queries.by_order(tx, checkout.member_id, *order)
    if known is not None:
        raise OrderHasCheckout(order_id=order.order_id)
    checkout.source, checkout.order_id = order
    desk.changes.put("checkout", checkout)


async def coupons_for(tx: Tx, member_id: UUID, wish: Wish) -> list[Owned]:
    """The coupons in the member's hand, and those that they name in whatever state."""
    found = await coupons.held(tx, member_id)
    missing = set(wish.coupon_ids or ()) - {one.coupon.id for one in found}
    return [*found, *await coupons.held(tx, member_id, sorted(missing))] if missing else found


def quote(  # noqa: PLR0913  what decides a price
    cart: Cart,
    wish: Wish,
    owned: Collection[Owned],
    purse: Purse,
    published: Published,
    *,
    member_id: UUID,
    now: datetime,
) -> Quote:
    """What the cart costs. Refuses what `pricing.rules.price` refuses.

    Where there are many coupons it takes a while: verbs have it done in a thread, so that other
    requests go on meanwhile.
    """
    programme = published.programme
    code = purse.tier_code or programme.tiers.ladder[0].code
    buyer = Buyer(
        tier=programme.tiers.tier(code),
        day=day_of(now, programme.zone, programme.day_start_hour),
        now=now,
        available_points=purse.points,
        available_credit_minor=purse.credit_minor,
    )
    try:
        found = price(cart, buyer, [one.held(now) for one in owned], programme, wish)
    except NotApplicable as refusal:
        refusal.facts |= {"member_id": member_id, "currency": programme.currency}
        raise
    return Quote(member_id, found, programme.currency, published.version)


async def lapse_due(tx: Tx, desk: Desk, owned: Collection[Owned]) -> None:
    """End the member's checkouts that have lapsed; `owned` has the coupons that they reserved."""
    for row in await queries.opened(tx, desk.member.member_id):
        found = Checkout(**row)
        if found.state_at(desk.now) == State.EXPIRED:
            lapse(desk, found, [one for one in owned if one.coupon.checkout_id == found.id])


def lapse(desk: Desk, checkout: Checkout, reserved: Sequence[Owned]) -> None:
    """End it at the instant when its time was over, at which its holds have lapsed as well."""
    checkout.state, checkout.resolved_at = State.EXPIRED, checkout.lapses_at
    desk.changes.put("checkout", checkout)
    for one in reserved:
        coupons.release(desk, one.coupon)


def shown(checkout: Checkout, published: Versions, now: datetime) -> Shown:
    """A checkout as a reader sees it at `now`."""
    currency = published.numbered(checkout.programme_version).programme.currency
    price = rules.price_of(checkout.price)
    return Shown(checkout, checkout.state_at(now), price, currency)
