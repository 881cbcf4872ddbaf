"""What of a checkout comes back when its order is refunded, however it is cut into steps?

Everything is cumulative and compared with what came back before, so that any order of refunds gives
the same: points and balance by each line's share, a coupon once refunds cover every line that it
was spread over, a gift's price while it is kept though its threshold isn't met any more.
"""

from collections.abc import Sequence
from dataclasses import replace

from domain.ledger.model import Slice
from domain.orders.sales import Sale, SaleStep, SoldCoupon, SoldGift
from domain.points.model import Purchase, PurchaseLine


def sale_step(sale: Sale, purchase: Purchase, *, refunding: bool) -> SaleStep:
    """What is due to come back of `sale` as its order stands, less what has come back.

    `refunding`: this is a refund of it. Without any refund nothing comes back.
    """
    is_refunded = sale.is_refunded or refunding
    points = purchase.points_restored
    credit_minor = purchase.credit_restored_minor
    if is_refunded and all(line.is_covered for line in purchase.lines):
        credit_minor += sale.shipping_credit_minor
    coupons = tuple(_settled(coupon, purchase, is_refunded=is_refunded) for coupon in sale.coupons)
    gifts = tuple(_charged(gift, purchase, is_refunded=is_refunded) for gift in sale.gifts)
    settled = [
        new for old, new in zip(sale.coupons, coupons, strict=True) if new.state != old.state
    ]
    return SaleStep(
        points=points - sale.points_restored,
        credit_minor=credit_minor - sale.credit_restored_minor,
        returned=tuple(coupon.id for coupon in settled if coupon.comes_back),
        forfeited=tuple(coupon.id for coupon in settled if not coupon.comes_back),
        gift_charge_minor=sum(
            new.charged_minor - old.charged_minor
            for old, new in zip(sale.gifts, gifts, strict=True)
        ),
        sale=replace(
            sale,
            coupons=coupons,
            gifts=gifts,
            points_restored=points,
            credit_restored_minor=credit_minor,
            is_refunded=is_refunded,
        ),
    )


def _settled(coupon: SoldCoupon, purchase: Purchase, *, is_refunded: bool) -> SoldCoupon:
    if coupon.state != "REDEEMED" or not is_refunded:
        return coupon
    concerned = [line for line in purchase.lines if line.line_id in coupon.lines]
    if not all(line.is_covered for line in concerned or purchase.lines):
        return coupon
    return replace(coupon, state="RETURNED" if coupon.comes_back else "FORFEITED")


def _charged(gift: SoldGift, purchase: Purchase, *, is_refunded: bool) -> SoldGift:
    """A ¥30 mug for ¥300 of tea: ¥100 of the tea goes back, the mug doesn't, ¥30 are charged."""
    sent_back = sum(
        line.returned for line in purchase.lines if line.sku == gift.sku and not line.net_minor
    )
    kept = max(0, gift.quantity - sent_back)
    left = sum(_left(line, gift.amounts.get(line.line_id, 0)) for line in purchase.lines)
    is_missed = is_refunded and left < max(gift.threshold_minor, 1)
    return replace(gift, charged_minor=gift.value_minor * kept if is_missed else 0)


def _left(line: PurchaseLine, amount_minor: int) -> int:
    return 0 if line.is_covered else line.kept(amount_minor)


def undone(
    slices: Sequence[Slice], debt: int, *, before: int, amount: int
) -> tuple[int, list[Slice]]:
    """Which part of a debit `amount` more undoes, after `before`: of the debt, and of the lots.

    A debit is undone in reverse: first what was owed, then from the last lot to the first. Of 30
    from lot A, 50 from lot B and 20 owed, undoing 40 gives back 20 of the debt and 20 of B, and
    40 more the other 30 of B and 10 of A.
    """
    owed = max(0, min(debt - before, amount))
    amount, before = amount - owed, max(0, before - debt)
    parts: list[Slice] = []
    for part in reversed(slices):
        skipped = min(part.amount, before)
        taken = min(part.amount - skipped, amount)
        before, amount = before - skipped, amount - taken
        if taken:
            parts.append(Slice(part.lot_id, taken))
    assert not amount, "no more comes back than was taken"
    return owed, parts
