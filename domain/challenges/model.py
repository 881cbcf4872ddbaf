"""What is a member's part in a contest, what is the contest's state, and who shows the board?"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.programme.model import Challenge, Programme

CHALLENGES_SHOWN_MAX = 20


class State(StrEnum):
    """COUNTING: it is over, and late facts and return windows are waited for."""

    UPCOMING = "UPCOMING"
    OPEN = "OPEN"
    COUNTING = "COUNTING"
    CLOSED = "CLOSED"


class Shown(StrEnum):
    """How others see a member on a board."""

    NICKNAME = "nickname"
    MASKED = "masked"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Round:
    """A challenge under the version that rules it: today's, or that of its end."""

    challenge: Challenge
    version: int
    programme: Programme

    def state(self, now: datetime) -> State:
        """As far as time alone tells."""
        if now < self.challenge.starts_at:
            return State.UPCOMING
        return State.OPEN if now < self.challenge.ends_at else State.COUNTING


@dataclass(frozen=True, slots=True)
class Score:
    """`settled`: the part that can't be sent back any more; `reached_at`: when `score` was reached.

    `settles_at`: when all of it is settled; `next_settles_at`: when the next part of it is.
    """

    score: int = 0
    reached_at: datetime | None = None
    settled: int = 0
    settles_at: datetime | None = None
    next_settles_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of `challenge_entry`; it has a place on the board while it `ranks`.

    `milestone`: the highest that was paid; `version` grows with every change.
    """

    member_id: UUID
    challenge: str
    score: int = 0
    reached_at: datetime | None = None
    ranks: bool = False
    settles_at: datetime | None = None
    milestone: int = 0
    joined_at: datetime | None = None
    left_at: datetime | None = None
    version: int = 0
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """A row of `challenge_result`: a prize won; `decision_id` once it has been paid."""

    member_id: UUID
    challenge: str
    rank: int
    score: int
    closed_at: datetime
    decision_id: UUID | None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a board."""

    rank: int
    member_id: UUID
    score: int


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A line of a board as others see it; `name` None: they want to stay anonymous."""

    rank: int
    name: str | None
    score: int
    is_viewer: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A viewer's own part; `rank` None: no place."""

    entry: Entry | None
    rank: int | None


class Boards(Protocol):
    """Answers in O(log n) where it can; None: ask PostgreSQL. It never fails the caller."""

    def top(self, challenge: str, count: int) -> Awaitable[list[Place] | None]: ...
    def rank(self, entry: Entry) -> Awaitable[int | None]: ...
    def push(self, entries: Sequence[Entry]) -> Awaitable[None]:
        """Take in what was committed; of two states of an entry the higher version counts."""
        ...
