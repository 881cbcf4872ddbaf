"""What does a member show to others of what they have reached?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.badges.model import Held


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of `honour_setting`; `changed_at` None: never said."""

    member_id: UUID
    shows_badges: bool = True
    shows_title: bool = True
    shows_tier: bool = True
    shows_growth: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Honours:
    """As others see them; None: there is none, or it isn't shown.

    `title`: the code of the badge that gives it. `badges` and `growth`: on a profile only.
    """

    title: str | None = None
    tier_code: str | None = None
    badges: tuple[Held, ...] = ()
    growth: int | None = None


NO_HONOURS = Honours()
