"""Why isn't a cart opened, paid or cancelled?"""

from datetime import datetime

from kit.errors import Refusal
from kit.money import format_money


class PriceChanged(Refusal):
    """Facts: the `quote` as it is now, with the `digest` to agree to and its `payable_minor`."""

    code = "PRICE_CHANGED"
    zh = "价格已变化，现应付 {payable_zh}，请确认后重试。"
    en = "The price has changed: {payable_en} is to be paid now. Agree to it and try again."

    def __init__(self, quote: object, digest: str, payable_minor: int, currency: str) -> None:
        super().__init__(
            quote=quote,
            digest=digest,
            payable_minor=payable_minor,
            payable_zh=format_money(payable_minor, currency, "zh-CN"),
            payable_en=format_money(payable_minor, currency, "en"),
        )


class TooManyCheckouts(Refusal):
    """Fact: `limit`, how many a member may have open."""

    code = "TOO_MANY_CHECKOUTS"
    zh = "未完成的结算已达 {limit} 个，请先支付或取消。"
    en = "There are {limit} open checkouts already: pay or cancel one first."

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class CheckoutExpired(Refusal):
    """Facts: `expires_at`, when it ended, and `paid_at`, which is too late for it."""

    code = "CHECKOUT_EXPIRED"
    zh = "结算已于 {expires_at} 到期，{paid_at} 的支付不能计入，请退款。"
    en = "It ended at {expires_at}; a payment at {paid_at} is too late and is to be refunded."

    def __init__(self, expires_at: datetime, paid_at: datetime) -> None:
        super().__init__(expires_at=expires_at, paid_at=paid_at)


class CheckoutClosed(Refusal):
    """Fact: the `state` in which it ended."""

    code = "CHECKOUT_CLOSED"
    zh = "该结算已结束（{state}）。"
    en = "This checkout has ended: it is {state}."

    def __init__(self, state: str) -> None:
        super().__init__(state=state)


class CheckoutBound(Refusal):
    """Fact: `order_id`, the order that it belongs to."""

    code = "CHECKOUT_BOUND"
    zh = "该结算已属于订单 {order_id}。"
    en = "This checkout belongs to order {order_id} already."

    def __init__(self, order_id: str) -> None:
        super().__init__(order_id=order_id)


class OrderHasCheckout(Refusal):
    """Fact: `order_id`, the order that another checkout belongs to."""

    code = "ORDER_HAS_CHECKOUT"
    zh = "订单 {order_id} 已有另一结算。"
    en = "Order {order_id} has another checkout already."

    def __init__(self, order_id: str) -> None:
        super().__init__(order_id=order_id)
