"""What may be given for something done?"""

from typing import Annotated

from pydantic import Field

from domain.programme.model.base import Code, Points, Section


class Gives(Section):
    """Points, coupons (faces of the `coupons` section) and badges (of `badges`) together."""

    points: Points = 0
    coupons: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    badges: Annotated[tuple[Code, ...], Field(max_length=10)] = ()

    @property
    def has_anything(self) -> bool:
        return bool(self.points or self.coupons or self.badges)
