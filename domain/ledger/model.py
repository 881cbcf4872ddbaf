"""What does the ledger consist of? Rows as dataclasses whose fields are the tables' columns."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

GENESIS = "0" * 64


class Currency(StrEnum):
    """POINTS are spent; GROWTH drives tiers, COMMUNITY community levels.

    CREDIT is money to spend in the shop, in minor units of the programme's currency.
    """

    POINTS = "POINTS"
    GROWTH = "GROWTH"
    COMMUNITY = "COMMUNITY"
    CREDIT = "CREDIT"


IN_LOTS = frozenset({Currency.POINTS, Currency.CREDIT})
"""Currencies that are spent: what came together has one expiry, and can be held."""


class Account(StrEnum):
    """The four of a wallet, then the programme's, whose balances are sums and never rows."""

    PENDING = "pending"
    AVAILABLE = "available"
    HELD = "held"
    DEBT = "debt"
    ISSUANCE = "issuance"
    REDEMPTION = "redemption"
    EXPIRY = "expiry"
    ADJUSTMENT = "adjustment"
    LOTTERY = "lottery"
    MERGE = "merge"


WALLET_ACCOUNTS = frozenset({Account.PENDING, Account.AVAILABLE, Account.HELD, Account.DEBT})


class Kind(StrEnum):
    """Why a transfer was made, in the ledger's own terms."""

    EARN = "earn"
    ACTIVATE = "activate"
    SPEND = "spend"
    HOLD = "hold"
    COMMIT = "commit"
    RELEASE = "release"
    RESTORE = "restore"
    EXPIRE = "expire"
    DECAY = "decay"
    TAKE_BACK = "take_back"
    RECOUP = "recoup"
    SHORTFALL = "shortfall"
    REPAY = "repay"
    FORGIVE = "forgive"
    ADJUST = "adjust"
    MERGE_OUT = "merge_out"
    MERGE_IN = "merge_in"
    MERGE_DEBT = "merge_debt"


_EVER = datetime.min.replace(tzinfo=UTC)

Shortfall = Literal["within_balance", "only_pending", "unlimited"]


@dataclass(slots=True)
class Wallet:
    """A member's balances in one currency; `debt` is zero or less, `seq` counts its transfers.

    `lifetime_moved` is the part of `lifetime_earned` that merges brought, less what they took.
    """

    member_id: UUID
    currency: str
    pending: int
    available: int
    held: int
    debt: int
    lifetime_earned: int
    seq: int
    head: str
    next_due_at: datetime | None
    decays_at: datetime | None
    lifetime_moved: int = 0

    @classmethod
    def empty(cls, member_id: UUID, currency: str) -> Self:
        """One in which nothing has ever moved."""
        return cls(member_id, currency, 0, 0, 0, 0, 0, 0, GENESIS, None, None)


@dataclass(slots=True)
class Lot:
    """Points, or credit, that came together.

    granted = remaining + held + spent + expired + taken + moved, always.
    `remaining` is pending until `activated_at` is set, available after. `forfeited` is the part of
    `expired` that a take-back has counted as taken. `expires_at` is planned while the lot is
    pending and fixed at activation; None never expires. A lot is `gone` while it goes on under its
    id in the wallet of another member; `moved` is what had remained of it. `came_…`: what had
    become of it before it came from another wallet; `opened_by` is then the transfer that brought
    it, None where there was nothing left to bring.
    """

    member_id: UUID
    id: UUID
    currency: str
    granted: int
    remaining: int
    held: int
    spent: int
    expired: int
    taken: int
    forfeited: int
    occurred_at: datetime
    activates_at: datetime | None
    activated_at: datetime | None
    expires_at: datetime | None
    reinstated: bool
    opened_by: int | None
    source_type: str
    source_id: str
    decision_id: UUID
    programme_version: int
    moved: int = 0
    gone: bool = False
    came_spent: int = 0
    came_expired: int = 0
    came_taken: int = 0
    came_forfeited: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` moved from debit to credit account; `hash` chains the wallet's transfers."""

    member_id: UUID
    currency: str
    seq: int
    amount: int
    debit_account: str
    credit_account: str
    kind: str
    reason: str
    source_type: str
    source_id: str
    decision_id: UUID
    programme_version: int
    occurred_at: datetime
    recorded_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class LotMove:
    """What a transfer took from or gave to a lot; `position` is the order in which it did."""

    member_id: UUID
    currency: str
    seq: int
    lot_id: UUID
    amount: int
    position: int


@dataclass(slots=True)
class Hold:
    """Points set aside with a time limit, to be committed or released once."""

    member_id: UUID
    id: UUID
    currency: str
    amount: int
    state: str
    held_by: int
    source_type: str
    source_id: str
    decision_id: UUID
    created_at: datetime
    expires_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule decided and from what, kept so that every entry can be explained.

    `key` is the natural key of the happening: a second decision with it is impossible.
    """

    member_id: UUID
    id: UUID
    key: str
    kind: str
    programme_version: int
    inputs: dict[str, object]
    outcome: dict[str, object]
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """What a movement is made for."""

    decision: Decision
    reason: str
    source_type: str
    source_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a lot that a debit took."""

    lot_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Held:
    """An open hold with what it holds of which lots, in debit order, and its decision's version."""

    hold: Hold
    slices: tuple[Slice, ...]
    programme_version: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a debit that was due whatever there was: `amount` found, `debt` for the rest.

    `seq` is the debit's transfer; None where nothing was found.
    """

    seq: int | None
    amount: int
    debt: int


@dataclass(frozen=True, slots=True)
class Decay:
    """A yearly loss: `percent` of what is available, lots younger than `spared_days` left out."""

    percent: int
    spared_days: int = 30


@dataclass(frozen=True, slots=True)
class Policy:
    """What the programme says about this wallet, in force `since` then.

    `money`: the ISO 4217 currency whose minor units it counts; empty for what isn't money.
    """

    shortfall: Shortfall = "within_balance"
    reinstate_days: int = 30
    decay: Decay | None = None
    zone: str = "UTC"
    day_start_hour: int = 0
    since: datetime = _EVER
    money: str = ""
