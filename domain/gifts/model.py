"""What was given, and what decides whether a birthday's gift is due?"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    WELCOME = "welcome"
    BIRTHDAY = "birthday"
    TIER = "tier"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a gift is for. `code`: the year of a birthday, a tier, or "once"; `day`: the member's.

    The occasion of a birthday is the day on which it fell, however late the gift is.
    """

    kind: Kind
    code: str
    day: date


@dataclass(frozen=True, slots=True)
class GiftRow:
    """A row of the table `gift`."""

    member_id: UUID
    kind: str
    code: str
    day: date
    points: int
    given_at: datetime
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class KnownBirthday:
    """A member's birthday, and on which of their days they stated it.

    `gift_day`: the birthday for which they got a gift last.
    """

    birthday: date
    stated_on: date
    gift_day: date | None
