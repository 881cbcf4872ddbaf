"""What is kept of an order, and what does processing a member's events look at?"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.ledger.steps import Desk
from domain.points.model import Purchase, PurchaseLine
from domain.programme.model import Programme, Tier
from domain.programme.views import Versions
from domain.tiers.model import CountedDeed, History, Standing

Key = tuple[str, str]
"""source, order id."""


@dataclass(slots=True)
class PurchaseRow:
    """A row of `purchase`. `settles_at`: when its return window is over, or was said to be."""

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
