"""How are points earned, when do they become available, and when do they expire?"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import (
    Code,
    Days,
    DaysPositive,
    Exact,
    Frozen,
    Months,
    Multiplier,
    PercentPositive,
    PerDay,
    Points,
    PointsPositive,
    Section,
    Text,
    Word,
    no_entries,
)


class Rolling(Section):
    """A lot expires `months` after its activation."""

    kind: Literal["rolling"] = "rolling"
    months: Months = 24


class AnnualDecay(Section):
    """At the end of 31 December every wallet loses `percent` of what is available, rounded down.

    Lots active for less than `spared_days` are spared. With `months`, lots expire by age as well.
    """

    kind: Literal["annual_decay"] = "annual_decay"
    percent: PercentPositive = 10
    months: Months | None = None
    spared_days: Days = 30


class FixedDate(Section):
    """A lot expires at the end of the next `month`/`day` that is at least `min_months` away."""

    kind: Literal["fixed_date"] = "fixed_date"
    month: Annotated[int, Field(ge=1, le=12)] = 12
    day: Annotated[int, Field(ge=1, le=31)] = 31
    min_months: Annotated[int, Field(ge=0, le=120)] = 6


class Inactivity(Section):
    """All points expire after `months` without earning or spending."""

    kind: Literal["inactivity"] = "inactivity"
    months: Months = 12


class Never(Section):
    kind: Literal["never"] = "never"


Expiry = Annotated[
    Rolling | AnnualDecay | FixedDate | Inactivity | Never, Field(discriminator="kind")
]


class Match(Section):
    """Which order lines a rule concerns; an empty list matches everything."""

    category: tuple[Word, ...] = ()
    brand: tuple[Word, ...] = ()
    sku: tuple[Word, ...] = ()
    channel: tuple[Word, ...] = ()
    first_order: bool = False


class EarningRule(Section):
    """Multiplies the points of matching lines, at most `cap_points` extra in each period."""

    code: Code
    name: Text
    match: Match = Match()
    multiplier: Multiplier
    cap_points: Frozen[Literal["day", "week", "month"], PointsPositive] = Field(
        default_factory=no_entries
    )


class Interaction(Section):
    points: Points
    per_day: PerDay
    currency: Literal["POINTS", "COMMUNITY"] = "POINTS"


class CommunityInteraction(Interaction):
    currency: Literal["POINTS", "COMMUNITY"] = "COMMUNITY"


class ReviewInteraction(Interaction):
    with_photo_points: Points


class Interactions(Section):
    review: ReviewInteraction = ReviewInteraction(points=20, with_photo_points=30, per_day=3)
    share_opened: Interaction = Interaction(points=5, per_day=5)
    post: Interaction = Interaction(points=5, per_day=3)
    answer_accepted: Interaction = Interaction(points=20, per_day=5)
    like_received: Interaction = Interaction(points=1, per_day=20)
    comment: CommunityInteraction = CommunityInteraction(points=2, per_day=20)
    like_given: CommunityInteraction = CommunityInteraction(points=1, per_day=20)


class PointsPolicy(Section):
    """`per_yuan` points for each whole yuan; `delivery_days` come before the return window.

    `completion: window` lets silence activate after the window; `completed_only` waits for the
    shop's word, and after `silence_days` does what `silence` says.
    """

    per_yuan: Annotated[int, Field(ge=1, le=1_000)] = 1
    multiplier_max: Annotated[Exact, Field(ge=1, le=5)] = Decimal(5)
    delivery_days: Days = 8
    completion: Literal["window", "completed_only"] = "window"
    silence_days: Days = 60
    silence: Literal["cancel", "activate"] = "cancel"
    shortfall: Literal["within_balance", "only_pending", "unlimited"] = "within_balance"
    reinstate_days: Days = 30
    expiry: Expiry = Rolling()
    rules: Annotated[tuple[EarningRule, ...], Field(max_length=100)] = ()
    interactions: Interactions = Interactions()
    expiring_days: Annotated[tuple[DaysPositive, ...], Field(max_length=10)] = (30, 7)


class Growth(Section):
    """GROWTH for each whole yuan of the earning base."""

    per_yuan: Annotated[int, Field(ge=0, le=1_000)] = 1
