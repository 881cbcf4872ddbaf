"""What has a member set out to do, how far are they, and what does it give?"""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import strawberry

from domain.programme import model as programme
from domain.tasks.model import ShownState
from domain.tasks.views import ShownTask
from kit.errors import Forbidden
from resolvers import tasks
from resolvers.seeing import Seen
from schema.gives import Gives
from schema.guards import Info
from schema.limits.catalogue import cap

_TASKS_MAX = 300


@strawberry.enum(
    description="UPCOMING: not begun. LOCKED: other tasks come first. COMPLETED: the reward is on"
    " its way. CLAIMABLE: it waits for the member."
)
class TaskState(StrEnum):
    UPCOMING = "UPCOMING"
    LOCKED = "LOCKED"
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CLAIMABLE = "CLAIMABLE"
    REWARDED = "REWARDED"


@strawberry.type(description="startQuiz shows the questions.")
class QuizInfo:
    material: str | None = strawberry.field(description="To be read before.")
    question_count: int
    right_needed: int
    tries_per_day: int

    @classmethod
    def of(cls, quiz: programme.Quiz, locale: str) -> "QuizInfo":
        return cls(
            material=quiz.material and quiz.material.in_(locale),
            question_count=len(quiz.questions),
            right_needed=quiz.right_needed,
            tries_per_day=quiz.tries_per_day,
        )


@strawberry.type(description="A mission in one of its periods.")
class Task:
    code: str
    name: str
    description: str | None
    kind: str = strawberry.field(description="What it counts: orders, spend, reviews and so on.")
    recurrence: str = strawberry.field(description="once, daily, weekly, monthly or window.")
    period: str = strawberry.field(
        description='Of the member\'s calendar: "2026-11-22", "2026-W47", "2026-11", "window",'
        ' "once".'
    )
    state: TaskState
    progress: int = strawberry.field(description="Whole yuan for spend.")
    target: int
    claimable: bool
    starts_at: datetime | None
    ends_at: datetime | None = strawberry.field(description="Of the period; null: no end.")
    unmet: list[str] = strawberry.field(description="Codes of tasks that come first.")
    gives: Gives
    quiz: QuizInfo | None

    @classmethod
    def of(cls, shown: ShownTask, seen: Seen) -> "Task":
        task, locale = shown.task, seen.locale
        return cls(
            code=task.code,
            name=task.name.in_(locale),
            description=task.description and task.description.in_(locale),
            kind=task.kind,
            recurrence=task.recurrence,
            period=shown.period,
            state=TaskState(shown.state),
            progress=shown.progress,
            target=shown.target,
            claimable=shown.state == ShownState.CLAIMABLE,
            starts_at=task.starts_at,
            ends_at=shown.ends_at,
            unmet=list(shown.unmet),
            gives=Gives.of(task.gives, seen.programme, locale),
            quiz=task.quiz and QuizInfo.of(task.quiz, locale),
        )


@strawberry.type
class MemberTasks:
    @strawberry.field(
        description="Those that are for the member, each in its current period, and earlier ones"
        " left to claim.",
        metadata=cap(_TASKS_MAX),
    )
    async def tasks(self, info: Info) -> list[Task]:
        seen = cast("Seen", cast("Any", self).seen)
        if not seen.viewer.may_read(seen.view.member_id):
            raise Forbidden
        found = await tasks.tasks(info.context, seen.view.member_id)
        return [Task.of(shown, seen) for shown in found[:_TASKS_MAX]]

    @strawberry.field(
        description="What staff call the member; for them, and services that read members."
    )
    async def tags(self, info: Info) -> list[str]:
        seen = cast("Seen", cast("Any", self).seen)
        return await tasks.tags(info.context, seen.view.member_id)


@strawberry.type
class TaskQueries:
    pass
