"""What did a member do?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from domain.programme.model import TaskKind

DeedKind = Literal[
    "order", "check_in", "review", "share", "post", "invite", "join", "profile", "quiz"
]
TASKS_ASSESS = "tasks.assess"
CHALLENGES_ASSESS = "challenges.assess"
TASK_DEEDS: Mapping[TaskKind, DeedKind] = {
    "orders": "order",
    "spend": "order",
    "order_days": "order",
    "consecutive_order_days": "order",
    "categories": "order",
    "check_in_streak": "check_in",
    "reviews": "review",
    "shares": "share",
    "posts": "post",
    "invites": "invite",
    "profile": "profile",
    "quiz": "quiz",
    "campaign": "join",
}
"""What a task of each kind counts."""


class BoughtLine(NamedTuple):
    """A line of an order as far as its refunds have left it; minor units of the order's currency.

    `base_left_minor` is of the programme's currency, zero where the line is not eligible. A tuple,
    as a look at a member makes one of each line of a year, which was a quarter of its time.
    """

    sku: str
    category: str | None
    brand: str | None
    left_minor: int
    base_left_minor: int


@dataclass(frozen=True, slots=True)
class Traits:
    """What audiences ask of a member; `orders`: when the latest that stand were paid."""

    tier_code: str
    tags: frozenset[str] = frozenset()
    orders: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that a member did, at `at`; `reference` tells it from all others of its kind.

    Orders have `lines` with something left on them. They, and reviews of them, have `settles_at`,
    when their return window is over; with `awaits_word` only the shop's order.completed ends it.
    A check-in has its `day` and number in the streak. What came as an event has its `data`, and a
    passed quiz the code of its `task` in it.
    """

    kind: DeedKind
    at: datetime
    reference: str
    settles_at: datetime | None = None
    awaits_word: bool = False
    lines: tuple[BoughtLine, ...] = ()
    day: date | None = None
    streak_days: int = 0
    data: dict[str, Any] = field(default_factory=dict[str, Any])
