"""How does a daily check-in look?"""

from datetime import date
from typing import Protocol

import strawberry

from schema.scalars import Points


class _CheckedIn(Protocol):
    @property
    def day(self) -> date: ...
    @property
    def streak_days(self) -> int: ...
    @property
    def points_awarded(self) -> int: ...


@strawberry.type
class CheckIn:
    day: date = strawberry.field(description="In the member's own time zone.")
    streak_days: int
    points_awarded: Points

    @classmethod
    def of(cls, found: _CheckedIn) -> "CheckIn":
        return cls(
            day=found.day, streak_days=found.streak_days, points_awarded=found.points_awarded
        )
