"""What would a cart cost, and how is it paid?"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.checkouts import operations, views
from domain.checkouts.model import Asked, Checkout, Order, Quote, Shown
from domain.members import views as members
from domain.points.errors import CurrencyNotSupported
from domain.pricing.model import Cart, Wish
from kit.errors import InvalidInput, NotFound
from kit.ids import global_id
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context
from resolvers.devices import guarded

PRICED_MAX = 3
_PRICED = "carts priced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A cart and how it would be paid, as a client says it; whose it is where a service asks."""

    cart: Cart
    currency: str | None
    coupons: tuple[str, ...] | None
    points: int
    points_max: bool
    credit_minor: int
    credit_max: bool
    member: str | None
    external_id: str | None


class Agreed(NamedTuple):
    """What opens a checkout beside its cart; `minutes` None: as the programme says."""

    digest: str
    key: str
    minutes: int | None


async def quote(context: Context, wanted: Wanted) -> Answer[Quote]:
    async def verb() -> Quote:
        member_id = await _buyer(context, wanted)
        wish = _wish(wanted, member_id, context)
        found = await views.quote(member_id, wanted.cart, wish, now=context.now)
        await context.speak()
        return found

    return await answer(context, verb())


async def open_checkout(
    context: Context, wanted: Wanted, *, agreed: Agreed, parts: Parts
) -> Answer[Shown]:
    async def verb() -> Checkout:
        member_id = await _buyer(context, wanted)
        viewer = context.viewer
        asked = Asked(
            member_id=member_id,
            cart=wanted.cart,
            wish=_wish(wanted, member_id, context),
            digest=agreed.digest,
            key=agreed.key,
            opened_by="member" if viewer.role == "member" else f"service:{viewer.subject}",
            minutes=agreed.minutes,
        )
        opening = operations.open_checkout(asked, visit=context.visit, now=context.now)
        return await guarded(context, opening)

    return await _answer(context, verb(), parts)


async def complete(
    context: Context, checkout_id: str, paid_at: datetime, order: Order | None, *, parts: Parts
) -> Answer[Shown]:
    async def verb() -> Checkout:
        return await operations.complete(
            *ids.checkout_ids(checkout_id), paid_at=paid_at, order=order, now=context.now
        )

    return await _answer(context, verb(), parts)


async def cancel(context: Context, checkout_id: str, parts: Parts) -> Answer[Shown]:
    async def verb() -> Checkout:
        member_id, own = ids.checkout_ids(checkout_id)
        if not _may_see(context, member_id):
            raise NotFound("checkout")
        return await operations.cancel(member_id, own, now=context.now)

    return await _answer(context, verb(), parts)


async def checkout(context: Context, checkout_id: str) -> Shown | None:
    try:
        member_id, own = ids.checkout_ids(checkout_id)
        found = await views.checkout(member_id, own, now=context.now)
    except NotFound:
        return None
    await context.speak()
    return found if _may_see(context, member_id) else None


async def overused(context: Context, first: int, after: str | None) -> Page[Shown]:
    await context.speak()
    return await views.overused(now=context.now, first=first, after=after)


def overused_ids(found: Shown) -> list[UUID]:
    return [UUID(coupon_id) for coupon_id in found.checkout.overused]


async def _answer(context: Context, verb: Awaitable[Checkout], parts: Parts) -> Answer[Shown]:
    async def viewed() -> Shown:
        found = await views.shown(await verb, now=context.now)
        await context.speak()
        return found

    return await answer(context, viewed(), parts, shows=lambda found: found.checkout.member_id)


async def _buyer(context: Context, wanted: Wanted) -> UUID:
    """Members buy for themselves; a service says for whom. Refuses INVALID_INPUT, NOT_FOUND.

    Pricing takes more computing than its answer shows, so a request has a few of it.
    """
    context.loaders[_PRICED] = context.loaders.get(_PRICED, 0) + 1
    if context.loaders[_PRICED] > PRICED_MAX:
        raise InvalidInput(
            ["cart"], f"at most {PRICED_MAX} in one request", f"每次请求最多 {PRICED_MAX} 个购物车"
        )
    if context.viewer.role == "member":
        own = context.viewer.own_member_id()
        if wanted.external_id is not None or wanted.member not in {None, global_id("Member", own)}:
            raise NotFound("member")
        return own
    if (wanted.member is None) == (wanted.external_id is None):
        raise InvalidInput(
            ["memberId"], "give a memberId or an externalId", "须提供 memberId 或 externalId 之一"
        )
    if wanted.member is not None:
        return ids.member_id(wanted.member)
    known = await members.by_external_id(wanted.external_id or "")
    if known is None:
        raise NotFound("member")
    return known.member_id


def _wish(wanted: Wanted, member_id: UUID, context: Context) -> Wish:
    """Refuses CURRENCY_NOT_SUPPORTED, and NOT_FOUND for a coupon that is somebody else's."""
    supported = context.programme.currency
    if wanted.currency not in {None, supported}:
        raise CurrencyNotSupported(supported=supported, currency=wanted.currency)
    return Wish(
        coupon_ids=None
        if wanted.coupons is None
        else tuple(_coupon(text, member_id) for text in wanted.coupons),
        points=wanted.points,
        points_max=wanted.points_max,
        credit_minor=wanted.credit_minor,
        credit_max=wanted.credit_max,
    )


def _coupon(text: str, member_id: UUID) -> UUID:
    owner, coupon_id = ids.coupon_ids(text)
    if owner != member_id:
        raise NotFound("coupon")
    return coupon_id


def _may_see(context: Context, member_id: UUID) -> bool:
    """A service that may write checkouts may see them."""
    return context.viewer.role in {"staff", "service"} or context.viewer.member_id == member_id
