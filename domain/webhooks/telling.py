"""What is a fact that is told, and what is known of all that is written with it?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from db.changes import value_of
from domain.webhooks.model import EventType


@dataclass(frozen=True, slots=True)
class Told:
    """A fact; `key` is the same for the same fact, and for another fact of its type another."""

    type: EventType
    member_id: UUID
    key: str
    occurred_at: datetime
    data: dict[str, Any]


@dataclass(slots=True)
class Written:
    """What is written together, which tells what is new of it and which balances it leaves."""

    now: datetime
    decisions: set[UUID] = field(default_factory=set[UUID])
    balances: dict[tuple[UUID, str], dict[str, Any]] = field(
        default_factory=dict[tuple[UUID, str], dict[str, Any]]
    )
    orders: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    joined: set[UUID] = field(default_factory=set[UUID])
    words: dict[UUID, str] = field(default_factory=dict[UUID, str])
    acted_on: set[UUID] = field(default_factory=set[UUID])

    def is_new(self, row: object) -> bool:
        """A row that changed keeps the decision that it was made by."""
        return value_of(row, "decision_id") in self.decisions


def text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
