"""What is told of a cart that is being paid, or was?"""

from uuid import UUID

from db.changes import value_of
from domain.webhooks.model import EventType
from domain.webhooks.telling import Told, Written, text
from kit.ids import global_id


def checkout(row: object, written: Written) -> Told | None:
    member_id, state = value_of(row, "member_id"), value_of(row, "state").lower()
    if state == "open" and not written.is_new(row):
        return None
    kind = EventType.CHECKOUT_OPENED if state == "open" else EventType(f"checkout.{state}")
    data = {
        "checkoutId": global_id("Checkout", member_id, value_of(row, "id")),
        "payableMinor": value_of(row, "payable_minor"),
        "points": value_of(row, "points"),
        "creditMinor": value_of(row, "credit_minor"),
        "coupons": _coupons(member_id, value_of(row, "coupon_ids")),
        "expiresAt": text(value_of(row, "expires_at")),
        "source": value_of(row, "source"),
        "orderId": value_of(row, "order_id"),
        "debtPoints": value_of(row, "debt_points"),
        "creditDebtMinor": value_of(row, "credit_debt_minor"),
    }
    at = value_of(row, "opened_at" if state == "open" else "resolved_at")
    return Told(kind, member_id, str(value_of(row, "id")), at, data)


def overused(row: object) -> Told | None:
    """Of a payment that was told late, the coupons that were used for something else meanwhile."""
    member_id, inputs = value_of(row, "member_id"), value_of(row, "inputs")
    coupons = value_of(row, "outcome")["overused"]
    if not coupons:
        return None
    data = {
        "checkoutId": global_id("Checkout", member_id, UUID(inputs["checkout"])),
        "coupons": _coupons(member_id, coupons),
        "orderId": inputs["order_id"],
    }
    key, at = value_of(row, "key"), value_of(row, "occurred_at")
    return Told(EventType.COUPON_OVERUSED, member_id, key, at, data)


def _coupons(member_id: UUID, ids: list[str]) -> list[str]:
    return [global_id("Coupon", member_id, UUID(coupon_id)) for coupon_id in ids]
