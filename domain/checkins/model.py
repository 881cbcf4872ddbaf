"""What is known of a member's check-ins, and what may be decided about the next one?"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kit.calendar import ZoneChange, day_of

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MemberDays:
    """How a member's days are counted: by their zone and, if they ever moved, their last move."""

    zone: str
    day_start_hour: int = 0
    change: ZoneChange | None = None

    def day_of(self, at: datetime) -> date:
        if self.change is not None:
            return self.change.day_of(at)
        return day_of(at, self.zone, self.day_start_hour)

    @property
    def skipped(self) -> frozenset[date]:
        return frozenset() if self.change is None else self.change.skipped_days


@dataclass(frozen=True, slots=True)
class Streak:
    """`days` in a row, up to and with `ends_on`, made-up ones included."""

    ends_on: date
    days: int


@dataclass(frozen=True, slots=True)
class LastCheckIn:
    """The latest day that the member really checked in on."""

    day: date
    at: datetime
    streak_days: int
    points_awarded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInState:
    days: MemberDays
    streak: Streak | None = None
    last: LastCheckIn | None = None
    badges: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bonus:
    """A milestone of `every_days` that was due."""

    every_days: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInDecision:
    """`growth` is of class `interaction`; `badges` only those that the member hasn't."""

    day: date
    streak_days: int
    points_awarded: int
    growth: int
    bonuses: tuple[Bonus, ...]
    badges: tuple[str, ...]
    coupons: tuple[str, ...]
    inputs: Json
    outcome: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInStatus:
    """`streak_days` is 0 once a day was missed."""

    day: date
    checked_in_today: bool
    streak_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """A day of a streak. `milestone_points`, `coupons`: what milestones gave with this row.

    With a made-up row, that is what restoring the day gave for the days after it.
    """

    day: date
    streak_days: int
    milestone_points: int = 0
    coupons: tuple[str, ...] = ()
    made_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpState:
    """`records`: from the day before the oldest that can still be restored up to today."""

    days: MemberDays
    joined_on: date
    records: tuple[DayRecord, ...]
    made_up_this_month: int
    badges: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpDecision:
    """What restoring `day` costs and gives.

    `streak`: the run that holds the day now; `streaks`: the new number of its days from there on.
    """

    day: date
    price_points: int
    streak: Streak
    streaks: tuple[tuple[date, int], ...]
    points_awarded: int
    badges: tuple[str, ...]
    coupons: tuple[str, ...]
    inputs: Json
    outcome: Json
