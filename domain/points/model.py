"""What do the points know of an order, a refund, an interaction, and what do they decide?

Amounts are minor units: of the order's currency where a name says net, amount or discount, of the
programme's where it says base or eligible. `inputs` and `outcome` are plain JSON, stored with the
decision and read by `explain`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, Self

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """`amount_minor` is the line's total before `discount_minor`."""

    line_id: str
    sku: str
    amount_minor: int
    discount_minor: int = 0
    quantity: int = 1
    category: str | None = None
    brand: str | None = None
    eligible: bool = True

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.discount_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """A paid order. `points_spent` points paid for the part `points_paid_minor` of it.

    `credit_paid_minor`: what the member's balance paid of its lines. `cashback`: points that a
    coupon promises, by line id; they are no part of what the order earns.
    """

    order_id: str
    paid_at: datetime
    currency: str
    lines: tuple[OrderLine, ...]
    shipping_minor: int = 0
    points_paid_minor: int = 0
    points_spent: int = 0
    channel: str | None = None
    credit_paid_minor: int = 0
    cashback: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """What a line was granted, and how much of its net amount has been refunded so far.

    `eligible_minor` is its net amount with the points part, zero where the line is not eligible.
    `rule_points`: how much of the points each capped rule added. `sku`, `category` and `brand` are
    what tasks count by. `credit_minor`: what the balance paid of it; `cashback`: the points that
    coupons gave for it. `returned`: of `quantity` pieces of a line that cost
    nothing, those that refunds named so far.
    """

    line_id: str
    net_minor: int
    eligible_minor: int
    base_minor: int
    points: int
    growth: int
    sku: str = ""
    category: str | None = None
    brand: str | None = None
    points_spent: int = 0
    rule_points: Mapping[str, int] = field(default_factory=dict[str, int])
    refunded_minor: int = 0
    credit_minor: int = 0
    cashback: int = 0
    quantity: int = 1
    returned: int = 0

    @property
    def left_minor(self) -> int:
        return self.net_minor - self.refunded_minor

    @property
    def points_minor(self) -> int:
        """What points paid of it."""
        paid = self.eligible_minor - self.base_minor
        return paid - self.credit_minor if self.eligible_minor else 0

    @property
    def is_covered(self) -> bool:
        """Whether refunds cover all of it: its money, or its pieces where it cost nothing."""
        return self.left_minor == 0 if self.net_minor else self.returned >= self.quantity

    def kept(self, granted: int) -> int:
        """What is left of `granted` after the refunds so far: floor(granted x left / net)."""
        return granted * self.left_minor // self.net_minor if self.net_minor else granted

    def given_back(self, paid: int) -> int:
        """What of `paid` has come back: floor(paid x refunded / net), over all refunds so far."""
        return paid * self.refunded_minor // self.net_minor if self.net_minor else 0

    @property
    def restored_points(self) -> int:
        return self.given_back(self.points_spent)

    def document(self) -> Json:
        return {name: getattr(self, name) for name in _LINE_COLUMNS} | {
            "rule_points": dict(self.rule_points)
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)


_LINE_COLUMNS = tuple(column.name for column in fields(PurchaseLine))


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order that has earned, as far as its refunds have left it."""

    order_id: str
    currency: str
    lines: tuple[PurchaseLine, ...]

    @property
    def points_left(self) -> int:
        return sum(line.kept(line.points) for line in self.lines)

    @property
    def growth_left(self) -> int:
        return sum(line.kept(line.growth) for line in self.lines)

    @property
    def base_left_minor(self) -> int:
        """What counts as spend for tiers."""
        return sum(line.kept(line.base_minor) for line in self.lines)

    @property
    def eligible_left_minor(self) -> int:
        """What decides whether the order counts for frequency, and for a referral."""
        return sum(line.kept(line.eligible_minor) for line in self.lines)

    @property
    def is_sent_back(self) -> bool:
        """Whether nothing of the order is left, so that nothing can come of it any more."""
        return all(line.left_minor == 0 for line in self.lines)

    @property
    def points_restored(self) -> int:
        return sum(line.restored_points for line in self.lines)

    @property
    def credit_restored_minor(self) -> int:
        return sum(line.given_back(line.credit_minor) for line in self.lines)

    @property
    def cashback_left(self) -> int:
        return sum(line.kept(line.cashback) for line in self.lines)

    def rule_points_left(self, code: str) -> int:
        return sum(line.kept(line.rule_points.get(code, 0)) for line in self.lines)


@dataclass(frozen=True, slots=True)
class CapUse:
    """`points` of a rule's cap in a period (`kit.calendar.period_key`)."""

    rule: str
    period_key: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnDecision:
    points: int
    growth: int
    base_minor: int
    purchase: Purchase
    cap_uses: tuple[CapUse, ...]
    inputs: Json
    outcome: Json


@dataclass(frozen=True, slots=True)
class RefundLine:
    """`amount_minor` is in the line's net price, its points part included.

    `quantity`: pieces sent back, which matters for what was a gift.
    """

    line_id: str
    amount_minor: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """No lines: all that is left of the order. `by_shop`: the shop cancelled it."""

    refund_id: str
    lines: tuple[RefundLine, ...] = ()
    by_shop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDecision:
    """What this refund takes back and restores, and the purchase after it.

    `rule_points_freed`: the room that capped rules get back, for later facts only.
    """

    points_taken: int
    growth_taken: int
    points_restored: int
    credit_restored_minor: int
    cashback_taken: int
    base_taken_minor: int
    rule_points_freed: Mapping[str, int]
    purchase: Purchase
    inputs: Json
    outcome: Json


InteractionKind = Literal["review", "share_opened", "post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionFacts:
    """`reference`: the review, the post, or the link opened. `counted_today`: on the member's day.

    `by_member`: the member opened their own link. `counted_before`: this review, or this link by
    this opener, has counted already.
    """

    kind: InteractionKind
    reference: str
    counted_today: int
    with_photo: bool = False
    by_member: bool = False
    counted_before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionDecision:
    """`growth` is the points before the multiplier, class `interaction`."""

    points: int
    growth: int
    inputs: Json
    outcome: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """What `explain` reads of a decision. `kind`: purchase, refund, interaction, check_in, …"""

    kind: str
    programme_version: int
    inputs: Mapping[str, Any]
    outcome: Mapping[str, Any]
