"""May this member have that reward now, and may a redemption still be undone?

An offer is refused in this order: NOT_STARTED, ENDED, TIER_TOO_LOW, LEVEL_TOO_LOW, NO_HIGHER_TIER,
LOTTERY_CLOSED, LIMIT_REACHED, OUT_OF_STOCK, then INSUFFICIENT_POINTS, INSUFFICIENT_EXPIRING_POINTS
or INSUFFICIENT_COMMUNITY.
"""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.activity.errors import NotInAudience
from domain.coupons.model import Coupon
from domain.ledger.errors import (
    InsufficientCommunity,
    InsufficientCredit,
    InsufficientExpiringPoints,
    InsufficientPoints,
)
from domain.ledger.model import Currency, Wallet
from domain.lottery.errors import LotteryClosed
from domain.lottery.rules import check_client_seed
from domain.points.rules import expires_at, inactive_at
from domain.programme.model import EXPIRING_DAYS, Programme, Reward
from domain.programme.rules.limits import limit_window
from domain.rewards.errors import (
    CreditLimitReached,
    Ended,
    LevelTooLow,
    LimitReached,
    NoHigherTier,
    NotCancellable,
    NotStarted,
    OutOfStock,
    TierTooLow,
    WrongKind,
    WrongState,
)
from domain.rewards.model import (
    ADJUSTMENT_MAX,
    CODE_LENGTH_MAX,
    CODES_LOADED_MAX,
    POOL_LENGTH_MAX,
    QUANTITY_MAX,
    REASON_LENGTH_MAX,
    Adjustment,
    Offer,
    Operation,
    Redeemed,
    Request,
    State,
)
from kit.errors import InvalidInput, Refusal
from kit.keys import check_key
from kit.money import format_money

CANCELLABLE_KINDS = frozenset({"COUPON", "PHYSICAL", "SERVICE"})
EXPIRING = timedelta(days=EXPIRING_DAYS)
COLUMN = "code"
_STORED: dict[str, Callable[..., Refusal]] = {
    NotStarted.code: NotStarted,
    Ended.code: Ended,
    TierTooLow.code: TierTooLow,
    LevelTooLow.code: LevelTooLow,
    NoHigherTier.code: NoHigherTier,
    LotteryClosed.code: LotteryClosed,
    LimitReached.code: LimitReached,
    OutOfStock.code: OutOfStock,
    NotInAudience.code: NotInAudience,
    InsufficientPoints.code: InsufficientPoints,
    InsufficientExpiringPoints.code: InsufficientExpiringPoints,
    InsufficientCommunity.code: InsufficientCommunity,
    InsufficientCredit.code: InsufficientCredit,
    CreditLimitReached.code: CreditLimitReached,
}


def check_request(request: Request) -> None:
    """Refuses INVALID_INPUT."""
    if not 1 <= request.quantity <= QUANTITY_MAX:
        raise InvalidInput(
            ["input", "quantity"],
            f"{request.quantity} is not within 1 to {QUANTITY_MAX}",
            f"{request.quantity} 不在 1 至 {QUANTITY_MAX} 之间",
        )
    check_key(request.key)
    check_client_seed(request.client_seed)


_ONE_AT_A_TIME = {
    "TIER_UPGRADE": ("a step up is one", "等级提升每次仅限 1 份"),
    "BUNDLE": ("a bundle is had one at a time", "礼包每次仅限 1 份"),
}


def check_asked(request: Request, reward: Reward) -> None:
    """Refuses INVALID_INPUT where this reward can't be asked for in this way."""
    if request.from_expiring and not reward.has_expiring_price:
        raise InvalidInput(
            ["input", "fromExpiring"],
            "this reward has no lower price for points that expire soon",
            "此奖励没有即将到期积分的优惠价",
        )
    words = _ONE_AT_A_TIME.get(reward.kind)
    if words is not None and request.quantity != 1:
        raise InvalidInput(["input", "quantity"], *words)


def check_reason(reason: str, path: list[str]) -> None:
    """Refuses INVALID_INPUT."""
    printable = reason.isprintable() and not reason.isspace()
    if not 1 <= len(reason) <= REASON_LENGTH_MAX or not printable:
        raise InvalidInput(
            path,
            f"a reason has 1 to {REASON_LENGTH_MAX} printable characters",
            f"原因应为 1 至 {REASON_LENGTH_MAX} 个可见字符",
        )


def check_pool(pool: str) -> None:
    """Refuses INVALID_INPUT."""
    if not 1 <= len(pool) <= POOL_LENGTH_MAX or not pool.isprintable():
        raise InvalidInput(
            ["pool"],
            f"a pool's name has 1 to {POOL_LENGTH_MAX} printable characters",
            f"码池名应为 1 至 {POOL_LENGTH_MAX} 个可见字符",
        )


def check_codes(pool: str, codes: Sequence[str]) -> None:
    """Refuses INVALID_INPUT."""
    check_pool(pool)
    for place, code in enumerate(codes):
        check_code(code, ["codes", str(place)])


def check_code(code: str, path: list[str]) -> None:
    """Refuses INVALID_INPUT."""
    if not 1 <= len(code) <= CODE_LENGTH_MAX or not code.isprintable():
        raise InvalidInput(
            path,
            f"a code has 1 to {CODE_LENGTH_MAX} printable characters",
            f"兑换码应为 1 至 {CODE_LENGTH_MAX} 个可见字符",
        )


def codes_of(text: str) -> list[str]:
    """The column `code` of a CSV file with a header; a code's spaces at both ends don't count.

    Refuses INVALID_INPUT: no such column, no rows, or more than a million.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        if COLUMN not in (rows.fieldnames or ()):
            raise InvalidInput(["csv"], "its header has no column code", "表头缺少 code 列")
        codes = [(row[COLUMN] or "").strip() for row in rows]
    except csv.Error as error:
        raise InvalidInput(["csv"], f"it is no CSV file: {error}", "不是有效的 CSV 文件") from None
    if not 1 <= len(codes) <= CODES_LOADED_MAX:
        raise InvalidInput(
            ["csv"],
            f"{len(codes)} rows are not within 1 to {CODES_LOADED_MAX}",
            f"{len(codes)} 行不在 1 至 {CODES_LOADED_MAX} 之间",
        )
    return codes


def check_adjustment(asked: Adjustment, now: datetime) -> None:
    """Refuses INVALID_INPUT."""
    if asked.amount == 0 or abs(asked.amount) > ADJUSTMENT_MAX:
        raise InvalidInput(
            ["input", asked.operation.amount_field],
            f"an adjustment is within ±{ADJUSTMENT_MAX} and not 0",
            f"调整数额应在 ±{ADJUSTMENT_MAX} 之间且不为 0",
        )
    check_reason(asked.reason, ["input", "reason"])
    if asked.expires_at is not None and asked.expires_at <= now:
        raise InvalidInput(["input", "expiresAt"], "it lies in the past", "到期时间已过")
    check_key(asked.key)


def packet_expires_at(usable_at: datetime, programme: Programme) -> datetime | None:
    """When a red packet that can be used from then on ends, in days of 24 hours; None: never."""
    days = programme.credit.expires_days
    return None if days is None else usable_at + timedelta(days=days)


def lot_expires_at(currency: str, usable_at: datetime, programme: Programme) -> datetime | None:
    """When what can be spent from then on ends, by its age or unless the member is active."""
    if currency == Currency.CREDIT:
        return packet_expires_at(usable_at, programme)
    return expires_at(usable_at, programme) or inactive_at(usable_at, programme)


def check_packet(asked: Adjustment, programme: Programme) -> None:
    """Refuses INVALID_INPUT where staff give a red packet that is none, or too large."""
    most, currency = programme.credit.packet_max_minor, programme.currency
    if asked.operation == Operation.GRANT_CREDIT and not 0 < asked.amount <= most:
        raise InvalidInput(
            ["input", asked.operation.amount_field],
            f"a red packet is of {format_money(most, currency, 'en')} at most, and not empty",
            f"单个红包应大于 0，且不超过 {format_money(most, currency, 'zh-CN')}",
        )


def check_room(asked: Adjustment, wallet: Wallet, programme: Programme) -> None:
    """Refuses CREDIT_LIMIT_REACHED where staff would bring a balance above what it may be."""
    balance = wallet.pending + wallet.available + wallet.held + wallet.debt
    most = programme.credit.balance_max_minor
    is_credit = asked.operation.currency == Currency.CREDIT
    if is_credit and asked.amount > 0 and balance + asked.amount > most:
        raise CreditLimitReached(balance, most, programme.currency)


def check_offer(
    offer: Offer,
    quantity: int,
    programme: Programme,
    *,
    now: datetime,
    from_expiring: bool = False,
) -> None:
    """Refuses what the module's docstring lists, in its order."""
    reward = offer.reward
    if reward.starts_at is not None and now < reward.starts_at:
        raise NotStarted(reward.starts_at)
    if reward.ends_at is not None and now >= reward.ends_at:
        raise Ended(reward.ends_at)
    locked = why_locked(reward, offer.tier_code, offer.earned_community, programme)
    if locked is not None:
        raise locked
    if reward.kind == "TIER_UPGRADE":
        check_step_up(offer.tier_code, offer.earned_tier, programme)
    if reward.lottery is not None and not offer.is_open:
        raise LotteryClosed(reward.lottery)
    _check_limit(offer, quantity, programme, now=now)
    if offer.stock_left is not None and quantity > offer.stock_left:
        raise OutOfStock
    _check_price(offer, quantity, from_expiring=from_expiring)


def why_locked(
    reward: Reward, tier_code: str, earned_community: int, programme: Programme
) -> Refusal | None:
    """TIER_TOO_LOW or LEVEL_TOO_LOW; None for whom its tier and level admit."""
    tier, level = required_tier(reward, programme), required_level(reward, programme)
    if tier is not None and is_below(tier_code, tier, programme):
        return TierTooLow(tier)
    if level is not None and programme.community.is_below(earned_community, level):
        return LevelTooLow(level)
    return None


def required_tier(reward: Reward, programme: Programme) -> str | None:
    """The lowest tier that may have it: one who doesn't see it can't have it either."""
    asked = [code for code in (reward.tier_min, reward.visible_from) if code is not None]
    return max(asked, key=programme.tiers.rank, default=None)


def required_level(reward: Reward, programme: Programme) -> str | None:
    """The lowest community level that may have it, seen alike."""
    asked = {reward.level_min, reward.visible_from_level}
    codes = [level.code for level in programme.community.levels if level.code in asked]
    return codes[-1] if codes else None


def is_below(tier_code: str, required: str, programme: Programme) -> bool:
    return programme.tiers.rank(tier_code) < programme.tiers.rank(required)


def is_visible(reward: Reward, tier_code: str, earned_community: int, programme: Programme) -> bool:
    """Whether a member of that tier and level sees it on the shelf."""
    tier, level = reward.visible_from, reward.visible_from_level
    if tier is not None and is_below(tier_code, tier, programme):
        return False
    return level is None or not programme.community.is_below(earned_community, level)


def check_step_up(tier_code: str, earned_tier: str, programme: Programme) -> str:
    """The tier that a step up gives. Refuses NO_HIGHER_TIER."""
    found = next_tier(tier_code, earned_tier, programme)
    if found is None:
        raise NoHigherTier(tier_code)
    return found


def next_tier(tier_code: str, earned_tier: str, programme: Programme) -> str | None:
    """The tier above the earned one, which a step up gives; None where that lifts nobody.

    It is counted from what was earned, so that steps can't be bought on steps: who has SILVER and
    stands on GOLD by a floor gets no PLATINUM.
    """
    ladder, rank = programme.tiers.ladder, programme.tiers.rank
    above = rank(earned_tier) + 1
    if above >= len(ladder) or rank(tier_code) >= above:
        return None
    return ladder[above].code


def _check_limit(offer: Offer, quantity: int, programme: Programme, *, now: datetime) -> None:
    limit = offer.reward.limit
    if limit is not None and offer.used + quantity > limit.count:
        _, resets_at = limit_window(limit, programme, now)
        raise LimitReached(limit.count, limit.period, resets_at)


def _check_price(offer: Offer, quantity: int, *, from_expiring: bool) -> None:
    price = price_of(offer, quantity, from_expiring=from_expiring)
    if from_expiring and price > offer.expiring_points:
        raise InsufficientExpiringPoints(available=offer.expiring_points, required=price)
    if offer.reward.costs_community:
        if price > offer.available_community:
            raise InsufficientCommunity(available=offer.available_community, required=price)
    elif price > offer.available_points:
        raise InsufficientPoints(available=offer.available_points, required=price)


def price_of(offer: Offer, quantity: int, *, from_expiring: bool = False) -> int:
    """For all of them, in the reward's currency.

    A tier without a lower price pays its own from what expires soon.
    """
    price = offer.reward.price(offer.tier_code)
    if from_expiring:
        price = offer.reward.expiring_price(offer.tier_code) or price
    return price * quantity


def check_cancellable(
    found: Redeemed, coupons: Sequence[Coupon], *, by_member: bool, now: datetime
) -> None:
    """Refuses NOT_CANCELLABLE.

    A thing can be cancelled until it is shipped, a service until it is delivered, a coupon while it
    could still be used, unless the reward says that members can't. A code that was shown can't be
    unseen, a draw not undrawn, a donation is made; and who has had a tier's discounts has had them.
    """
    redemption, kind = found.redemption, found.reward.kind
    match kind:
        case "PHYSICAL" | "SERVICE":
            cancellable = redemption.state == State.REQUESTED
        case "COUPON":
            cancellable = redemption.state == State.ISSUED and all(
                coupon.state_at(now) == "ISSUED" for coupon in coupons
            )
        case _:
            cancellable = False
    if not cancellable or (by_member and not found.reward.cancellable):
        raise NotCancellable(kind, redemption.state)


_THING = "PHYSICAL"
_STEPS: dict[State, dict[str, tuple[State, ...]]] = {
    State.SHIPPED: {"PHYSICAL": (State.REQUESTED,)},
    State.DELIVERED: {"PHYSICAL": (State.SHIPPED,), "SERVICE": (State.REQUESTED,)},
    State.FAILED: {
        "PHYSICAL": (State.REQUESTED, State.SHIPPED),
        "SERVICE": (State.REQUESTED,),
        "TIER_UPGRADE": (State.REQUESTED,),
    },
}


def check_step(state: str, kind: str, following: State) -> None:
    """Refuses WRONG_STATE, WRONG_KIND where what staff sends can't become `following`.

    WRONG_KIND is for what only has the state: a service that is REQUESTED is never shipped.
    """
    steps = _STEPS[following]
    before = steps.get(kind, steps[_THING])
    if state not in before:
        raise WrongState(state, " | ".join(before))
    if kind not in steps:
        raise WrongKind(kind, " | ".join(steps))


def answer_of(refusal: Refusal) -> dict[str, Any]:
    """A refusal as it is kept under an idempotency key."""
    facts = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in refusal.facts.items()
        if not name.endswith(("_zh", "_en"))
    }
    return {"refusal": refusal.code, "facts": facts}


def refusal_of(answer: dict[str, Any]) -> Refusal:
    """The refusal that `answer_of` kept."""
    facts = {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in answer["facts"].items()
    }
    return _STORED[answer["refusal"]](**facts)
