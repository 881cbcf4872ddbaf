"""What is known of two members and an order, and what may be decided about their referral?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from domain.members.model import Enrolled, Member
from domain.points.model import PurchaseLine
from kit.errors import Refusal

Json = dict[str, Any]
MarkKind = Literal["device", "contact", "payment", "address"]


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


class Mark(NamedTuple):
    """Something that a member left behind, as a keyed hash: who left the same may be the same."""

    kind: MarkKind
    digest: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What somebody's client tells of how they came, not yet judged.

    `payment`: what tells their means of payment from others, as the payment provider names it.
    `touch`: what the link that they opened first was answered with. `within`: the argument in which
    all this was given.
    """

    device_id: str | None = None
    address: str | None = None
    payment: str | None = None
    touch: str | None = None
    within: str = "input"


UNKNOWN = Arrival()


@dataclass(frozen=True, slots=True)
class FingerprintRow:
    """A row of `fingerprint`; `seen_at`: the first time."""

    kind: str
    digest: str
    member_id: UUID
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Touch:
    """That somebody opened a link with this code at that instant; `token` says so, signed."""

    code: str
    at: datetime
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What tells people apart."""

    member_id: UUID
    marks: frozenset[Mark] = frozenset()


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
    """Before this award: net invitees, awards to the inviter in the month of the award.

    `milestones_paid`: those that stand; one that was taken back may be reached again.
    """

    net_invitees: int
    awarded_this_month: int
    milestones_paid: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class StandingMilestone:
    """What an invitee's award opened a lot for; `id` is the lot's."""

    id: UUID
    count: int
    granted: int
    invitee_id: UUID


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


@dataclass(frozen=True, slots=True)
class Binding:
    """Who was bound to whom. `nth_of_day`: among the inviter's of that day of the programme."""

    invitee_id: UUID
    inviter_id: UUID
    bound_at: datetime
    nth_of_day: int = 1


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Bindings, and what is known of who takes part in them.

    `orders`: how many each has paid for, `invited`: how many each has bound; more than two are two.
    """

    bindings: Sequence[Binding]
    marks: Mapping[UUID, frozenset[Mark]] = field(default_factory=dict[UUID, frozenset[Mark]])
    orders: Mapping[UUID, int] = field(default_factory=dict[UUID, int])
    invited: Mapping[UUID, int] = field(default_factory=dict[UUID, int])


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why staff should look. `members`: who else is part of it, `count` how many, `limit` passes.

    `code`: SAME_ADDRESS, MANY_A_DAY, SHARED_DEVICE, SHARED_PAYMENT, SHARED_CONTACT, RING, CHAIN,
    INVITEE_ERASED; SAME_DEVICE, SAME_CONTACT and SAME_PAYMENT where it was refused without anybody
    looking.
    """

    code: str
    members: tuple[UUID, ...] = ()
    count: int | None = None
    limit: int | None = None

    @classmethod
    def of(cls, found: Json) -> "Suspicion":
        members = tuple(UUID(member) for member in found["members"])
        return cls(found["code"], members, found["count"], found["limit"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refused`: the binding can't stand; else what staff should look at, if anything."""

    refused: Suspicion | None = None
    suspicions: tuple[Suspicion, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row of `referral_review`; OPEN: staff haven't decided. `resolved_by`: "rules" or staff.

    `member_id`: as whom the invitee was bound, whoever they are since a merge.
    """

    member_id: UUID
    id: UUID
    inviter_id: UUID
    state: str
    reasons: tuple[Suspicion, ...]
    opened_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    note: str | None = None


class ReviewFacts(NamedTuple):
    """What a review that begins now is about, and its id."""

    referral: ReferralRow
    id: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ShownReview:
    """A review with how far its referral has come."""

    review: ReviewRow
    referral_state: str
    bound_at: datetime
