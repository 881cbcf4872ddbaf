"""What may points be spent on, at which price, by whom, how often?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import (
    Code,
    Frozen,
    Instant,
    MoneyMinor,
    Months,
    PointsPositive,
    Section,
    Text,
    Word,
    no_entries,
)
from domain.programme.model.gives import Gives
from domain.programme.model.limits import Limit

RewardKind = Literal[
    "COUPON",
    "PHYSICAL",
    "VIRTUAL",
    "SERVICE",
    "DONATION",
    "LOTTERY_TICKET",
    "TIER_UPGRADE",
    "BUNDLE",
]
EXPIRING_DAYS = 30
"""The lower price of a reward is paid from lots that expire within so many days."""


class Reward(Section):
    """No `stock` means endless; the window is half-open.

    One costs `price_points`, or `price_community` of COMMUNITY; `prices` replaces it for tiers, in
    the same currency. `expiring_price_points` is a lower price, for who pays with points that
    expire within 30 days; `expiring_prices` replaces it for tiers. Below `tier_min` and the
    community level `level_min` a member sees the reward and can't redeem it; below `visible_from`
    and `visible_from_level` they don't see it.

    `coupon` names a face of the `coupons` section, `code_pool` the pool that a VIRTUAL reward's
    codes come from, `lottery` the lottery that a LOTTERY_TICKET draws in, `gives` is what a BUNDLE
    has in it; a TIER_UPGRADE lasts `months` (3). With `cancellable: false` a redemption can't be
    cancelled by the member, though its kind could be. `cost_minor` is what one costs the shop,
    written in yuan as `cost`.
    """

    code: Code
    kind: RewardKind
    title: Text
    price_points: PointsPositive | None = None
    price_community: PointsPositive | None = None
    prices: Frozen[Code, PointsPositive] = Field(default_factory=no_entries)
    expiring_price_points: PointsPositive | None = None
    expiring_prices: Frozen[Code, PointsPositive] = Field(default_factory=no_entries)
    tier_min: Code | None = None
    visible_from: Code | None = None
    level_min: Code | None = None
    visible_from_level: Code | None = None
    stock: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    limit: Limit | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    cancellable: bool = True
    cost_minor: MoneyMinor | None = Field(default=None, alias="cost", ge=0)
    coupon: Code | None = None
    code_pool: Word | None = None
    lottery: Code | None = None
    months: Months | None = None
    gives: Gives | None = None

    def price(self, tier_code: str) -> int:
        """What one costs a member of that tier: points, or COMMUNITY if it `costs_community`."""
        return self.prices.get(tier_code, self._price)

    @property
    def costs_community(self) -> bool:
        return self.price_community is not None

    def expiring_price(self, tier_code: str) -> int | None:
        """Points for one, paid with what expires soon; None where there is no lower price."""
        return self.expiring_prices.get(tier_code, self.expiring_price_points)

    @property
    def has_expiring_price(self) -> bool:
        return self.expiring_price_points is not None or bool(self.expiring_prices)

    @property
    def lowest_price(self) -> int:
        """The lowest that anyone pays for one."""
        prices = [self._price, *self.prices.values(), *self.expiring_prices.values()]
        if self.expiring_price_points is not None:
            prices.append(self.expiring_price_points)
        return min(prices)

    @property
    def _price(self) -> int:
        return self.price_community or self.price_points or 0
