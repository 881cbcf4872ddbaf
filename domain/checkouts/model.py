"""What is a checkout, what is asked of it, and what was sold by it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from domain.pricing.model import AppliedCoupon, Cart, PricedCart, Wish

OPEN_MAX = 10
LINES_MAX = 100
COUPONS_NAMED_MAX = 20
MINUTES_MAX = 1_440
WORD_LENGTH_MAX = 128
LAPSE = "checkouts.lapse"
COMPLETE = "checkouts.complete"
"""The job by which an order that was paid completes the checkout that it names."""
PAID = "checkouts.paid"
"""The job by which an order that was told of before its payment hears of that."""
HELD_FOR = "checkout"
"""The source of its holds and debits in the ledger; the source's id is the checkout's."""


class State(StrEnum):
    """OPEN → COMPLETED, CANCELLED or EXPIRED; EXPIRED → COMPLETED where it was paid in time."""

    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class Order(NamedTuple):
    """The shop's order that was paid."""

    source: str
    order_id: str


@dataclass(slots=True, kw_only=True)
class Checkout:
    """A row of the table `checkout`; `price` is a `PricedCart` as a document.

    `lapses_at`: `expires_at` and what a payment may be dated later. `opened_by`: "member", or the
    service. Of its `points`, `points_taken` were debited by transfer `debited_by` and `debt_points`
    became a debt because they were no longer there; the same of the credit. `overused`: coupons
    that were used elsewhere before it was known to be paid. `paid_by`: in whose wallet the debits
    are, who is part of this member now; None: in the member's own.
    """

    member_id: UUID
    id: UUID
    state: str
    opened_by: str
    idempotency: str
    input_hash: str
    cart: dict[str, Any]
    price: dict[str, Any]
    digest: str
    coupon_ids: list[str]
    points: int
    credit_minor: int
    payable_minor: int
    hold_id: UUID | None
    credit_hold_id: UUID | None
    opened_at: datetime
    expires_at: datetime
    lapses_at: datetime
    paid_at: datetime | None = None
    resolved_at: datetime | None = None
    source: str | None = None
    order_id: str | None = None
    debited_by: int | None = None
    points_taken: int = 0
    debt_points: int = 0
    credit_debited_by: int | None = None
    credit_taken_minor: int = 0
    credit_debt_minor: int = 0
    overused: list[str]
    decision_id: UUID
    programme_version: int
    paid_by: UUID | None = None

    def state_at(self, now: datetime) -> State:
        """As it is stored, but EXPIRED from the very instant on."""
        has_lapsed = self.state == State.OPEN and now >= self.lapses_at
        return State.EXPIRED if has_lapsed else State(self.state)

    @property
    def order(self) -> Order | None:
        if self.source is None or self.order_id is None:
            return None
        return Order(self.source, self.order_id)


@dataclass(frozen=True, slots=True)
class Purse:
    """What a member has to pay with, and the tier whose benefits count; None: the lowest."""

    tier_code: str | None
    points: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cart costs a member now; amounts are minor units of `currency`."""

    member_id: UUID
    price: PricedCart
    currency: str
    programme_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for: a price to agree to by its `digest`, under `key`, the same for each try.

    `minutes` None: as the programme says. `opened_by`: "member" or the service that asks.
    """

    member_id: UUID
    cart: Cart
    wish: Wish
    digest: str
    key: str
    opened_by: str
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A checkout as it is at an instant, with its price."""

    checkout: Checkout
    state: State
    price: PricedCart
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """`points` and `points_minor` are its share of what points paid, `coupons` by coupon id.

    `net_minor`: after tier discount and coupons, what refunds are reckoned in.
    """

    line_id: str
    net_minor: int
    points_minor: int
    points: int
    credit_minor: int
    coupons: Mapping[UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What was sold by a checkout, for who takes it back by line.

    `points` of the lines sum to `points`. `debited_by` is the transfer that took `points_taken` of
    them from lots; `debt_points` were owed instead, and what neither was taken nor owed was
    forgiven. `credit_minor` is with the part that paid for shipping. `coupons` that are in
    `overused` were used for another order. `paid_by`: whose transfers the debits are, for
    `ledger.steps.slices_of`; None: the member's own.
    """

    checkout_id: UUID
    state: State
    lines: tuple[SaleLine, ...]
    coupons: tuple[AppliedCoupon, ...]
    overused: frozenset[UUID]
    points: int
    points_taken: int
    debt_points: int
    debited_by: int | None
    credit_minor: int
    credit_taken_minor: int
    credit_debt_minor: int
    credit_debited_by: int | None
    shipping_minor: int
    shipping_credit_minor: int
    payable_minor: int
    completed_at: datetime | None
    programme_version: int
    paid_by: UUID | None = None

    @property
    def gifts(self) -> tuple[AppliedCoupon, ...]:
        return tuple(coupon for coupon in self.coupons if coupon.kind == "GIFT")

    @property
    def cashback(self) -> tuple[AppliedCoupon, ...]:
        return tuple(coupon for coupon in self.coupons if coupon.kind == "CASHBACK")
