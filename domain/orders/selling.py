"""What does a checkout put into its order, and how does it come back with refunds?

The order keeps a `Sale` for its whole life; points and balance are debited by the checkout alone,
before or after the order is told of. Whatever comes first, the same is given back: what is due is
compared with what has come back whenever either is heard of.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from db.jobs import Job
from domain.checkouts.model import COMPLETE, Checkout
from domain.coupons import steps as coupons
from domain.ledger.model import Cause, Currency, Decision
from domain.orders.model import CheckoutSeen, Dossier, PurchaseRow
from domain.orders.pending import grant, programme_of
from domain.orders.rules import sale_step, undone
from domain.orders.sales import Sale, SaleStep, SoldCoupon, SoldGift
from domain.points.model import OrderFacts, RefundFacts
from domain.programme.model import CouponTemplate
from domain.rewards.rules import lot_expires_at
from kit.ids import new_id
from kit.money import largest_remainder

Json = Mapping[str, Any]


def entered(
    dossier: Dossier, order: tuple[str, OrderFacts], checkout_id: UUID | None
) -> tuple[OrderFacts, Sale | None]:
    """The order (source, facts) with what its checkout's price says of it, and what it keeps.

    What points and the balance paid is what the checkout says. One that isn't completed is by a
    job: the order was paid. A checkout that is another order's is passed over.
    """
    source, facts = order
    seen = None if checkout_id is None else dossier.checkouts.get(checkout_id)
    if seen is None or seen.order not in {None, (source, facts.order_id)}:
        return facts, None
    seen.order = source, facts.order_id
    if not seen.is_paid:
        dossier.desk.changes.put("job", _complete_job(dossier, seen.checkout, source, facts))
    price: Json = seen.checkout.price
    eligible_minor = sum(line.net_minor for line in facts.lines if line.eligible)
    facts = replace(
        facts,
        points_spent=seen.checkout.points,
        points_paid_minor=min(price["points_minor"], eligible_minor),
        credit_paid_minor=price["credit_minor"] - price["shipping_credit_minor"],
        cashback=_cashback(price, {line.line_id: line.net_minor for line in facts.lines}),
    )
    return facts, _sale(dossier, seen)


def _complete_job(dossier: Dossier, checkout: Checkout, source: str, facts: OrderFacts) -> Job:
    return Job(
        member_id=checkout.member_id,
        kind=COMPLETE,
        key=str(checkout.id),
        run_at=dossier.desk.now,
        created_at=dossier.desk.now,
        payload={
            "source": source,
            "order_id": facts.order_id,
            "paid_at": facts.paid_at.isoformat(),
        },
    )


def _sale(dossier: Dossier, seen: CheckoutSeen) -> Sale:
    price: Json = seen.checkout.price
    sold: list[SoldCoupon] = []
    gifts: list[SoldGift] = []
    for place, applied in enumerate(price["coupons"]):
        template = _template(dossier, seen, applied)
        comes_back = template.on_refund == "return"
        sold.append(SoldCoupon(UUID(applied["coupon_id"]), tuple(applied["spread"]), comes_back))
        if applied["kind"] == "GIFT":
            gifts.append(_gift(price, place, template.threshold_minor))
    return Sale(
        checkout_id=seen.checkout.id,
        points=seen.checkout.points,
        shipping_credit_minor=price["shipping_credit_minor"],
        coupons=tuple(sold),
        gifts=tuple(gifts),
    )


def _template(dossier: Dossier, seen: CheckoutSeen, applied: Json) -> CouponTemplate:
    coupon = seen.coupons[UUID(applied["coupon_id"])]
    issued_under = dossier.versions.numbered(coupon.programme_version).programme
    template = issued_under.coupon(coupon.template)
    assert template is not None, "a version doesn't change"
    return template


def _cashback(price: Json, net: Mapping[str, int]) -> dict[str, int]:
    """Each coupon's points over the lines that it concerns; over all if the order lacks one."""
    points: dict[str, int] = {}
    for coupon in price["coupons"]:
        lines = coupon["spread"] if coupon["spread"].keys() <= net.keys() else net
        weights = [(line_id, net[line_id]) for line_id in lines]
        if coupon["kind"] == "CASHBACK" and any(weight for _, weight in weights):
            for line_id, part in largest_remainder(coupon["gives"]["points"], weights).items():
                points[line_id] = points.get(line_id, 0) + part
    return points


def _gift(price: Json, place: int, threshold_minor: int) -> SoldGift:
    applied, before = price["coupons"][place], price["coupons"][:place]
    amounts: dict[str, int] = {}
    for priced in price["lines"]:
        line_id = priced["line"]["line_id"]
        if line_id in applied["spread"]:
            tier = sum(d["amount_minor"] for d in priced["discounts"] if d["kind"] == "tier")
            taken = sum(coupon["spread"].get(line_id, 0) for coupon in before)
            amounts[line_id] = priced["line"]["amount_minor"] - tier - taken
    return SoldGift(
        coupon_id=UUID(applied["coupon_id"]),
        sku=applied["gives"]["sku"],
        quantity=applied["gives"]["quantity"],
        value_minor=applied["gives"]["value_minor"],
        threshold_minor=threshold_minor,
        amounts=amounts,
    )


def give_back(
    dossier: Dossier, row: PurchaseRow, decision: Decision, refund: RefundFacts | None = None
) -> SaleStep | None:
    """Let come back of the sale what is due as the order stands; None where it has none.

    Until the checkout is paid nothing was taken, so that nothing comes back. `refund`: the one that
    is being made. A coupon that another checkout has used meanwhile was never this one's.
    """
    sale = row.sold
    if sale is None:
        return None
    seen = dossier.checkouts[sale.checkout_id]
    step = sale_step(sale, row.purchase(), refunding=refund is not None)
    if not seen.is_paid:
        row.sale = replace(sale, is_refunded=step.sale.is_refunded)
        return None
    row.sale = step.sale
    _restore(dossier, seen, sale, step, decision)
    days_left = 0
    if refund is not None and refund.by_shop:
        days_left = programme_of(dossier, row).checkout.cancelled_days_left
    for coupon in seen.used(step.returned):
        coupons.give_back(dossier.desk, coupon, days_left=days_left)
    for coupon in seen.used(step.forfeited):
        coupons.forfeit(dossier.desk, coupon)
    return step


def _restore(
    dossier: Dossier, seen: CheckoutSeen, before: Sale, step: SaleStep, decision: Decision
) -> None:
    """First what is owed of it, then the very lots, the last first; no more than was taken.

    What came from lots of a member from whom this one was parted isn't this one's to get.
    """
    checkout, at = seen.checkout, seen.checkout.resolved_at or seen.checkout.opened_at
    now, programme = dossier.desk.now, dossier.versions.at(dossier.desk.now).programme
    cause = Cause(decision, "refund", "checkout", str(checkout.id), decision.occurred_at)
    points = (checkout.debt_points, before.points_restored, step.points)
    credit = (checkout.credit_debt_minor, before.credit_restored_minor, step.credit_minor)
    for currency, (debt, done, due) in ((Currency.POINTS, points), (Currency.CREDIT, credit)):
        taken = sum(part.amount for part in seen.slices.get(currency, ()))
        amount = min(done + due, taken + debt) - min(done, taken + debt)
        owed, slices = undone(seen.slices.get(currency, ()), debt, before=done, amount=amount)
        if owed:
            ends = lot_expires_at(currency, now, programme)
            dossier.desk.books[currency].forgive(owed, cause, lot_id=new_id(), expires_at=ends)
        if slices:
            book = dossier.desk.books[currency]
            book.restore(slices, cause, spent_at=at, shop_fault=True)


def pay_cashback(dossier: Dossier, row: PurchaseRow) -> None:
    """Grant what CASHBACK coupons promised for what is left, to wait as long as the order does.

    Once, when both the order is known and its checkout is paid.
    """
    sale = row.sold
    if sale is None or sale.cashback_lot_id is not None:
        return
    seen, points = dossier.checkouts[sale.checkout_id], row.purchase().cashback_left
    if not seen.is_paid or not points:
        return
    decision = dossier.desk.decide(
        f"cashback\x1f{row.source}\x1f{row.order_id}",
        "cashback",
        row.programme_version,
        inputs={
            "order_id": row.order_id,
            "coupons": [
                {"template": applied["template"], "points": applied["gives"]["points"]}
                for applied in seen.checkout.price["coupons"]
                if applied["kind"] == "CASHBACK"
            ],
        },
        outcome={"points": points},
        occurred_at=row.paid_at,
    )
    lot_id = grant(dossier, row, decision, points=points)
    row.sale = replace(sale, cashback_lot_id=lot_id)
    dossier.desk.changes.put("purchase", row)
