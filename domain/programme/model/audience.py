"""To whom is something offered?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import Code, DaysPositive, Section, Text

Stage = Literal["new", "first_order", "active", "lapsing", "lapsed"]
TAG_FORM = r"^[a-z0-9][a-z0-9_-]{0,39}$"
Tag = Annotated[str, Field(pattern=TAG_FORM)]


class Lifecycle(Section):
    """Days since the last order after which a member is lapsing, and then lapsed."""

    lapsing_days: DaysPositive = 60
    lapsed_days: DaysPositive = 180


class Traits(Section):
    """Who has one of each list that isn't empty; all empty: everybody."""

    tiers: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    stages: Annotated[tuple[Stage, ...], Field(max_length=5)] = ()
    tags: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()


class Segment(Traits):
    """A named audience."""

    code: Code
    name: Text


class Audience(Traits):
    """`segments`: codes of the `segments` section; who is in one of them."""

    segments: Annotated[tuple[Code, ...], Field(max_length=20)] = ()

    @property
    def is_everybody(self) -> bool:
        return not (self.tiers or self.stages or self.tags or self.segments)
