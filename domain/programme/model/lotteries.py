"""What can be won, with which odds, and what may a round of it cost?"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import Code, Instant, MoneyMinor, Section, Text
from domain.programme.model.gives import Gives

PRIZES_MAX = 20
WEIGHT_MAX = 1_000_000
_ODDS = Decimal("0.000001")


class LotteryPrize(Section):
    """What one draw in `weight` out of all weights wins.

    It gives points, coupons or badges at once, or it is a thing (`delivered`) that staff sends;
    then `gives` is what the member gets instead where that can't be done. `stock` (None: endless)
    is how many each round has. `value_minor` is what it is worth to who wins it, `cost_minor` what
    one costs the shop and takes of the round's budget (None: its value), both in yuan.
    """

    code: Code
    name: Text
    weight: Annotated[int, Field(ge=0, le=WEIGHT_MAX)]
    gives: Gives = Gives()
    delivered: bool = False
    stock: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    value_minor: MoneyMinor = Field(default=0, alias="value", ge=0, validate_default=True)
    cost_minor: MoneyMinor | None = Field(default=None, alias="cost", ge=0)

    @property
    def costs_minor(self) -> int:
        """What one takes of the budget."""
        return self.value_minor if self.cost_minor is None else self.cost_minor

    @property
    def is_limited(self) -> bool:
        """Whether it may be exhausted, so that the consolation is given instead."""
        return self.stock is not None or self.costs_minor > 0


class Lottery(Section):
    """Weights never change within a round; another section ends it and opens the next one.

    A round lasts a day, week or month of the programme's calendar, or until staff closes it
    (None). `budget_minor` is what the prizes of a round may cost together, in yuan; a prize that is
    exhausted or over budget becomes `consolation`, one of the prizes, of which there are enough for
    everybody.
    """

    code: Code
    name: Text
    round: Literal["day", "week", "month"] | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    budget_minor: MoneyMinor = Field(alias="budget", ge=0)
    consolation: Code
    prizes: Annotated[tuple[LotteryPrize, ...], Field(min_length=1, max_length=PRIZES_MAX)]

    @property
    def weights(self) -> int:
        """All weights together: how many outcomes a roll has."""
        return sum(prize.weight for prize in self.prizes)

    def odds_percent(self, prize: LotteryPrize) -> Decimal:
        """The prize's weight in all weights, rounded to 6 decimals: 1 of 3 is 33.333333."""
        return (Decimal(100 * prize.weight) / self.weights).quantize(_ODDS)

    def prize(self, code: str) -> LotteryPrize | None:
        return next((prize for prize in self.prizes if prize.code == code), None)

    def expected_points(self) -> int:
        """What `weights` tickets win together in points, at most.

        A prize that may be exhausted counts as the consolation where that gives more.
        """
        consolation = self.prize(self.consolation)
        instead = 0 if consolation is None else consolation.gives.points
        return sum(prize.weight * self._most_points(prize, instead) for prize in self.prizes)

    def _most_points(self, prize: LotteryPrize, instead: int) -> int:
        points = 0 if prize.delivered else prize.gives.points
        return max(points, instead) if prize.is_limited else points
