"""How often may one member have something?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import Section


class Limit(Section):
    """At most `count` per member in each `period`."""

    count: Annotated[int, Field(ge=1, le=10_000)]
    period: Literal["day", "week", "month", "year", "ever"]
