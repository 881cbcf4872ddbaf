"""What is kept of an order, and what does processing a member's events look at?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.checkouts.model import Checkout
from domain.checkouts.model import State as CheckoutState
from domain.coupons.model import Coupon, State
from domain.ledger.model import Slice
from domain.ledger.steps import Desk
from domain.orders.sales import Sale
from domain.points.model import Purchase, PurchaseLine
from domain.programme.model import Programme, Tier
from domain.programme.views import Versions
from domain.tiers.model import CountedDeed, History, Standing

Key = tuple[str, str]
"""source, order id."""


@dataclass(slots=True)
class PurchaseRow:
    """A row of `purchase`. `settles_at`: when its return window is over, or was said to be.

    `sale`: what its checkout put into it, as a document.
    """

    member_id: UUID
    id: UUID
    source: str
    order_id: str
    paid_at: datetime
    day: date
    currency: str
    lines: list[dict[str, Any]]
    net_minor: int
    base_minor: int
    base_left_minor: int
    eligible_left_minor: int
    points: int
    points_left: int
    growth: int
    growth_left: int
    lot_id: UUID | None
    tier_code: str
    settles_at: datetime
    completed_at: datetime | None
    decision_id: UUID
    programme_version: int
    sale: Any = None

    @property
    def lot_ids(self) -> list[UUID]:
        """The lots that wait as long as the order does: of its points, of its cashback."""
        return [lot_id for lot_id in (self.lot_id, self.cashback_lot_id) if lot_id is not None]

    @property
    def sold(self) -> Sale | None:
        """What its checkout put into it, where it had one."""
        if self.sale is None or isinstance(self.sale, Sale):
            return self.sale
        return Sale.of(self.sale)

    @property
    def cashback_lot_id(self) -> UUID | None:
        return None if self.sold is None else self.sold.cashback_lot_id

    def purchase(self) -> Purchase:
        lines = tuple(PurchaseLine.of(line) for line in self.lines)
        return Purchase(order_id=self.order_id, currency=self.currency, lines=lines)


@dataclass(slots=True)
class OrderSeen:
    """What the score needs to know of an order."""

    member_id: UUID
    id: UUID
    source: str
    order_id: str
    paid_at: datetime
    day: date
    base_left_minor: int
    eligible_left_minor: int
    growth_left: int
    settles_at: datetime


@dataclass(slots=True)
class TierSeen:
    """A change of tier in the past."""

    at: datetime
    to_tier: str
    from_tier: str


@dataclass(frozen=True, slots=True)
class OrderReview:
    """What a review of an order gave: it waits as long as the order does, and goes with it."""

    purchase_id: UUID
    lot_id: UUID
    growth: int


@dataclass(slots=True)
class CheckoutSeen:
    """A checkout as its order sees it: with its coupons, and with what it took of which lots.

    `slices`: by currency. `order`: the one that was paid through it.
    """

    checkout: Checkout
    coupons: dict[UUID, Coupon] = field(default_factory=dict[UUID, Coupon])
    slices: dict[str, list[Slice]] = field(default_factory=dict[str, list[Slice]])
    order: Key | None = None

    @property
    def is_paid(self) -> bool:
        return self.checkout.state == CheckoutState.COMPLETED

    def used(self, coupon_ids: Sequence[UUID]) -> list[Coupon]:
        """Those of its coupons that it has used up."""
        found = [self.coupons[coupon_id] for coupon_id in coupon_ids]
        mine = self.checkout.id
        return [one for one in found if one.state == State.REDEEMED and one.checkout_id == mine]


@dataclass(slots=True)
class Dossier:
    """One locked member with all that processing their events needs to know.

    `interactions`: signed GROWTH of class interaction with its instant. `usage`: counts by (code,
    period). `deeds`: what may count for make-up tasks. `retention_at`: as it is stored.
    """

    desk: Desk
    versions: Versions
    standing: Standing
    retention_at: datetime | None = None
    has_ordered: bool = False
    tier_changes: list[TierSeen] = field(default_factory=list[TierSeen])
    orders: dict[Key, OrderSeen] = field(default_factory=dict[Key, OrderSeen])
    purchases: dict[Key, PurchaseRow] = field(default_factory=dict[Key, PurchaseRow])
    interactions: list[tuple[datetime, int]] = field(default_factory=list[tuple[datetime, int]])
    usage: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    reviews: list[OrderReview] = field(default_factory=list[OrderReview])
    deeds: list[CountedDeed] = field(default_factory=list[CountedDeed])
    checkouts: dict[UUID, CheckoutSeen] = field(default_factory=dict[UUID, CheckoutSeen])

    @property
    def history(self) -> History:
        return History(tuple(self.orders.values()), self.interactions, self.deeds)

    def tier_at(self, instant: datetime) -> str:
        """The tier's code just before `instant`.

        An order that crosses a line earns with the tier before.
        """
        before = [change.to_tier for change in self.tier_changes if change.at < instant]
        if before:
            return before[-1]
        return self.tier_changes[0].from_tier if self.tier_changes else self.standing.tier_code

    def tier_under(self, programme: Programme, instant: datetime) -> Tier:
        """That tier as `programme` has it; its lowest where it has none of that code."""
        code = self.tier_at(instant)
        ladder = programme.tiers.ladder
        return next((tier for tier in ladder if tier.code == code), ladder[0])

    def latest(self, at: datetime) -> datetime:
        """`at`, or the last that is known of this member if that is later: facts may come late."""
        return max(
            [
                at,
                *(order.paid_at for order in self.orders.values()),
                *(when for when, _ in self.interactions),
            ]
        )

    def use(self, code: str, period: str, amount: int) -> None:
        """Add to a count, and have it written."""
        total = max(0, self.usage.get((code, period), 0) + amount)
        self.usage[code, period] = total
        self.desk.changes.put(
            "usage",
            {
                "member_id": self.desk.member.member_id,
                "code": code,
                "period": period,
                "amount": total,
            },
        )
