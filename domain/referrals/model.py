"""What is known of two members and an order, and what may be decided about their referral?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.members.model import Enrolled, Member
from domain.points.model import PurchaseLine
from kit.errors import Refusal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A row of `referral`: who invited this member, and how far it has come.

    `programme_version`: the one whose promise holds. `qualified_at`: when the return window of
    `purchase_id` was over; `rewarded_at`: the same instant, once the member has been awarded.
    `bound_as`: the invitee as their inviter knows them, who may be part of this member now.
    """

    member_id: UUID
    inviter_id: UUID
    code: str
    state: str
    bound_at: datetime
    qualified_at: datetime | None
    rewarded_at: datetime | None
    purchase_id: UUID | None
    programme_version: int
    bound_as: UUID


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """A row of `invitation`, the inviter's side: `points` is what they have of it now."""

    member_id: UUID
    invitee_id: UUID
    state: str
    points: int
    bound_at: datetime
    qualified_at: datetime | None
    rewarded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Refunded:
    """`amounts`: net minor units by line id; empty: all that was left of the order."""

    at: datetime
    amounts: dict[str, int]


@dataclass(frozen=True, slots=True)
class OrderState:
    """What a referral asks of an order; `first_paid_at`: the member's first payment for any.

    `refunds`: what was sent back of which line, in the order in which it was.
    """

    id: UUID
    paid_at: datetime
    settles_at: datetime
    completed_at: datetime | None
    eligible_left_minor: int
    programme_version: int
    first_paid_at: datetime
    lines: tuple[PurchaseLine, ...]
    refunds: tuple[Refunded, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """A new member; `refusal`: why the code that came along bound no inviter."""

    member: Member
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class EnrolledByCode(Enrolled):
    """The member of a shop's customer; `refusal` as above, for one who was made now."""

    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How many friends a member has invited, how far they came, and the points kept of it."""

    code: str
    bound: int
    qualified: int
    rewarded: int
    points_earned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What tells people apart. `contact_keys`: `kit.contacts.contact_key` of each contact."""

    member_id: UUID
    devices: frozenset[str] = frozenset()
    contact_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviter(Person):
    """`inviters`: who invited them, who invited those, and so on."""

    inviters: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee(Person):
    joined_at: datetime
    inviter_id: UUID | None = None
    first_paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettledOrder:
    """An order whose return window is over. `left_minor`: eligible net left after refunds."""

    paid_at: datetime
    left_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InviterRecord:
    """Before this award: net invitees, awards to the inviter in the month of the award."""

    net_invitees: int
    awarded_this_month: int
    milestones_paid: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class MilestonePaid:
    count: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardDecision:
    """What both sides get. `month` is the one whose cap counts this award.

    `net_invitees` and milestones are the inviter's; with `is_capped` the inviter gets nothing now,
    and milestones reached by it are paid with the next award that isn't.
    """

    inviter_points: int
    invitee_points: int
    invitee_coupon: str | None
    milestones: tuple[MilestonePaid, ...]
    is_capped: bool
    net_invitees: int
    month: str
    inviter_inputs: Json
    inviter_outcome: Json
    invitee_inputs: Json
    invitee_outcome: Json
