"""What do staff ask for?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FloorAsked:
    """At least this tier, until then; None: until staff end it."""

    tier_code: str
    until: datetime | None = None
