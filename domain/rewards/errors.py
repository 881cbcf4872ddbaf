"""Why can't a reward be redeemed, or a redemption be changed?"""

from datetime import datetime

from kit.errors import Refusal

_PERIODS_ZH = {"day": "每天", "week": "每周", "month": "每月", "year": "每年", "ever": "每位会员"}
_PERIODS_EN = {
    "day": "a day",
    "week": "a week",
    "month": "a month",
    "year": "a year",
    "ever": "for each member",
}


class NotStarted(Refusal):
    """Fact: `starts_at`, the instant from which on it can be had."""

    code = "NOT_STARTED"
    zh = "活动尚未开始，开始时间：{starts_at}。"
    en = "This has not started yet; it starts at {starts_at}."

    def __init__(self, starts_at: datetime) -> None:
        super().__init__(starts_at=starts_at)


class Ended(Refusal):
    """Fact: `ends_at`, the instant from which on it can't be had any more."""

    code = "ENDED"
    zh = "活动已结束，结束时间：{ends_at}。"
    en = "This has ended; it ended at {ends_at}."

    def __init__(self, ends_at: datetime) -> None:
        super().__init__(ends_at=ends_at)


class TierTooLow(Refusal):
    """Fact: `required`, the code of the lowest tier that may."""

    code = "TIER_TOO_LOW"
    zh = "会员等级不足，需要达到 {required}。"
    en = "This needs tier {required} or higher."

    def __init__(self, required: str) -> None:
        super().__init__(required=required)


class LimitReached(Refusal):
    """Facts: `limit` in each `period`, and `resets_at`, when the next one begins (None: never)."""

    code = "LIMIT_REACHED"
    zh = "已达上限：{period_zh}最多 {limit} 件。"
    en = "The limit is reached: at most {limit} {period_en}."

    def __init__(self, limit: int, period: str, resets_at: datetime | None) -> None:
        super().__init__(
            limit=limit,
            period=period,
            resets_at=resets_at,
            period_zh=_PERIODS_ZH[period],
            period_en=_PERIODS_EN[period],
        )


class OutOfStock(Refusal):
    code = "OUT_OF_STOCK"
    zh = "该奖励已兑完。"
    en = "This reward is out of stock."


class NotCancellable(Refusal):
    """Facts: the redemption's `state`, and its reward's `kind`."""

    code = "NOT_CANCELLABLE"
    zh = "该兑换（{kind}，{state}）不能取消。"
    en = "This redemption ({kind}, {state}) can't be cancelled."

    def __init__(self, kind: str, state: str) -> None:
        super().__init__(kind=kind, state=state)


class WrongState(Refusal):
    """Facts: the `state` it is in, and the one it would have to be in, `required`."""

    code = "WRONG_STATE"
    zh = "当前状态为 {state}，此操作需要 {required}。"
    en = "It is {state}; this needs {required}."

    def __init__(self, state: str, required: str) -> None:
        super().__init__(state=state, required=required)
