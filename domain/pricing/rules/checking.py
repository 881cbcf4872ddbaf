"""Can there be such a cart, and such a wish?"""

from domain.ledger.errors import InsufficientPoints
from domain.pricing.model import Buyer, Cart, CartLine, Wish
from kit.errors import InvalidInput

LINES_MAX = 500
AMOUNT_MAX = 10**12
QUANTITY_MAX = 1_000_000
TOTAL_MAX = 2**53 - 1


def check_cart(cart: Cart) -> None:
    """Refuse INVALID_INPUT: lines missing, too many or alike, and amounts out of range."""
    path = ["cart", "lines"]
    if not 1 <= len(cart.lines) <= LINES_MAX:
        raise InvalidInput(path, f"from 1 to {LINES_MAX} lines", f"应有 1 至 {LINES_MAX} 行")
    seen: set[str] = set()
    for index, line in enumerate(cart.lines):
        here = [*path, str(index)]
        if not line.line_id:
            raise InvalidInput([*here, "lineId"], "not empty", "不能为空")
        if line.line_id in seen:
            raise InvalidInput([*here, "lineId"], "used by another line", "与另一行重复")
        seen.add(line.line_id)
        _check_line(line, here)
    _within(cart.shipping_minor, ["cart", "shippingMinor"], 0, AMOUNT_MAX)
    total_minor = sum(line.amount_minor for line in cart.lines) + cart.shipping_minor
    _within(total_minor, path, 0, TOTAL_MAX)


def check_wish(wish: Wish, buyer: Buyer) -> None:
    """Refuse INVALID_INPUT, then INSUFFICIENT_POINTS where more is asked for than is there."""
    ids = wish.coupon_ids or ()
    for index, coupon_id in enumerate(ids):
        if coupon_id in ids[:index]:
            raise InvalidInput(["couponIds", str(index)], "named twice", "重复")
    if wish.points < 0:
        raise InvalidInput(["points"], "at least 0", "不能小于 0")
    if wish.credit_minor < 0:
        raise InvalidInput(["creditMinor"], "at least 0", "不能小于 0")
    if not wish.points_max and wish.points > buyer.available_points:
        raise InsufficientPoints(available=buyer.available_points, required=wish.points)


def _check_line(line: CartLine, path: list[str]) -> None:
    _within(line.amount_minor, [*path, "amountMinor"], 0, AMOUNT_MAX)
    _within(line.quantity, [*path, "quantity"], 1, QUANTITY_MAX)


def _within(value: int, path: list[str], least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidInput(path, f"from {least} to {most}", f"应在 {least} 至 {most} 之间")
