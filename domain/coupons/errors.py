"""Why can't a coupon be had?"""

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


class Ended(Refusal):
    """Fact: `ends_at`, the instant from which on it can't be had any more."""

    code = "ENDED"
    zh = "活动已结束，结束时间：{ends_at}。"
    en = "This has ended; it ended at {ends_at}."

    def __init__(self, ends_at: datetime) -> None:
        super().__init__(ends_at=ends_at)


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


class CodeInvalid(Refusal):
    """The one answer for a code that is unknown, mistyped, expired or used by somebody else."""

    code = "COUPON_CODE_INVALID"
    zh = "该优惠码无效。"
    en = "This code isn't valid."


class CodesUnavailable(Refusal):
    """Wrong codes can't be counted just now, so that none is looked at."""

    code = "COUPON_CODES_UNAVAILABLE"
    zh = "暂时无法兑换优惠码，请稍后再试。"
    en = "Codes can't be redeemed right now; try again in a moment."
