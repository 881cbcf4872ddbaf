"""What is an act of staff, and what waits for a second of them?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Unit(StrEnum):
    """What an amount counts. CREDIT: minor units of the programme's currency."""

    POINTS = "POINTS"
    CREDIT = "CREDIT"
    COUPONS = "COUPONS"
    VOUCHERS = "VOUCHERS"


class Act(StrEnum):
    """What was done: value given or taken by the mutation of that name, or a proposal's fate."""

    ADJUST_POINTS = "adjustPoints"
    ADJUST_CREDIT = "adjustCredit"
    GRANT_CREDIT = "grantCredit"
    ISSUE_COUPONS = "issueCoupons"
    MAKE_VOUCHERS = "makeVouchers"
    APPROVE_REFERRAL = "approveReferral"
    MERGE_MEMBERS = "mergeMembers"
    PROPOSE = "propose"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


BY_PROPOSER = frozenset({Act.ISSUE_COUPONS, Act.MAKE_VOUCHERS, Act.MERGE_MEMBERS})
"""Of what may be proposed, what the proposer does themselves once it is approved."""

ABOUT_PROPOSALS = frozenset({Act.PROPOSE, Act.APPROVE, Act.REJECT, Act.WITHDRAW})


class State(StrEnum):
    """EXPIRED isn't stored: it is PENDING, and its time is over."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody is about to do, once for each of their keys.

    `amount` in `unit`, negative where it is taken. `terms`: what else was asked, as JSON.
    """

    actor: str
    act: Act
    unit: Unit
    amount: int
    key: str
    terms: dict[str, Any]
    member_id: UUID | None = None
    reason: str = ""
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row of `staff_proposal`."""

    id: UUID
    verb: str
    member_id: UUID | None
    unit: str
    amount: int
    reason: str
    reason_code: str | None
    terms: dict[str, Any]
    key: str
    proposed_by: str
    programme_version: int
    proposed_at: datetime
    expires_at: datetime
    state: str
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None

    def state_at(self, now: datetime) -> State:
        """As it stands then."""
        is_over = self.state == State.PENDING and now >= self.expires_at
        return State.EXPIRED if is_over else State(self.state)


@dataclass(frozen=True, slots=True)
class StaffAct:
    """A row of `staff_act`.

    `subject`: the decision, batch or proposal. `alone_total`: what the person has done alone in
    that unit up to here in all, regardless of sign; None where it wasn't alone.
    """

    person: str
    seq: int
    actor: str
    act: str
    member_id: UUID | None
    subject: UUID
    unit: str | None
    amount: int | None
    alone_total: int | None
    reason_code: str | None
    programme_version: int
    recorded_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Done:
    """What an act says of what was done; `is_alone`: it counts for who did it."""

    act: Act
    subject: UUID
    version: int
    member_id: UUID | None = None
    unit: Unit | None = None
    amount: int | None = None
    reason_code: str | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """It may be done: alone, or by the word of a second."""

    is_alone: bool
