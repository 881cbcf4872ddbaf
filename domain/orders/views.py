"""What would a refund come to, before the shop pays it out?"""

from dataclasses import dataclass
from uuid import UUID

from db import rows
from db.connection import reader
from db.queries import orders as queries
from domain.orders.model import PurchaseRow
from domain.orders.rules import sale_step
from domain.orders.sales import Sale, SaleStep
from domain.points.model import Purchase, RefundFacts
from domain.points.rules import refund_step
from kit.errors import NotFound

_NO_SALE = Sale(UUID(int=0), 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundQuote:
    """What a refund of `refunded_minor` comes to. Amounts in minor units of `currency`.

    `pay_back_minor` is what the shop pays back in money: what is refunded without the parts that
    points and the balance had paid, and without `gift_charge_minor` for gifts that are kept though
    their threshold isn't met any more (negative where one comes back later); never below zero.
    `points` and `credit_minor` (with the last line also what paid shipping) go back to the member,
    `points_taken` and `cashback_taken` are taken
    back of what the order earned.
    """

    currency: str
    refunded_minor: int
    pay_back_minor: int
    gift_charge_minor: int
    points: int
    points_minor: int
    credit_minor: int
    points_taken: int
    cashback_taken: int
    coupons_returned: tuple[UUID, ...]
    coupons_forfeited: tuple[UUID, ...]


async def refund_quote(
    member_id: UUID, source: str, order_id: str, refund: RefundFacts
) -> RefundQuote:
    """What `refund` would do now; nothing changes.

    Refuses NOT_FOUND (order), INVALID_INPUT with the path, REFUND_EXCEEDS_ORDER.
    """
    async with reader() as tx:
        found = await queries.purchase(tx, member_id, source, order_id)
    if found is None:
        raise NotFound("order")
    row = rows.read(PurchaseRow, found)
    before = row.purchase()
    step = refund_step(before, refund, place="input")
    sale = row.sold or _NO_SALE
    back = sale_step(sale, step.purchase, refunding=True)
    return _quote(before, step.purchase, back, taken=(step.points_taken, step.cashback_taken))


def _quote(
    before: Purchase, after: Purchase, back: SaleStep, *, taken: tuple[int, int]
) -> RefundQuote:
    refunded = sum(line.refunded_minor for line in after.lines)
    refunded -= sum(line.refunded_minor for line in before.lines)
    points_minor = _paid_by_points(after) - _paid_by_points(before)
    credit_minor = after.credit_restored_minor - before.credit_restored_minor
    money = refunded - points_minor - credit_minor - back.gift_charge_minor
    return RefundQuote(
        currency=before.currency,
        refunded_minor=refunded,
        pay_back_minor=max(0, money),
        gift_charge_minor=back.gift_charge_minor,
        points=back.points,
        points_minor=points_minor,
        credit_minor=back.credit_minor,
        points_taken=taken[0],
        cashback_taken=taken[1],
        coupons_returned=back.returned,
        coupons_forfeited=back.forfeited,
    )


def _paid_by_points(purchase: Purchase) -> int:
    return sum(line.given_back(line.points_minor) for line in purchase.lines)
