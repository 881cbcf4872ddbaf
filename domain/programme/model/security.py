"""How much may leave an account before it is certain that its member takes it?"""

from typing import Annotated

from pydantic import Field

from domain.programme.model.base import DaysPositive, MoneyMinor, Points, Section

_POINTS, _CREDIT = "POINTS", "CREDIT"


class Security(Section):
    """What holds for devices that aren't trusted, and for accounts that wake.

    `…_per_day`: what may leave in any 24 hours from all of them together. `trusts_first`: whether a
    member's first device is trusted at once though it isn't the one they registered with; false
    where every client has named its device since the first member. `trust_after_days` None: by a
    code only. `dormant_days` None: no account ever is.
    """

    enabled: bool = True
    points_per_day: Points = 500
    credit_per_day_minor: MoneyMinor = Field(
        default=5, alias="credit_per_day", ge=0, validate_default=True
    )
    community_per_day: Points = 500
    trusts_first: bool = True
    trust_after_days: DaysPositive | None = 30
    dormant_days: Annotated[int, Field(ge=30, le=3_660)] | None = 180
    cool_off_hours: Annotated[int, Field(ge=1, le=720)] = 24

    def limit_of(self, currency: str) -> int:
        """In points, in COMMUNITY, or of credit in minor units."""
        if currency == _POINTS:
            return self.points_per_day
        return self.credit_per_day_minor if currency == _CREDIT else self.community_per_day
