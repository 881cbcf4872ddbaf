"""May this member have that reward now, and may a redemption still be undone?

An offer is refused in this order: NOT_STARTED, ENDED, TIER_TOO_LOW, LIMIT_REACHED, OUT_OF_STOCK,
INSUFFICIENT_POINTS.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from domain.activity.errors import NotInAudience
from domain.coupons.model import Coupon
from domain.ledger.errors import InsufficientPoints
from domain.programme.model import Programme
from domain.programme.rules.limits import limit_window
from domain.rewards.errors import (
    Ended,
    LimitReached,
    NotCancellable,
    NotStarted,
    OutOfStock,
    TierTooLow,
    WrongState,
)
from domain.rewards.model import (
    ADJUSTMENT_MAX,
    CODE_LENGTH_MAX,
    KEY_LENGTH_MAX,
    POOL_LENGTH_MAX,
    QUANTITY_MAX,
    REASON_LENGTH_MAX,
    Adjustment,
    Offer,
    Redemption,
    Request,
    State,
)
from kit.errors import InvalidInput, Refusal

_STORED: dict[str, Callable[..., Refusal]] = {
    NotStarted.code: NotStarted,
    Ended.code: Ended,
    TierTooLow.code: TierTooLow,
    LimitReached.code: LimitReached,
    OutOfStock.code: OutOfStock,
    NotInAudience.code: NotInAudience,
    InsufficientPoints.code: InsufficientPoints,
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


def check_key(key: str) -> None:
    """Refuses INVALID_INPUT."""
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isprintable():
        raise InvalidInput(
            ["input", "idempotencyKey"],
            f"a key has 1 to {KEY_LENGTH_MAX} printable characters",
            f"幂等键应为 1 至 {KEY_LENGTH_MAX} 个可见字符",
        )


def check_reason(reason: str, path: list[str]) -> None:
    """Refuses INVALID_INPUT."""
    printable = reason.isprintable() and not reason.isspace()
    if not 1 <= len(reason) <= REASON_LENGTH_MAX or not printable:
        raise InvalidInput(
            path,
            f"a reason has 1 to {REASON_LENGTH_MAX} printable characters",
            f"原因应为 1 至 {REASON_LENGTH_MAX} 个可见字符",
        )


def check_codes(pool: str, codes: Sequence[str]) -> None:
    """Refuses INVALID_INPUT."""
    if not 1 <= len(pool) <= POOL_LENGTH_MAX or not pool.isprintable():
        raise InvalidInput(
            ["pool"],
            f"a pool's name has 1 to {POOL_LENGTH_MAX} printable characters",
            f"码池名应为 1 至 {POOL_LENGTH_MAX} 个可见字符",
        )
    for place, code in enumerate(codes):
        if not 1 <= len(code) <= CODE_LENGTH_MAX or not code.isprintable():
            raise InvalidInput(
                ["codes", str(place)],
                f"a code has 1 to {CODE_LENGTH_MAX} printable characters",
                f"兑换码应为 1 至 {CODE_LENGTH_MAX} 个可见字符",
            )


def check_adjustment(asked: Adjustment, now: datetime) -> None:
    """Refuses INVALID_INPUT."""
    if asked.amount == 0 or abs(asked.amount) > ADJUSTMENT_MAX:
        raise InvalidInput(
            ["input", "amount"],
            f"an adjustment is within ±{ADJUSTMENT_MAX} and not 0",
            f"调整数额应在 ±{ADJUSTMENT_MAX} 之间且不为 0",
        )
    check_reason(asked.reason, ["input", "reason"])
    if asked.expires_at is not None and asked.expires_at <= now:
        raise InvalidInput(["input", "expiresAt"], "it lies in the past", "到期时间已过")
    check_key(asked.key)


def check_offer(offer: Offer, quantity: int, programme: Programme, *, now: datetime) -> None:
    """Refuses what the module's docstring lists, in its order."""
    reward = offer.reward
    if reward.starts_at is not None and now < reward.starts_at:
        raise NotStarted(reward.starts_at)
    if reward.ends_at is not None and now >= reward.ends_at:
        raise Ended(reward.ends_at)
    tiers = programme.tiers
    if reward.tier_min is not None and tiers.rank(offer.tier_code) < tiers.rank(reward.tier_min):
        raise TierTooLow(reward.tier_min)
    _check_limit(offer, quantity, programme, now=now)
    if offer.stock_left is not None and quantity > offer.stock_left:
        raise OutOfStock
    price = price_points(offer, quantity)
    if price > offer.available_points:
        raise InsufficientPoints(available=offer.available_points, required=price)


def _check_limit(offer: Offer, quantity: int, programme: Programme, *, now: datetime) -> None:
    limit = offer.reward.limit
    if limit is not None and offer.used + quantity > limit.count:
        _, resets_at = limit_window(limit, programme, now)
        raise LimitReached(limit.count, limit.period, resets_at)


def price_points(offer: Offer, quantity: int) -> int:
    return offer.reward.price(offer.tier_code) * quantity


def check_cancellable(
    redemption: Redemption, kind: str, coupons: Sequence[Coupon], *, now: datetime
) -> None:
    """Refuses NOT_CANCELLABLE.

    A physical thing can be cancelled until it is shipped, a coupon while it could still be used;
    a code that was shown can't be unseen.
    """
    match kind:
        case "PHYSICAL":
            cancellable = redemption.state == State.REQUESTED
        case "COUPON":
            cancellable = redemption.state == State.ISSUED and all(
                coupon.state_at(now) == "ISSUED" for coupon in coupons
            )
        case _:
            cancellable = False
    if not cancellable:
        raise NotCancellable(kind, redemption.state)


_STEPS: dict[State, tuple[State, ...]] = {
    State.SHIPPED: (State.REQUESTED,),
    State.DELIVERED: (State.SHIPPED,),
    State.FAILED: (State.REQUESTED, State.SHIPPED),
}


def check_step(redemption: Redemption, following: State) -> None:
    """Refuses WRONG_STATE where a thing can't become `following`: shipped, delivered or failed."""
    if redemption.state not in _STEPS[following]:
        raise WrongState(redemption.state, " | ".join(_STEPS[following]))


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
