"""What would a cart cost, and how is it paid?"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

from domain.checkouts.model import Order, Quote, Shown
from domain.members.model import Scope
from kit.ids import global_id
from kit.paging import Page
from resolvers import checkouts
from resolvers.answers import Answer
from schema.answers import MemberPayload, member_parts
from schema.carts import CartInput, CartPrice, Priced, coupon_id
from schema.guards import Info, allow
from schema.members import member_or_none
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points


@strawberry.enum(
    description="EXPIRED: its time is over and everything is back; a payment in time still counts."
)
class CheckoutState(StrEnum):
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@strawberry.input(
    description="How the member would like to pay. `coupons` null: whatever is best; a list: all"
    " of these. `points` and `creditMinor`: at most so much; with the switch as much as is allowed"
    " and there. A service names the member by `memberId` or `externalId`."
)
class QuoteCartInput:
    cart: CartInput
    coupons: list[strawberry.ID] | None = strawberry.UNSET
    points: Points = 0
    points_max: bool = False
    credit_minor: Points = 0
    credit_max: bool = False
    member_id: strawberry.ID | None = strawberry.UNSET
    external_id: str | None = strawberry.UNSET

    def wanted(self) -> checkouts.Wanted:
        return checkouts.Wanted(
            cart=self.cart.cart(),
            currency=self.cart.currency or None,
            coupons=None if not isinstance(self.coupons, list) else tuple(self.coupons),
            points=self.points,
            points_max=self.points_max,
            credit_minor=self.credit_minor,
            credit_max=self.credit_max,
            member=self.member_id or None,
            external_id=self.external_id or None,
        )


@strawberry.input(
    description="What was quoted, with its `digest`. `minutes`: how long it is kept, as long as"
    " the payment's own limit; null: as the programme says."
)
class OpenCheckoutInput(QuoteCartInput):
    digest: str
    idempotency_key: str
    minutes: int | None = strawberry.UNSET


@strawberry.input(description="The shop's order, as its order.paid event names it.")
class CheckoutOrderInput:
    source: str
    order_id: str

    def order(self) -> Order:
        return Order(self.source, self.order_id)


@strawberry.type(description="A cart that is being paid, or was.")
class Checkout:
    id: strawberry.ID
    member_id: strawberry.ID
    state: CheckoutState
    price: CartPrice
    opened_at: datetime
    expires_at: datetime = strawberry.field(
        description="The latest that a payment should be made; one a minute later still counts."
    )
    paid_at: datetime | None
    resolved_at: datetime | None
    source: str | None
    order_id: str | None
    debt_points: Points = strawberry.field(
        description="Owed by the member: they were gone when a late word of the payment came."
    )
    credit_debt_minor: Points = strawberry.field(description="The same of the credit.")
    overused_coupons: list[strawberry.ID] = strawberry.field(
        description="Used for something else before a late word of the payment came."
    )

    @classmethod
    def of(cls, found: Shown, locale: str) -> "Checkout":
        row = found.checkout
        return cls(
            id=strawberry.ID(global_id("Checkout", row.member_id, row.id)),
            member_id=strawberry.ID(global_id("Member", row.member_id)),
            state=CheckoutState(found.state),
            price=Priced(found.price, row.member_id, found.currency, locale).shown(),
            opened_at=row.opened_at,
            expires_at=row.expires_at,
            paid_at=row.paid_at,
            resolved_at=row.resolved_at,
            source=row.source,
            order_id=row.order_id,
            debt_points=row.debt_points,
            credit_debt_minor=row.credit_debt_minor,
            overused_coupons=[
                coupon_id(row.member_id, one) for one in checkouts.overused_ids(found)
            ],
        )


@strawberry.type
class QuotePayload:
    quote: CartPrice | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[Quote], info: Info) -> "QuotePayload":
        locale, found = info.context.locale, made.value
        return cls(
            quote=found and Priced(found.price, found.member_id, found.currency, locale).shown(),
            refusal=refusal_or_none(made.refusal, locale),
        )


@strawberry.type
class CheckoutPayload(MemberPayload):
    checkout: Checkout | None = None

    @classmethod
    def of(cls, made: Answer[Shown], info: Info) -> "CheckoutPayload":
        locale = info.context.locale
        return cls(
            checkout=made.value and Checkout.of(made.value, locale),
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, locale),
        )


def _connection(page: Page[Shown], locale: str) -> Connection[Checkout]:
    return Connection(
        nodes=[Checkout.of(found, locale) for found in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )


@strawberry.type
class CheckoutQueries:
    @strawberry.field(
        extensions=allow("member", "service", scope=Scope.CHECKOUTS_WRITE),
        description="The best legal price, and why each other coupon isn't in it. No effect.",
    )
    async def quote_cart(
        self, info: Info, asked: Annotated[QuoteCartInput, strawberry.argument(name="input")]
    ) -> QuotePayload:
        return QuotePayload.of(await checkouts.quote(info.context, asked.wanted()), info)

    @strawberry.field(
        extensions=allow("member", "staff", "service", scope=Scope.CHECKOUTS_WRITE),
        description="Null for what isn't there or isn't the viewer's to see.",
    )
    async def checkout(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> Checkout | None:
        found = await checkouts.checkout(info.context, id_)
        return found and Checkout.of(found, info.context.locale)

    @strawberry.field(
        extensions=allow("staff"),
        description="Those whose coupons were used for something else before a late word of their"
        " payment came, the newest first.",
    )
    async def overused_checkouts(
        self, info: Info, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[Checkout]:
        page = await checkouts.overused(info.context, *page_arguments(first, after))
        return _connection(page, info.context.locale)


@strawberry.type
class CheckoutMutations:
    @strawberry.mutation(
        extensions=allow("member", "service", scope=Scope.CHECKOUTS_WRITE),
        description="Keep what a price takes, coupons, points and credit; once for each key.",
    )
    async def open_checkout(
        self, info: Info, asked: Annotated[OpenCheckoutInput, strawberry.argument(name="input")]
    ) -> CheckoutPayload:
        made = await checkouts.open_checkout(
            info.context,
            asked.wanted(),
            agreed=checkouts.Agreed(asked.digest, asked.idempotency_key, asked.minutes or None),
            parts=member_parts(info),
        )
        return CheckoutPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("service", scope=Scope.CHECKOUTS_WRITE),
        description="It was paid at `paidAt`. Safe to repeat; a payment in time counts however late"
        " this is called. `order` is what it paid for, where that is known.",
    )
    async def complete_checkout(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        paid_at: datetime,
        order: CheckoutOrderInput | None = strawberry.UNSET,
    ) -> CheckoutPayload:
        named = order.order() if order else None
        made = await checkouts.complete(info.context, id_, paid_at, named, parts=member_parts(info))
        return CheckoutPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("member", "staff", "service", scope=Scope.CHECKOUTS_WRITE),
        description="Everything comes back: the very points, and the coupons. Safe to repeat.",
    )
    async def cancel_checkout(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> CheckoutPayload:
        return CheckoutPayload.of(
            await checkouts.cancel(info.context, id_, member_parts(info)), info
        )
