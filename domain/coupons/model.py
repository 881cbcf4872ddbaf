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


class Group(StrEnum):
    """What a wallet shows together. USED: redeemed and forfeited."""

    USABLE = "usable"
    RESERVED = "reserved"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


BULK = "coupons.issue"
"""The kind of batches that issue coupons to many."""

STOCK = "coupon_stock"
"""The table that counts how many of a template were issued."""

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


@dataclass(frozen=True, slots=True)
class VouchersAsked:
    """`expires_at`: until when the codes can be turned into coupons (None: as long as any can)."""

    template: str
    quantity: int
    key: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoucherBatch:
    """A row of the table `voucher_batch`: codes that were made together, and what they say."""

    id: UUID
    template: str
    programme_version: int
    quantity: int
    is_counted: bool
    expires_at: datetime | None
    key: str
    input_hash: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Voucher:
    """A row of the table `voucher`, and of its batch; of its code a keyed hash is kept.

    `member_id`, `coupon_id`: who has turned it into which coupon.
    """

    digest: str
    batch_id: UUID
    member_id: UUID | None
    coupon_id: UUID | None
    redeemed_at: datetime | None
    revoked_at: datetime | None
    template: str
    programme_version: int
    is_counted: bool
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """A batch of vouchers; its `codes` only for who made it by this very call."""

    batch: VoucherBatch
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkAsked:
    """Coupons for everybody in the audience, or for the customers `external_ids`."""

    template: str
    key: str
    tiers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    external_ids: tuple[str, ...] | None = None
