"""Which tiers are there, how is one reached, kept and lost, and what does it give?"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import (
    Code,
    DaysPositive,
    Exact,
    Instant,
    MoneyMinor,
    Months,
    Multiplier,
    Percent,
    PercentPositive,
    PerDay,
    Points,
    Section,
    Text,
    Word,
    an_empty_section,
)
from domain.programme.model.gives import Gives

DiscountPercent = Annotated[Exact, Field(ge=0, lt=100)]


class DiscountDay(Section):
    """A discount of its own for a scope and a window (专属折扣日); empty lists match everything."""

    discount_percent: DiscountPercent
    category: tuple[Word, ...] = ()
    brand: tuple[Word, ...] = ()
    sku: tuple[Word, ...] = ()
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = ()
    days_of_month: tuple[Annotated[int, Field(ge=1, le=31)], ...] = ()
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class TrialQuota(Section):
    count: Annotated[int, Field(ge=1, le=100)]
    period: Literal["month", "quarter"]


class FreeShipping(Section):
    order_min_minor: MoneyMinor = Field(default=0, alias="order_min", ge=0, validate_default=True)


class Benefits(Section):
    discount_days: tuple[DiscountDay, ...] = ()
    trials: TrialQuota | None = None
    shipping: FreeShipping | None = None
    service: Literal["standard", "priority", "dedicated"] = "standard"
    birthday_multiplier: Multiplier = Decimal(1)


class Tier(Section):
    """One step of the ladder.

    `threshold` is a score, `growth_threshold` GROWTH in the window. `keep` replaces the share of
    the threshold (`keep_percent`) that keeps the tier. `points_per_yuan`: what a yuan costs when a
    member pays with points. `gifts`: once for ever, when an upgrade to or past it is confirmed.
    """

    code: Code
    name: Text
    threshold: Annotated[int, Field(ge=0, le=1_000)]
    growth_threshold: Points = 0
    keep: Points | None = None
    discount_percent: DiscountPercent = Decimal(0)
    points_multiplier: Multiplier = Decimal(1)
    activity_multiplier: Multiplier = Decimal(1)
    points_per_yuan: Annotated[int, Field(ge=1, le=100_000)] = 80
    return_days: Annotated[int, Field(ge=0, le=365)] = 7
    may_downgrade: bool = True
    benefits: Benefits = Benefits()
    gifts: Gives = Gives()


class Score(Section):
    """The composite score of up to 1,000 and the interaction points above it.

    Written in yuan: `spend_full`, `order_min`.
    """

    spend_full_minor: MoneyMinor = Field(
        default=20_000, alias="spend_full", ge=1, validate_default=True
    )
    orders_full: Annotated[int, Field(ge=1, le=100_000)] = 50
    spend_weight: Percent = 60
    orders_weight: Percent = 40
    interaction_cap: Annotated[int, Field(ge=0, le=1_000)] = 50
    interaction_growth_per_point: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    order_min_minor: MoneyMinor = Field(default=20, alias="order_min", ge=0, validate_default=True)
    orders_per_day: Annotated[int, Field(ge=1, le=100)] = 1


def _tier(
    words: tuple[str, str, str], thresholds: tuple[int, int], gives: tuple[str, str, int]
) -> Tier:
    code, zh_cn, en = words
    threshold, growth_threshold = thresholds
    discount_percent, points_multiplier, points_per_yuan = gives
    return Tier(
        code=code,
        name=Text(zh_cn=zh_cn, en=en),
        threshold=threshold,
        growth_threshold=growth_threshold,
        discount_percent=Decimal(discount_percent),
        points_multiplier=Decimal(points_multiplier),
        points_per_yuan=points_per_yuan,
    )


LADDER_DEFAULT = (
    _tier(("NORMAL", "普通", "Normal"), (0, 0), ("5", "1", 80)),
    _tier(("SILVER", "银卡", "Silver"), (100, 1_000), ("10", "1.1", 80)),
    _tier(("GOLD", "金卡", "Gold"), (300, 5_000), ("15", "1.25", 78)),
    _tier(("PLATINUM", "白金", "Platinum"), (550, 12_000), ("17.5", "1.5", 76)),
    _tier(("DIAMOND", "钻石", "Diamond"), (800, 20_000), ("20", "2", 74)),
)


class MakeUpAction(Section):
    """A way to make up for a missing score that isn't a purchase.

    Each counts `keep_percent` of what keeps the tier, at least 1 score point, so that an action
    weighs the same on every tier; `per_day` of a member's day count, `most` in one grace.
    """

    kind: Literal["check_in", "review", "share", "quiz", "post"]
    keep_percent: PercentPositive
    per_day: PerDay = 1
    most: Annotated[int, Field(ge=1, le=100)] = 3


MAKE_UP_ACTIONS = (
    MakeUpAction(kind="check_in", keep_percent=2, most=5),
    MakeUpAction(kind="review", keep_percent=4),
    MakeUpAction(kind="share", keep_percent=2),
    MakeUpAction(kind="quiz", keep_percent=2),
    MakeUpAction(kind="post", keep_percent=2),
)


class Tiers(Section):
    """`basis` says which threshold counts: that of the score or that of GROWTH in the window."""

    basis: Literal["score", "growth"] = "score"
    window_months: Months = 12
    period_months: Months = 12
    keep_percent: PercentPositive = 80
    warn_days: DaysPositive = 30
    grace_days: DaysPositive = 15
    recovery_days: DaysPositive = 30
    makeup_max_percent: Percent = 30
    makeup_actions: Annotated[tuple[MakeUpAction, ...], Field(max_length=5)] = MAKE_UP_ACTIONS
    downgrade: Literal["one", "by_score"] = "one"
    score: Score = Field(default_factory=an_empty_section, validate_default=True)
    ladder: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=20)] = LADDER_DEFAULT

    def tier(self, code: str) -> Tier:
        """The tier of that code; KeyError where the ladder has none."""
        return self.ladder[self.rank(code)]

    def rank(self, code: str) -> int:
        """0 for the lowest tier; KeyError where the ladder has none of that code."""
        for rank, tier in enumerate(self.ladder):
            if tier.code == code:
                return rank
        raise KeyError(code)

    def threshold(self, tier: Tier) -> int:
        """What reaches `tier` under this programme's basis."""
        return tier.threshold if self.basis == "score" else tier.growth_threshold

    def keep(self, tier: Tier) -> int:
        """What keeps `tier`: its own `keep`, else floor(threshold x keep_percent / 100).

        80 % of 550 is 440.
        """
        if tier.keep is not None:
            return tier.keep
        return self.threshold(tier) * self.keep_percent // 100

    def makeup_max(self, tier: Tier) -> int:
        """What make-up tasks may give together. 30 % of 440 is 132."""
        return self.keep(tier) * self.makeup_max_percent // 100
