"""When does an invitation count, and what does it give to whom?"""

from typing import Annotated

from pydantic import Field

from domain.programme.model.base import (
    Code,
    DaysPositive,
    MoneyMinor,
    Points,
    PointsPositive,
    Section,
)


class InviteeMilestone(Section):
    """`points` once ever, when `count` invitees stand."""

    count: Annotated[int, Field(ge=1, le=100_000)]
    points: PointsPositive


class Referral(Section):
    """`order_min` (in yuan) must be left of the first order when its return window ends."""

    bind_days: DaysPositive = 7
    qualify_days: DaysPositive = 60
    order_min_minor: MoneyMinor = Field(default=20, alias="order_min", ge=0, validate_default=True)
    inviter_points: Points = 500
    invitee_points: Points = 200
    invitee_coupon: Code | None = None
    milestones: Annotated[tuple[InviteeMilestone, ...], Field(max_length=20)] = (
        InviteeMilestone(count=3, points=300),
        InviteeMilestone(count=10, points=1_200),
        InviteeMilestone(count=30, points=5_000),
    )
    monthly_cap: Annotated[int, Field(ge=1, le=100_000)] = 30
    reversal_days: DaysPositive = 60
