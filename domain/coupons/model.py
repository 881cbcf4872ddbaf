"""What is a coupon, and which life does it have?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.activity.model import Traits
from domain.pricing.model import HeldCoupon
from domain.programme.model import CouponTemplate


class State(StrEnum):
    """ISSUED → RESERVED by a checkout → REDEEMED, and after a refund RETURNED or FORFEITED.

    A RETURNED one is as good as an ISSUED one. One that wasn't used in time is EXPIRED; a REVOKED
    one was taken back.
    """

    ISSUED = "ISSUED"
    RESERVED = "RESERVED"
    REDEEMED = "REDEEMED"
    RETURNED = "RETURNED"
    FORFEITED = "FORFEITED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


USABLE = frozenset({State.ISSUED, State.RETURNED})
IN_HAND = USABLE | {State.RESERVED}


@dataclass(slots=True, kw_only=True)
class Coupon:
    """A row of the table `coupon`.

    `template` is what it says, as version `programme_version` has it. Good from `starts_at` on
    (None: at once) and before `expires_at`. `is_counted`: it was taken from its template's stock.
    `checkout_id`: what has reserved it, or used it. `returned_at`: when it came back last.
    `revoked_at` while it is reserved or used: it doesn't come back.
    """

    member_id: UUID
    id: UUID
    template: str
    code: str
    state: str
    source_type: str
    source_id: str
    decision_id: UUID
    issued_at: datetime
    expires_at: datetime | None
    programme_version: int
    starts_at: datetime | None = None
    is_counted: bool = False
    checkout_id: UUID | None = None
    changed_at: datetime
    redeemed_at: datetime | None = None
    returned_at: datetime | None = None
    revoked_at: datetime | None = None

    def state_at(self, now: datetime) -> State:
        """As it is stored, but EXPIRED from the very instant on."""
        lapsed = self.expires_at is not None and now >= self.expires_at
        return State.EXPIRED if lapsed and self.state in USABLE else State(self.state)


@dataclass(frozen=True, slots=True)
class Owned:
    """A coupon with what it says: its template as it was issued."""

    coupon: Coupon
    template: CouponTemplate

    def held(self, now: datetime) -> HeldCoupon:
        """As pricing looks at it."""
        state = self.coupon.state_at(now)
        return HeldCoupon(
            id=self.coupon.id,
            template=self.template,
            state=state,
            is_usable=state in USABLE,
            expires_at=self.coupon.expires_at,
            starts_at=self.coupon.starts_at,
        )


@dataclass(frozen=True, slots=True)
class Source:
    """What a coupon came of: a task, a redemption, a claim."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """A template as it stands for one member.

    `issued`: how many of its stock have gone; `used`: how many of the member's limit in this
    period.
    """

    template: CouponTemplate
    traits: Traits
    issued: int = 0
    used: int = 0
