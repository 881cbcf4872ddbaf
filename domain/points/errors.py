"""Why may a fact not earn, or not take back?"""

from kit.errors import Refusal


class CurrencyNotSupported(Refusal):
    """`currency` is neither the programme's nor one with a listed rate."""

    code = "CURRENCY_NOT_SUPPORTED"
    zh = "会员计划以 {supported} 计价，不接受 {currency}。"
    en = "The programme counts in {supported} and takes no {currency}."


class RefundExceedsOrder(Refusal):
    """`requested` is more than what is `left` of `line`; both are decimals of `currency`."""

    code = "REFUND_EXCEEDS_ORDER"
    zh = "退款超出订单：{line} 最多可退 {left} {currency}，请求退款 {requested} {currency}。"
    en = "More than the order: {line} has {left} {currency} left, {requested} {currency} asked for."
