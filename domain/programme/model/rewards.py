"""What may points be spent on, at which price, by whom, how often?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import (
    Code,
    Frozen,
    Instant,
    MoneyMinor,
    PointsPositive,
    Section,
    Text,
    Word,
    no_entries,
)
from domain.programme.model.limits import Limit

RewardKind = Literal["COUPON", "PHYSICAL", "VIRTUAL"]


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
