"""How are tasks read and claimed, and quizzes tried?"""

from uuid import UUID

from domain.tasks import operations, views
from domain.tasks.model import ProgressRow, QuizResult, StartedQuiz
from domain.tasks.views import ShownTask
from kit.errors import Forbidden
from resolvers import ids
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context


async def tasks(context: Context, member_id: UUID) -> list[ShownTask]:
    return await views.tasks(member_id, now=context.now)


async def tags(context: Context, member_id: UUID) -> list[str]:
    if context.viewer.role == "member" or not context.viewer.may_read(member_id):
        raise Forbidden
    return await views.tags(member_id)


async def claim(
    context: Context, code: str, period: str | None, parts: Parts
) -> Answer[ProgressRow]:
    me = context.viewer.own_member_id()
    verb = operations.claim(me, code, period=period, now=context.now)
    return await answer(context, verb, parts)


async def start_quiz(context: Context, code: str) -> Answer[StartedQuiz]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.start_quiz(me, code, now=context.now))


async def answer_quiz(
    context: Context, attempt: str, answers: list[int], parts: Parts
) -> Answer[QuizResult]:
    me = context.viewer.own_member_id()

    async def verb() -> QuizResult:
        found = ids.attempt_id(attempt)
        return await operations.answer_quiz(me, found, answers, now=context.now)

    return await answer(context, verb(), parts)


async def tag(context: Context, member: str, name: str, parts: Parts) -> Answer[UUID]:
    async def verb() -> UUID:
        found, actor = ids.member_id(member), context.viewer.subject
        return await operations.tag(found, name, actor=actor, now=context.now)

    return await answer(context, verb(), parts, shows=lambda found: found)


async def untag(context: Context, member: str, name: str, parts: Parts) -> Answer[UUID]:
    async def verb() -> UUID:
        found, actor = ids.member_id(member), context.viewer.subject
        return await operations.untag(found, name, actor=actor, now=context.now)

    return await answer(context, verb(), parts, shows=lambda found: found)
