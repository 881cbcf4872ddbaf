"""What may be given for something done?"""

from typing import Annotated, Any

from pydantic import Field

from domain.programme.model.base import Code, MoneyMinor, Points, Section


class Gives(Section):
    """Points, a red packet, coupons (faces of `coupons`) and badges (of `badges`) together.

    `credit` is written in yuan.
    """

    points: Points = 0
    credit_minor: MoneyMinor = Field(default=0, alias="credit", ge=0)
    coupons: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    badges: Annotated[tuple[Code, ...], Field(max_length=10)] = ()

    @property
    def has_anything(self) -> bool:
        return bool(self.points or self.credit_minor or self.coupons or self.badges)

    def amounts(self) -> dict[str, Any]:
        """As a decision keeps them; `credit_minor`, in minor units, where any is given."""
        credit = {"credit_minor": self.credit_minor} if self.credit_minor else {}
        return {"points": self.points, **credit}

    def outcome(self) -> dict[str, Any]:
        """All of it, as a decision keeps it."""
        return {
            **self.amounts(),
            "coupons": list(self.coupons),
            "badges": list(self.badges),
        }
