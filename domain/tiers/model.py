"""What is a member's standing, what is a score made of, and what may be decided about both?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, Protocol, Self

from domain.programme.model import Programme, Tier

Json = dict[str, Any]
State = Literal["ACTIVE", "PROVISIONAL", "WARNED", "GRACE", "RECOVERY"]


class CountedOrder(Protocol):
    """An order as far as refunds have left it; they are dated at its payment."""

    @property
    def paid_at(self) -> datetime: ...

    @property
    def day(self) -> date: ...

    @property
    def base_left_minor(self) -> int: ...

    @property
    def eligible_left_minor(self) -> int: ...

    @property
    def growth_left(self) -> int: ...

    @property
    def settles_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class CountedDeed:
    """What may count for a make-up task; `day` is the member's."""

    kind: str
    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class History:
    """All of a member's that may count. `interactions`: signed GROWTH with its instant."""

    orders: Sequence[CountedOrder] = ()
    interactions: Sequence[tuple[datetime, int]] = ()
    deeds: Sequence[CountedDeed] = ()


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
    """A retention period of a tier; the lowest tier's has neither beginning nor end.

    Its end is some months after `anchored_at`, that of the period that an upgrade opened; it stays
    what it was where the judgement is put off. `helped`: the period before took make-up tasks.
    """

    tier_code: str
    provisional: bool = False
    opened_at: datetime | None = None
    ends_at: datetime | None = None
    anchored_at: datetime | None = None
    helped: bool = False

    def document(self) -> Json:
        return {
            "tier_code": self.tier_code,
            "provisional": self.provisional,
            "opened_at": _text(self.opened_at),
            "ends_at": _text(self.ends_at),
            "anchored_at": _text(self.anchored_at),
            "helped": self.helped,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            tier_code=document["tier_code"],
            provisional=document["provisional"],
            opened_at=_instant(document["opened_at"]),
            ends_at=_instant(document["ends_at"]),
            anchored_at=_instant(document.get("anchored_at", document["opened_at"])),
            helped=document.get("helped", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUpTask:
    """So many deeds of a kind, `each` for so many score points, `points` in all of them.

    At most `per_day` of a member's day count.
    """

    kind: str
    target: int
    each: int
    points: int
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierWarning:
    """The member was told that the tier is at stake; kept until the period is judged.

    `lifted` while nothing is missing. `ends_at`: when the period is judged; `moved` where that is
    later than the period's own end. From `tasks_from` on deeds count for `tasks`, which were
    composed for a gap of `gap` score points.
    """

    warned_at: datetime
    grace_at: datetime
    ends_at: datetime
    moved: bool = False
    lifted: bool = False
    tasks_from: datetime | None = None
    tasks: tuple[MakeUpTask, ...] = ()
    gap: int = 0

    def document(self) -> Json:
        return {
            "warned_at": _text(self.warned_at),
            "grace_at": _text(self.grace_at),
            "ends_at": _text(self.ends_at),
            "moved": self.moved,
            "lifted": self.lifted,
            "tasks_from": _text(self.tasks_from),
            "tasks": [
                {
                    "kind": task.kind,
                    "target": task.target,
                    "each": task.each,
                    "points": task.points,
                    "per_day": task.per_day,
                }
                for task in self.tasks
            ],
            "gap": self.gap,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            warned_at=datetime.fromisoformat(document["warned_at"]),
            grace_at=datetime.fromisoformat(document["grace_at"]),
            ends_at=datetime.fromisoformat(document["ends_at"]),
            moved=document["moved"],
            lifted=document["lifted"],
            tasks_from=_instant(document["tasks_from"]),
            tasks=tuple(MakeUpTask(**task) for task in document["tasks"]),
            gap=document["gap"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRecovery:
    """A tier that was lost at `lost_at` and comes back with `needed` score points by `by`.

    What counted for it since `since` goes on counting; `credit` is what make-up tasks added.
    """

    tier_code: str
    lost_at: datetime
    by: datetime
    since: datetime
    needed: int
    credit: int = 0

    def document(self) -> Json:
        return {
            "tier_code": self.tier_code,
            "lost_at": _text(self.lost_at),
            "by": _text(self.by),
            "since": _text(self.since),
            "needed": self.needed,
            "credit": self.credit,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            tier_code=document["tier_code"],
            lost_at=datetime.fromisoformat(document["lost_at"]),
            by=datetime.fromisoformat(document["by"]),
            since=datetime.fromisoformat(document["since"]),
            needed=document["needed"],
            credit=document["credit"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFloor:
    """Staff let nobody see less than this tier, until `ends_at` (None: until they end it).

    `told`: the member knows that it ends.
    """

    tier_code: str
    starts_at: datetime
    ends_at: datetime | None
    told: bool = False

    def document(self) -> Json:
        return {
            "tier_code": self.tier_code,
            "starts_at": _text(self.starts_at),
            "ends_at": _text(self.ends_at),
            "told": self.told,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            tier_code=document["tier_code"],
            starts_at=datetime.fromisoformat(document["starts_at"]),
            ends_at=_instant(document["ends_at"]),
            told=document["told"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The period in force and those that resume, from the top down, if it falls.

    `former` runs from the confirmed period upwards. Until `settled_only_until` the member's orders
    count for tiers only once settled. `floor` hides the earned tier and changes nothing of it.
    """

    period: TierPeriod
    former: tuple[TierPeriod, ...] = ()
    settled_only_until: datetime | None = None
    warning: TierWarning | None = None
    recovery: TierRecovery | None = None
    floor: TierFloor | None = None

    @classmethod
    def of_a_newcomer(cls, programme: Programme) -> Self:
        return cls(period=TierPeriod(tier_code=programme.tiers.ladder[0].code))

    @property
    def tier_code(self) -> str:
        """The earned tier."""
        return self.period.tier_code

    @property
    def state(self) -> State:
        warning = self.warning
        if warning is not None and not warning.lifted:
            return "WARNED" if warning.tasks_from is None else "GRACE"
        if self.recovery is not None:
            return "RECOVERY"
        return "PROVISIONAL" if self.period.provisional else "ACTIVE"

    @property
    def counts_since(self) -> datetime | None:
        """From when on something may count for keeping or recovering a tier."""
        instants = [period.opened_at for period in (*self.former, self.period)]
        if self.recovery is not None:
            instants.append(self.recovery.since)
        return min((at for at in instants if at is not None), default=None)

    def without_stakes(self) -> Self:
        return replace(self, warning=None, recovery=None)


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


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
