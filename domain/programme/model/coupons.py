"""What does a coupon say: what it is worth, on what, to whom, how often, beside which others?"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.audience import Audience
from domain.programme.model.base import (
    Code,
    DaysPositive,
    Exact,
    Instant,
    MoneyMinor,
    PointsPositive,
    Section,
    Text,
    Word,
)
from domain.programme.model.channels import ASKED_FOR, Channel
from domain.programme.model.limits import Limit

CouponKind = Literal["AMOUNT_OFF", "PERCENT_OFF", "GIFT", "FREE_SHIPPING", "EXCHANGE", "CASHBACK"]
Stacking = Literal["stackable", "exclusive_coupons", "exclusive_all"]
PercentOff = Annotated[Exact, Field(gt=0, le=100)]
Words = Annotated[tuple[Word, ...], Field(max_length=500)]


class Picks(Section):
    """Goods by any of these; all empty picks nothing."""

    sku: Words = ()
    category: Words = ()
    brand: Words = ()

    @property
    def has_anything(self) -> bool:
        return bool(self.sku or self.category or self.brand)


class Scope(Section):
    """Everything that `include` picks (all goods where it is empty) and `exclude` doesn't."""

    include: Picks = Picks()
    exclude: Picks = Picks()


class Window(Section):
    """From `starts_at` on, before `ends_at`."""

    starts_at: Instant
    ends_at: Instant


class Present(Section):
    """What a GIFT adds to the order. `value_minor`: of one, charged where one isn't sent back."""

    sku: Word
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    value_minor: MoneyMinor = Field(alias="value", ge=0)


class Exchange(Section):
    """One piece of `sku`, which must be in the cart, for `price_minor` (换购)."""

    sku: Word
    price_minor: MoneyMinor = Field(alias="price", ge=0)


class Cashback(Section):
    """Either `points`, or `percent` of the scope's amount, worth what the tier's points are.

    5 % of ¥200 at 80 points a yuan is 800 points, `points_max` at most.
    """

    points: PointsPositive | None = None
    percent: PercentOff | None = None
    points_max: PointsPositive | None = None


class CouponTemplate(Section):
    """What the coupons of this code say, for each by the version under which it was issued.

    `amount_off_minor` belongs to AMOUNT_OFF, `percent_off` with its cap `amount_off_max_minor` to
    PERCENT_OFF (20 is 8 折), the sections to the kinds of their names. `threshold_minor`: what the
    scope's amount must reach after the discounts before it. Valid `valid_days` from its issue, or
    in `window`. `stock` bounds how many are ever issued, `limit` how many a member gets (null:
    endless). `channels`: what may issue it; empty: everything but claim, public_code and voucher,
    which must be named. A lower `priority` is taken off first. `per_order`: of one order.
    `on_refund`: whether it comes back once all it was spread over is refunded.
    """

    code: Code
    name: Text
    kind: CouponKind = "AMOUNT_OFF"
    amount_off_minor: MoneyMinor | None = Field(default=None, alias="amount_off", ge=1)
    percent_off: PercentOff | None = None
    amount_off_max_minor: MoneyMinor | None = Field(default=None, alias="amount_off_max", ge=1)
    gift: Present | None = None
    exchange: Exchange | None = None
    cashback: Cashback | None = None
    threshold_minor: MoneyMinor = Field(default=0, alias="threshold", ge=0)
    scope: Scope = Scope()
    valid_days: DaysPositive = 30
    window: Window | None = None
    stock: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    limit: Limit | None = None
    audience: Audience = Audience()
    channels: Annotated[tuple[Channel, ...], Field(max_length=20)] = ()
    public_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{4,20}$")] | None = None
    stacking: Stacking = "stackable"
    priority: Annotated[int, Field(ge=0, le=1_000)] = 100
    per_order: Annotated[int, Field(ge=1, le=10)] = 1
    on_refund: Literal["return", "forfeit"] = "return"

    def may_come_by(self, channel: Channel) -> bool:
        """Whether `channel` may issue it."""
        if channel in ASKED_FOR:
            return channel in self.channels
        return not self.channels or channel in self.channels


class Checkout(Section):
    """How carts are priced and paid.

    `minutes`: how long an open checkout holds coupons and points, `paid_grace_seconds`: how much
    later than its end a payment may be dated. `offset_max_percent`: of the eligible lines that
    points may pay. `coupons_max`: in one order. `cancelled_days_left`: what a coupon has left at
    least that comes back because the shop cancelled.
    """

    minutes: Annotated[int, Field(ge=1, le=1_440)] = 15
    paid_grace_seconds: Annotated[int, Field(ge=0, le=3_600)] = 60
    offset_max_percent: Annotated[Exact, Field(ge=0, le=100)] = Decimal(50)
    coupons_max: Annotated[int, Field(ge=1, le=10)] = 5
    cancelled_days_left: Annotated[int, Field(ge=0, le=365)] = 7
