"""What would a refund of an order come to?"""

from typing import Annotated

import strawberry

from domain.members.model import Scope
from domain.orders.views import RefundQuote as Found
from domain.points.model import RefundFacts, RefundLine
from resolvers import orders
from schema.guards import Info, allow
from schema.programme import Money
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points


@strawberry.input
class RefundLineInput:
    line_id: str
    amount_minor: Points = strawberry.field(
        description="In the line's net price, its points part included."
    )
    quantity: int = strawberry.field(
        default=1, description="Pieces sent back; it matters for what cost nothing, such as a gift."
    )


@strawberry.input(description="As order.refunded will have it; no lines: the whole order.")
class RefundQuoteInput:
    subject: str = strawberry.field(description="The shop's customer id: Member.externalId.")
    source: str
    order_id: str
    lines: list[RefundLineInput] = strawberry.field(default_factory=list)

    def facts(self) -> RefundFacts:
        lines = tuple(RefundLine(o.line_id, o.amount_minor, o.quantity) for o in self.lines)
        return RefundFacts("", lines)


@strawberry.type
class RefundQuote:
    refunded: Money
    pay_back: Money = strawberry.field(
        description="In money: without what points and the balance had paid, less gifts kept."
    )
    gift_charge: Money = strawberry.field(
        description="For gifts that are kept though their threshold isn't met any more; negative"
        " where one that was charged comes back."
    )
    points: Points = strawberry.field(description="Spent ones that go back to the member.")
    points_worth: Money = strawberry.field(description="What these had paid.")
    credit: Money = strawberry.field(description="Goes back to the member's balance.")
    points_taken: Points = strawberry.field(description="Earned ones that are taken back.")
    cashback_taken: Points
    coupons_returned: int
    coupons_forfeited: int

    @classmethod
    def of(cls, found: Found, locale: str) -> "RefundQuote":
        def money(amount_minor: int) -> Money:
            return Money.of(amount_minor, found.currency, locale)

        return cls(
            refunded=money(found.refunded_minor),
            pay_back=money(found.pay_back_minor),
            gift_charge=money(found.gift_charge_minor),
            points=found.points,
            points_worth=money(found.points_minor),
            credit=money(found.credit_minor),
            points_taken=found.points_taken,
            cashback_taken=found.cashback_taken,
            coupons_returned=len(found.coupons_returned),
            coupons_forfeited=len(found.coupons_forfeited),
        )


@strawberry.type
class RefundQuotePayload:
    quote: RefundQuote | None = None
    refusal: Refusal | None = None


@strawberry.type
class OrderQueries:
    @strawberry.field(
        extensions=allow("staff", "service", scope=Scope.EVENTS_WRITE),
        description="What a refund would come to now; nothing changes.",
    )
    async def refund_quote(
        self, info: Info, input_: Annotated[RefundQuoteInput, strawberry.argument(name="input")]
    ) -> RefundQuotePayload:
        context, locale = info.context, info.context.locale
        made = await orders.refund_quote(
            context, input_.subject, input_.source, input_.order_id, input_.facts()
        )
        return RefundQuotePayload(
            quote=made.value and RefundQuote.of(made.value, locale),
            refusal=refusal_or_none(made.refusal, locale),
        )
