"""What would a refund come to?"""

from domain.members import views as members
from domain.orders import views
from domain.orders.views import RefundQuote
from domain.points.model import RefundFacts
from kit.errors import NotFound
from resolvers.answers import Answer, answer
from resolvers.context import Context


async def refund_quote(
    context: Context, customer: str, source: str, order_id: str, refund: RefundFacts
) -> Answer[RefundQuote]:
    """`customer`: the shop's own id."""

    async def verb() -> RefundQuote:
        member = await members.by_external_id(customer)
        if member is None:
            raise NotFound("member")
        return await views.refund_quote(member.member_id, source, order_id, refund)

    return await answer(context, verb())
