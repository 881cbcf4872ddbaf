"""Which movements does the ledger refuse?"""

from kit.errors import Refusal


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


class HoldResolved(Refusal):
    code = "HOLD_RESOLVED"
    zh = "该冻结已结束。"
    en = "This hold has already been committed or released."
