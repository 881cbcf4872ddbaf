"""What may points be spent on, at which price, by whom, how often?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import (
    Code,
    DaysPositive,
    Frozen,
    Instant,
    MoneyMinor,
    PointsPositive,
    Section,
    Text,
    Word,
    no_entries,
)

RewardKind = Literal["COUPON", "PHYSICAL", "VIRTUAL"]


class CouponFace(Section):
    """What a coupon says: that much off, `valid_days` from its issue. Written in yuan."""

    code: Code
    name: Text
    amount_off_minor: MoneyMinor = Field(alias="amount_off", ge=1)
    valid_days: DaysPositive = 30


class Limit(Section):
    """At most `count` per member in each `period`."""

    count: Annotated[int, Field(ge=1, le=10_000)]
    period: Literal["day", "week", "month", "year", "ever"]


class Reward(Section):
    """`prices` replaces the price for tiers; no `stock` means endless; the window is half-open.

    `coupon` names a face of the `coupons` section, `code_pool` the pool that a VIRTUAL reward's
    codes come from; `cost_minor` is what one costs the shop, written in yuan as `cost`.
    """

    code: Code
    kind: RewardKind
    title: Text
    price_points: PointsPositive
    prices: Frozen[Code, PointsPositive] = Field(default_factory=no_entries)
    tier_min: Code | None = None
    stock: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    limit: Limit | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    cost_minor: MoneyMinor | None = Field(default=None, alias="cost", ge=0)
    coupon: Code | None = None
    code_pool: Word | None = None

    def price(self, tier_code: str) -> int:
        """Points for one, for a member of that tier."""
        return self.prices.get(tier_code, self.price_points)
