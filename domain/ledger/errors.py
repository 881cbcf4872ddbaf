"""Which movements does the ledger refuse?"""

from kit.errors import Refusal
from kit.money import format_money


class InsufficientPoints(Refusal):
    """Facts: `available`, `required`, both in points."""

    code = "INSUFFICIENT_POINTS"
    zh = "积分不足：需要 {required}，可用 {available}。"
    en = "Not enough points: {required} needed, {available} available."

    def __init__(self, available: int, required: int) -> None:
        super().__init__(available=available, required=required)


class InsufficientExpiringPoints(Refusal):
    """Facts: `available` of what expires soon, `required`, both in points."""

    code = "INSUFFICIENT_EXPIRING_POINTS"
    zh = "即将到期的积分不足：需要 {required}，可用 {available}。"
    en = "Not enough points that expire soon: {required} needed, {available} available."

    def __init__(self, available: int, required: int) -> None:
        super().__init__(available=available, required=required)


class InsufficientCredit(Refusal):
    """Facts: `available_minor` and `required_minor`, in minor units of `currency`."""

    code = "INSUFFICIENT_CREDIT"
    zh = "红包余额不足：需要 {required_zh}，可用 {available_zh}。"
    en = "Not enough credit: {required_en} needed, {available_en} available."

    def __init__(self, available_minor: int, required_minor: int, currency: str) -> None:
        super().__init__(
            available_minor=available_minor,
            required_minor=required_minor,
            currency=currency,
            available_zh=format_money(available_minor, currency, "zh-CN"),
            available_en=format_money(available_minor, currency, "en"),
            required_zh=format_money(required_minor, currency, "zh-CN"),
            required_en=format_money(required_minor, currency, "en"),
        )


class HoldResolved(Refusal):
    code = "HOLD_RESOLVED"
    zh = "该冻结已结束。"
    en = "This hold has already been committed or released."


class InsufficientCommunity(Refusal):
    """Facts: what is `available` of COMMUNITY, and `required`."""

    code = "INSUFFICIENT_COMMUNITY"
    zh = "社区积分不足：可用 {available}，需要 {required}。"
    en = "Not enough community points: {available} available, {required} needed."

    def __init__(self, available: int, required: int) -> None:
        super().__init__(available=available, required=required)
