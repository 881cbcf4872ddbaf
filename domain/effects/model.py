"""Which effects are there?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GrantPoints:
    """Open a lot of `amount` points: pending until `activates_at` (None: available at once).

    What `is_won` in a lottery is accounted for beside what is earned.
    """

    amount: int
    reason: str
    activates_at: datetime | None
    expires_at: datetime | None
    is_won: bool = False


@dataclass(frozen=True, slots=True)
class GrantGrowth:
    """Credit GROWTH; `reason` is its class, "purchase" or "interaction"."""

    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBackPoints:
    """Undo `amount` points of what a lot gave."""

    lot_id: UUID
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBackGrowth:
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class GrantCredit:
    """Open a red packet: pending until `activates_at` (None: at once); minor units."""

    amount_minor: int
    reason: str
    activates_at: datetime | None
    expires_at: datetime | None
    is_won: bool = False


@dataclass(frozen=True, slots=True)
class TakeBackCredit:
    """Undo `amount_minor` of what a red packet gave."""

    lot_id: UUID
    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class GrantCommunity:
    """Credit COMMUNITY, which has no lots and doesn't expire."""

    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBackCommunity:
    """Undo `amount` of COMMUNITY; what has been spent of it is a debt."""

    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class IssueCoupon:
    template: str


@dataclass(frozen=True, slots=True)
class AwardBadge:
    code: str


Movement = (
    GrantPoints
    | GrantGrowth
    | TakeBackPoints
    | TakeBackGrowth
    | GrantCredit
    | TakeBackCredit
    | GrantCommunity
    | TakeBackCommunity
)
"""What moves value on a book, for a `reason`."""

Effect = Movement | IssueCoupon | AwardBadge
