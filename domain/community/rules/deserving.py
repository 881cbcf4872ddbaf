"""What does a merit give?"""

from dataclasses import dataclass
from decimal import Decimal
from math import floor
from typing import Literal

from domain.community.model import MeritKind
from domain.programme.model import Interaction, Programme, Tier, plain_decimal

Currency = Literal["POINTS", "COMMUNITY"]


COUNTED_AS = {
    MeritKind.POST: "post",
    MeritKind.COMMENT: "comment",
    MeritKind.LIKE_GIVEN: "like_given",
    MeritKind.LIKE_RECEIVED: "like_received",
    MeritKind.STAFF_PICK: "staff_pick",
    MeritKind.REVIEW: "review",
    MeritKind.ANSWER_ACCEPTED: "answer_accepted",
    MeritKind.SHARE_OPENED: "share_opened",
}
"""As `points.interactions` names them; what a shop tells of counts for the same limit."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the programme gives: `per_day` None: no limit of the day."""

    points: int
    per_day: int | None
    currency: Currency


@dataclass(frozen=True, slots=True)
class Deserved:
    """`amount` of the currency, GROWTH before the multiplier; with a `reason` nothing of either."""

    currency: Currency
    amount: int
    growth: int
    reason: str | None
    inputs: dict[str, object]


def listed(kind: MeritKind, programme: Programme, *, with_photo: bool = False) -> Listed:
    """What one of this kind gives, and how often a day."""
    if kind == MeritKind.STAFF_PICK:
        return Listed(programme.community.quality.pick_points, None, "POINTS")
    found = programme.points.interactions
    if kind == MeritKind.REVIEW and with_photo:
        return Listed(found.review.with_photo_points, found.review.per_day, found.review.currency)
    one: Interaction = getattr(found, COUNTED_AS[kind])
    return Listed(one.points, one.per_day, one.currency)


def deserve(  # noqa: PLR0913  all that decides
    kind: MeritKind,
    programme: Programme,
    tier: Tier,
    *,
    unpaid_for: str | None,
    used_today: int,
    reference: str,
    with_photo: bool = False,
) -> Deserved:
    """Points times the tier's activity multiplier, rounded down; COMMUNITY as it is listed.

    Nothing where there is a reason against it, or above the limit of the member's day
    (DAILY_LIMIT). A post of 5 points at GOLD with a multiplier of 1.5 is floor(7.5) = 7 points and
    5 GROWTH.
    """
    gives = listed(kind, programme, with_photo=with_photo)
    reason = unpaid_for
    if reason is None and gives.per_day is not None and used_today >= gives.per_day:
        reason = "DAILY_LIMIT"
    if reason is None and not gives.points:
        reason = "GIVES_NOTHING"
    base = 0 if reason else gives.points
    times = tier.activity_multiplier if gives.currency == "POINTS" else Decimal(1)
    return Deserved(
        currency=gives.currency,
        amount=floor(Decimal(base) * times),
        growth=base,
        reason=reason,
        inputs={
            "merit": kind.value,
            "reference": reference,
            "base_points": gives.points,
            "tier": tier.code,
            "tier_name": tier.name.model_dump(mode="json", by_alias=True),
            "multiplier": plain_decimal(times),
            "per_day": gives.per_day,
            "counted_today": used_today,
        },
    )
