"""What is a member's standing, what is a score made of, and what may be decided about both?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from domain.programme.model import Programme, Tier

Json = dict[str, Any]
State = Literal["ACTIVE", "PROVISIONAL"]


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """What counts in the trailing window. `spend_minor`: the earning base left after refunds."""

    spend_minor: int = 0
    orders_counted: int = 0
    purchase_growth: int = 0
    interaction_growth: int = 0


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """`score` is the sum of the three parts; under the basis `growth` all are GROWTH."""

    spend_score: int
    frequency_score: int
    interaction_score: int
    facts: WindowFacts

    @property
    def score(self) -> int:
        return self.spend_score + self.frequency_score + self.interaction_score


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPeriod:
    """A retention period of a tier; the lowest tier's has neither beginning nor end."""

    tier_code: str
    provisional: bool = False
    opened_at: datetime | None = None
    ends_at: datetime | None = None

    def document(self) -> Json:
        return {
            "tier_code": self.tier_code,
            "provisional": self.provisional,
            "opened_at": self.opened_at and self.opened_at.isoformat(),
            "ends_at": self.ends_at and self.ends_at.isoformat(),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            tier_code=document["tier_code"],
            provisional=document["provisional"],
            opened_at=_instant(document["opened_at"]),
            ends_at=_instant(document["ends_at"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The period in force and those that resume, from the top down, if it falls.

    `former` runs from the confirmed period upwards. Until `settled_only_until` the member's orders
    count for tiers only once settled.
    """

    period: TierPeriod
    former: tuple[TierPeriod, ...] = ()
    settled_only_until: datetime | None = None

    @classmethod
    def of_a_newcomer(cls, programme: Programme) -> Self:
        return cls(period=TierPeriod(tier_code=programme.tiers.ladder[0].code))

    @property
    def tier_code(self) -> str:
        return self.period.tier_code

    @property
    def state(self) -> State:
        return "PROVISIONAL" if self.period.provisional else "ACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDecision:
    """The standing after the assessment. `confirmed`: tiers that are provisional no longer."""

    standing: Standing
    change: Literal["upgrade", "fall"] | None
    from_tier: str
    to_tier: str
    confirmed: tuple[str, ...]
    inputs: Json
    outcome: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TierProgress:
    """How far it is to the next tier; all that concerns it is None at the top.

    `yuan_to_next`, `orders_to_next`: the smallest number that alone suffices, None where none does.
    """

    parts: ScoreParts
    tier: Tier
    next_tier: Tier | None
    score_to_next: int | None
    yuan_to_next: int | None
    orders_to_next: int | None
    keep_score: int
    period_ends_at: datetime | None
    state: State


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
