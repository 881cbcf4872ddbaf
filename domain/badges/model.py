"""What does a member have to show?"""

from dataclasses import dataclass
from datetime import datetime

from domain.programme.model import Badge


@dataclass(frozen=True, slots=True)
class Held:
    """A badge of a member; `is_title`: they go by its title."""

    badge: Badge
    awarded_at: datetime
    is_title: bool
