"""What is a redemption, and what must be known to decide on one?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.programme.model import Reward

QUANTITY_MAX = 100
KEY_LENGTH_MAX = 128
POOL_LENGTH_MAX = 100
CODE_LENGTH_MAX = 200
REASON_LENGTH_MAX = 200
ADJUSTMENT_MAX = 10**9


class State(StrEnum):
    """A physical thing is REQUESTED, SHIPPED, then DELIVERED or FAILED; a coupon stays ISSUED."""

    REQUESTED = "REQUESTED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    ISSUED = "ISSUED"
    CANCELLED = "CANCELLED"


RETURNED = frozenset({State.CANCELLED, State.FAILED})
"""Points, stock and limit have gone back."""


@dataclass(slots=True)
class Redemption:
    """A row of the table `redemption`; `price_points` is for all of `quantity` together.

    `debited_by`: the number of the transfer that paid for it, in the member's points wallet.
    """

    member_id: UUID
    id: UUID
    reward_code: str
    quantity: int
    price_points: int
    state: str
    codes: list[str]
    debited_by: int
    decision_id: UUID
    programme_version: int
    created_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption with its reward, as the programme version that it was made under has it."""

    redemption: Redemption
    reward: Reward


@dataclass(frozen=True, slots=True)
class Request:
    """What a member asks for; `key` is the client's, the same for each try."""

    member_id: UUID
    reward_code: str
    quantity: int
    key: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as it stands for one member.

    `sold` is what of the stock has gone, `used` what of the member's limit in this period,
    `codes_free` how many codes the pool has (None: it needs none).
    """

    reward: Reward
    tier_code: str
    available_points: int
    sold: int = 0
    used: int = 0
    codes_free: int | None = None

    @property
    def stock_left(self) -> int | None:
        """How many can still be had by anyone; None for endless."""
        bounds = [] if self.reward.stock is None else [max(0, self.reward.stock - self.sold)]
        if self.codes_free is not None:
            bounds.append(self.codes_free)
        return min(bounds, default=None)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of codes for a pool: `duplicates` were there already, or came twice."""

    added: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What staff asks for: `amount` points more, or less where it is negative, and why."""

    member_id: UUID
    amount: int
    reason: str
    key: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The transfer that was made: its number in the points wallet, and its signed amount."""

    member_id: UUID
    seq: int
    amount: int
