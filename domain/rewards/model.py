"""What is a redemption, and what must be known to decide on one?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.ledger.model import Currency
from domain.lottery.model import OpenRound
from domain.programme.model import Reward
from domain.staff.model import Proposal

QUANTITY_MAX = 100
POOL_LENGTH_MAX = 100
CODE_LENGTH_MAX = 200
CODES_LOADED_MAX = 1_000_000
REASON_LENGTH_MAX = 200
ADJUSTMENT_MAX = 10**9


class State(StrEnum):
    """A thing is REQUESTED, SHIPPED, then DELIVERED or FAILED; a coupon stays ISSUED.

    A service and a step up are REQUESTED, then DELIVERED or FAILED; codes, donations and draws are
    DELIVERED at once.
    """

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
    """A row of the table `redemption`; its price is for all of `quantity` together.

    One of `price_points` and `price_community` is 0. `debited_by`: the number of the transfer that
    paid for it, in that currency's wallet of `paid_by`, who is part of this member now, or where
    that is None in the member's own.
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
    paid_by: UUID | None = None
    price_community: int = 0


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption with its reward, as the programme version that it was made under has it."""

    redemption: Redemption
    reward: Reward


@dataclass(frozen=True, slots=True)
class Return:
    """Why points go back; where the shop is at fault, lots that have expired get some grace."""

    state: State
    reason: str
    shop_fault: bool


NOT_RAISED = Return(State.FAILED, "not_raised", shop_fault=True)
"""A step up that lifts nobody any more: the member reached that tier before it was taken."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a member asks for; `key` is the client's, the same for each try.

    `from_expiring`: at the lower price, from what expires soon. `client_seed`: the member's part of
    the chance of a draw.
    """

    member_id: UUID
    reward_code: str
    quantity: int
    key: str
    from_expiring: bool = False
    client_seed: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as it stands for one member.

    `sold` is what of the stock has gone, `used` what of the member's limit in this period,
    `codes_free` how many codes the pool has (None: it needs none), `expiring_points` what of the
    points expires within 30 days, `earned_community` what community levels are reached with,
    `is_open` whether a ticket can be drawn now, in `round` where it is to be.
    """

    reward: Reward
    tier_code: str
    earned_tier: str
    available_points: int
    expiring_points: int = 0
    available_community: int = 0
    earned_community: int = 0
    sold: int = 0
    used: int = 0
    codes_free: int | None = None
    is_open: bool = False
    round: OpenRound | None = None

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


class Operation(StrEnum):
    """How staff change a balance: a correction of points or of credit, or a red packet."""

    ADJUST_POINTS = "adjustPoints"
    ADJUST_CREDIT = "adjustCredit"
    GRANT_CREDIT = "grantCredit"

    @property
    def currency(self) -> Currency:
        return Currency.POINTS if self == Operation.ADJUST_POINTS else Currency.CREDIT

    @property
    def amount_field(self) -> str:
        """What callers call the amount."""
        return "amount" if self == Operation.ADJUST_POINTS else "amountMinor"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What staff asks for: `amount` more, or less where it is negative, and why.

    Points, or minor units of credit, as the operation has it. `reason` is what the member reads,
    `reason_code` one of the programme's (None: its default).
    """

    member_id: UUID
    amount: int
    reason: str
    key: str
    expires_at: datetime | None = None
    operation: Operation = Operation.ADJUST_POINTS
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The transfer that was made: its number in the currency's wallet, and its signed amount."""

    member_id: UUID
    seq: int
    amount: int


@dataclass(frozen=True, slots=True)
class Approved:
    """A proposal that was approved; `adjusted`: what was posted by it, where it is of a balance."""

    proposal: Proposal
    adjusted: Adjusted | None = None
