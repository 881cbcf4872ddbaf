"""Why can't a reward be redeemed, or a redemption be changed?"""

from datetime import datetime

from domain.coupons.errors import Ended, LimitReached, OutOfStock
from kit.calendar import format_instant
from kit.errors import Refusal
from kit.money import format_money

__all__ = [
    "CommunityBanned",
    "Ended",
    "LevelTooLow",
    "LimitReached",
    "NoHigherTier",
    "NotCancellable",
    "NotStarted",
    "OutOfStock",
    "TierTooLow",
    "WrongKind",
    "WrongState",
]


class NotStarted(Refusal):
    """Fact: `starts_at`, the instant from which on it can be had."""

    code = "NOT_STARTED"
    zh = "活动尚未开始，开始时间：{starts_at}。"
    en = "This has not started yet; it starts at {starts_at}."

    def __init__(self, starts_at: datetime) -> None:
        super().__init__(starts_at=starts_at)


class TierTooLow(Refusal):
    """Fact: `required`, the code of the lowest tier that may."""

    code = "TIER_TOO_LOW"
    zh = "会员等级不足，需要达到 {required}。"
    en = "This needs tier {required} or higher."

    def __init__(self, required: str) -> None:
        super().__init__(required=required)


class LevelTooLow(Refusal):
    """Fact: `required`, the code of the lowest community level that may."""

    code = "LEVEL_TOO_LOW"
    zh = "社区等级不足，需要达到 {required}。"
    en = "This needs community level {required} or higher."

    def __init__(self, required: str) -> None:
        super().__init__(required=required)


class CommunityBanned(Refusal):
    """Facts: `reason` and `ends_at`, None for good."""

    code = "COMMUNITY_BANNED"
    zh = "您已被禁止在社区发言和互动（{until_zh}）：{reason}"
    en = "You may not write in the community ({until_en}): {reason}"

    def __init__(self, reason: str, ends_at: datetime | None) -> None:
        at = None if ends_at is None else format_instant(ends_at)
        super().__init__(
            reason=reason,
            ends_at=ends_at,
            until_zh="永久" if at is None else f"至 {at}",
            until_en="for good" if at is None else f"until {at}",
        )


class NoHigherTier(Refusal):
    """Fact: `tier`, the code of the one that the member has and would not be lifted above."""

    code = "NO_HIGHER_TIER"
    zh = "您已享有 {tier} 等级，此奖励无法再提升。"
    en = "You have tier {tier}; this would lift you to no higher one."

    def __init__(self, tier: str) -> None:
        super().__init__(tier=tier)


class CodeInPool(Refusal):
    """For a row of an import: the pool has that code, or an earlier row had."""

    code = "CODE_IN_POOL"
    zh = "兑换码重复：码池中已有，或文件前面已出现。"
    en = "The code is in the pool already, or stands further up in the file."


class CreditLimitReached(Refusal):
    """Facts: what the member has, `balance_minor`, and may have, `limit_minor`, of `currency`."""

    code = "CREDIT_LIMIT_REACHED"
    zh = "会员红包余额已有 {balance_zh}，最多 {limit_zh}。"
    en = "The member has {balance_en} of credit; {limit_en} is the most."

    def __init__(self, balance_minor: int, limit_minor: int, currency: str) -> None:
        super().__init__(
            balance_minor=balance_minor,
            limit_minor=limit_minor,
            currency=currency,
            balance_zh=format_money(balance_minor, currency, "zh-CN"),
            balance_en=format_money(balance_minor, currency, "en"),
            limit_zh=format_money(limit_minor, currency, "zh-CN"),
            limit_en=format_money(limit_minor, currency, "en"),
        )


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


class WrongKind(Refusal):
    """Facts: the `kind` of its reward, and those that this is for, `required`."""

    code = "WRONG_KIND"
    zh = "该兑换的类型为 {kind}，此操作仅适用于 {required}。"
    en = "It is a {kind}; this is for {required} only."

    def __init__(self, kind: str, required: str) -> None:
        super().__init__(kind=kind, required=required)
