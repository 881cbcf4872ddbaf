"""What can a member's dashboard show? Parts to ask for, and the plain data that comes back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from domain.programme.model import Reward, Tier
from kit.paging import Page

PartName = Literal[
    "progress",
    "retention",
    "points",
    "credit",
    "as_of",
    "credit_as_of",
    "growth",
    "check_in",
    "days",
    "history",
    "credit_history",
    "community_history",
    "growth_history",
    "redemptions",
    "referral",
]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the dashboard with its arguments.

    `as_of`, `credit_as_of`: the instant. `days`: the month, YYYY-MM. `redemptions`: first, after.
    `history` and those of other currencies: first, after, whether explanations are asked for.
    """

    name: PartName
    args: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far to the next tier. Scores are whole numbers; `keep_score` keeps the present tier."""

    score: int
    spend_score: int
    frequency_score: int
    next_tier: Tier | None
    score_to_next: int | None
    yuan_to_next: int | None
    orders_to_next: int | None
    keep_score: int
    period_ends_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class MakeUpTaskView:
    """`progress` of `target` deeds count; all of them are worth `score_points`."""

    kind: str
    progress: int
    target: int
    score_points: int


@dataclass(frozen=True, slots=True)
class PurchaseNeeded:
    """The fewest that alone suffice for what no task covers; None where no number does."""

    yuan: int | None
    orders: int | None


@dataclass(frozen=True, slots=True)
class AtStake:
    """A tier that the member may lose at `ends_at`, or win back until `recover_by`."""

    score: int
    needed: int
    gap: int
    warned_at: datetime | None = None
    grace_from: datetime | None = None
    ends_at: datetime | None = None
    moved: bool = False
    otherwise: Tier | None = None
    tasks: tuple[MakeUpTaskView, ...] = ()
    purchase: PurchaseNeeded | None = None
    recover_by: datetime | None = None
    lost_tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """`score`: the retention score, None on the lowest tier. `at_stake` None: nothing is."""

    score: int | None
    at_stake: AtStake | None


@dataclass(frozen=True, slots=True)
class Points:
    """Balances in points with everything due by now posted; `available` less debt where shown."""

    available: int
    pending: int
    held: int
    expiring_within_30_days: int
    lifetime_earned: int


@dataclass(frozen=True, slots=True)
class Credit:
    """Balances as `Points` has them, in minor units of the programme's currency."""

    available_minor: int
    pending_minor: int
    held_minor: int
    expiring_within_30_days_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A signed movement across the wallet's boundary, of CREDIT in minor units of `money`."""

    member_id: UUID
    seq: int
    amount: int
    kind: str
    reason: str
    occurred_at: datetime
    expires_at: datetime | None
    explanation: str
    currency: str
    money: str = ""


@dataclass(frozen=True, slots=True)
class CheckInState:
    """`streak_days` is 0 once a day was missed."""

    checked_in_today: bool
    streak_days: int


@dataclass(frozen=True, slots=True)
class RedemptionView:
    member_id: UUID
    id: UUID
    reward: Reward
    quantity: int
    price_points: int
    price_community: int
    state: str
    codes: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReferralView:
    """Counts of invitees by how far they came; `points_earned` net of reversals."""

    code: str
    bound: int
    qualified: int
    rewarded: int
    points_earned: int


PartValue = (
    Progress
    | Retention
    | Points
    | Credit
    | int
    | CheckInState
    | list[date]
    | Page[Entry]
    | Page[RedemptionView]
)


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member as asked for; `parts` has a value for each part asked for, and no other."""

    member_id: UUID
    external_id: str | None
    nickname: str
    email: str | None
    phone: str | None
    joined_at: datetime
    timezone: str
    locale: str
    suspended_at: datetime | None
    erased_at: datetime | None
    birthday: date | None
    tier: Tier
    parts: dict[Part, object] = field(default_factory=dict[Part, object])
