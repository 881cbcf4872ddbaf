"""What does a daily check-in give, and what does a missed day cost to restore?"""

from typing import Annotated

from pydantic import Field

from domain.programme.model.base import Code, Points, PointsPositive, Section


class Milestone(Section):
    """`points` on every multiple of `every_days` of the streak; `once`: on the first one only.

    A badge is awarded once per member, whatever `once` says. Milestones of one day add up.
    """

    every_days: Annotated[int, Field(ge=1, le=3_660)]
    points: Points = 0
    badge: Code | None = None
    coupon: Code | None = None
    once: bool = False


class MakeUpCard(Section):
    """Restores one missed day of the last `days_back`, at most `per_month` times a month."""

    price_points: PointsPositive = 50
    days_back: Annotated[int, Field(ge=1, le=31)] = 7
    per_month: Annotated[int, Field(ge=0, le=31)] = 3


class CheckIn(Section):
    points: Points = 10
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=20)] = (
        Milestone(every_days=7, points=20),
        Milestone(every_days=30, points=100, badge="CHECKIN_30"),
    )
    zone_change_hours: Annotated[int, Field(ge=0, le=24)] = 20
    makeup: MakeUpCard = MakeUpCard()

    def bonus_points(self, streak_days: int) -> int:
        """What the milestones give on that day of a streak, `once` ones included at their first."""
        return sum(
            milestone.points
            for milestone in self.milestones
            if streak_days > 0
            and (
                streak_days == milestone.every_days
                if milestone.once
                else streak_days % milestone.every_days == 0
            )
        )
