"""What is kept of a task that was reached, and what do the rules look at?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from domain.activity.model import Deed, Traits
from domain.checkins.model import MemberDays
from domain.programme.model import Programme, Question, Quiz, Task

SOURCE = "task"
State = Literal["OPEN", "COMPLETED", "CLAIMABLE", "REWARDED", "FALLEN"]
Key = tuple[str, str]
"""Code of the task, period."""


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """A row of `task_progress`: a target that was reached at `completed_at`.

    COMPLETED: the reward is on its way; CLAIMABLE: it waits for the member; FALLEN: the target is
    lost and the reward is to be taken back; OPEN: lost, and nothing is left of the reward.
    `settles_at`: when what is given becomes available, None at once; with `awaits_word` not before
    the shop's order.completed. `decision_id`: the last reward. `is_final`: it was reached together
    with another member who was parted from this one since, and can't be lost any more.
    """

    member_id: UUID
    task: str
    period: str
    progress: int
    target: int
    state: State
    completed_at: datetime
    settles_at: datetime | None
    awaits_word: bool
    times_rewarded: int
    decision_id: UUID | None
    programme_version: int
    updated_at: datetime
    is_final: bool = False

    @property
    def key(self) -> Key:
        return self.task, self.period

    @property
    def stands(self) -> bool:
        """Whether its target is reached."""
        return self.state in {"COMPLETED", "CLAIMABLE", "REWARDED"}


class ShownState(StrEnum):
    """How a task stands for a member who looks at it."""

    UPCOMING = "UPCOMING"
    LOCKED = "LOCKED"
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CLAIMABLE = "CLAIMABLE"
    REWARDED = "REWARDED"


@dataclass(frozen=True, slots=True)
class Measured:
    """How far a member is in a period; `completed_at` None: not there yet.

    `begun_at`: the first deed that counts. `settles_at`, `awaits_word`: see ProgressRow.
    """

    progress: int
    target: int
    begun_at: datetime | None = None
    completed_at: datetime | None = None
    settles_at: datetime | None = None
    awaits_word: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A task of the version in force, on offer without a break since then."""

    task: Task
    programme: Programme
    version: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """All that tasks look at of one member."""

    member_id: UUID
    days: MemberDays
    traits: Traits
    deeds: tuple[Deed, ...]
    rows: Mapping[Key, ProgressRow] = field(default_factory=dict[Key, ProgressRow])


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row of `quiz_attempt`: a try on a `day` of the member; `answers` count options from 1."""

    member_id: UUID
    id: UUID
    task: str
    day: date
    programme_version: int
    started_at: datetime
    answers: list[int] | None = None
    right_count: int | None = None
    is_passed: bool | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StartedQuiz:
    """A try that waits for its answers, and how many more there are today."""

    attempt: Attempt
    questions: tuple[Question, ...]
    tries_left: int


@dataclass(frozen=True, slots=True)
class QuizResult:
    """`is_right`: of each question, in order."""

    attempt: Attempt
    quiz: Quiz
    is_right: tuple[bool, ...]
    is_passed: bool
