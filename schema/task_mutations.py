"""How is a reward claimed, a quiz tried, a member tagged?"""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.programme import model as programme
from domain.tasks.model import QuizResult as Result
from domain.tasks.model import StartedQuiz
from kit.ids import global_id
from resolvers import tasks
from schema.answers import MemberPayload, member_parts
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.members import member_or_none
from schema.refusals import Refusal, refusal_or_none

_QUESTIONS_MAX = 50


@strawberry.type(description="Without the right answer.")
class QuizQuestion:
    text: str
    options: list[str]

    @classmethod
    def of(cls, question: programme.Question, locale: str) -> "QuizQuestion":
        options = [option.in_(locale) for option in question.options]
        return cls(text=question.text.in_(locale), options=options)


@strawberry.type
class QuizAttempt:
    id: strawberry.ID
    started_at: datetime
    tries_left: int = strawberry.field(description="More of them on the member's day.")
    questions: list[QuizQuestion] = strawberry.field(metadata=cap(_QUESTIONS_MAX))

    @classmethod
    def of(cls, started: StartedQuiz, locale: str) -> "QuizAttempt":
        return cls(
            id=strawberry.ID(global_id("QuizAttempt", started.attempt.id)),
            started_at=started.attempt.started_at,
            tries_left=started.tries_left,
            questions=[QuizQuestion.of(question, locale) for question in started.questions],
        )


@strawberry.type
class QuizResult:
    passed: bool
    right_count: int
    right_needed: int
    right: list[bool] = strawberry.field(description="Of each question, in order.")

    @classmethod
    def of(cls, found: Result) -> "QuizResult":
        return cls(
            passed=found.is_passed,
            right_count=sum(found.is_right),
            right_needed=found.quiz.right_needed,
            right=list(found.is_right),
        )


@strawberry.type
class StartQuizPayload:
    attempt: QuizAttempt | None = None
    refusal: Refusal | None = None


@strawberry.type
class AnswerQuizPayload(MemberPayload):
    result: QuizResult | None = None


@strawberry.type
class ClaimTaskPayload(MemberPayload):
    period: str | None = strawberry.field(default=None, description="Whose reward was given.")


@strawberry.input(description="answers: the number of an option for each question, from 1.")
class AnswerQuizInput:
    attempt_id: strawberry.ID
    answers: list[int]


@strawberry.type
class TaskMutations:
    @strawberry.mutation(
        extensions=allow("member"),
        description="Have what a task gives; without a period, the latest one that waits.",
    )
    async def claim_task(
        self, info: Info, code: str, period: str | None = strawberry.UNSET
    ) -> ClaimTaskPayload:
        made = await tasks.claim(info.context, code, period or None, member_parts(info))
        return ClaimTaskPayload(
            period=made.value and made.value.period,
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow("member"),
        description="Begin a try, or go on with the one that isn't answered yet.",
    )
    async def start_quiz(self, info: Info, code: str) -> StartQuizPayload:
        made = await tasks.start_quiz(info.context, code)
        return StartQuizPayload(
            attempt=made.value and QuizAttempt.of(made.value, info.context.locale),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(extensions=allow("member"), description="Once for each try.")
    async def answer_quiz(
        self, info: Info, asked: Annotated[AnswerQuizInput, strawberry.argument(name="input")]
    ) -> AnswerQuizPayload:
        made = await tasks.answer_quiz(
            info.context, asked.attempt_id, asked.answers, member_parts(info)
        )
        return AnswerQuizPayload(
            result=made.value and QuizResult.of(made.value),
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow("staff"), description="Put a tag on a member, for which audiences ask."
    )
    async def tag_member(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")], tag: str
    ) -> MemberPayload:
        made = await tasks.tag(info.context, id_, tag, member_parts(info))
        return MemberPayload(
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(extensions=allow("staff"), description="Take a tag off a member.")
    async def untag_member(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")], tag: str
    ) -> MemberPayload:
        made = await tasks.untag(info.context, id_, tag, member_parts(info))
        return MemberPayload(
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )
