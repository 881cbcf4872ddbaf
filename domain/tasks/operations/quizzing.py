"""How is a quiz tried? Started, which uses a try, then answered once."""

from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import tasks as queries
from db.signals import JOBS
from domain.activity.steps import follow
from domain.members.model import Member
from domain.members.rules import zone_at
from domain.members.steps import lock
from domain.programme.model import Quiz
from domain.programme.views import Versions, versions
from domain.rewards.errors import Ended, NotStarted
from domain.tasks import rules, steps
from domain.tasks.errors import QuizAnswered, QuizTriesUsedUp, TaskLocked
from domain.tasks.model import Attempt, Offer, QuizResult, Record, StartedQuiz
from domain.webhooks.steps import write
from kit.calendar import day_end
from kit.errors import InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id


@transactional
async def start_quiz(tx: Tx, member_id: UUID, code: str, *, now: datetime) -> StartedQuiz:
    """Begin a try, or go on with the one that isn't answered yet.

    Refuses NOT_FOUND (no such quiz, or not for this member), MEMBER_SUSPENDED, NOT_STARTED, ENDED,
    TASK_LOCKED, QUIZ_TRIES_USED_UP.
    """
    published = await versions(tx)
    member = await _in_good_standing(tx, member_id)
    offered = steps.offers(published, now)
    offer = next((offer for offer in offered if offer.task.code == code), None)
    if offer is None or offer.task.quiz is None:
        raise NotFound("quiz")
    (record,) = await steps.records(tx, [member], offered, published, now)
    _require_open(offer, record, now)
    day = record.days.day_of(now)
    tried = [
        steps.attempt_of(row.items()) for row in await queries.attempts(tx, member_id, code, day)
    ]
    tries = offer.task.quiz.tries_per_day
    waiting = next((attempt for attempt in tried if attempt.answered_at is None), None)
    if waiting is not None:
        quiz = _quiz_of(published, waiting)
        return StartedQuiz(waiting, quiz.questions, max(tries - len(tried), 0))
    if len(tried) >= tries:
        hour = offer.programme.day_start_hour
        zone = zone_at(member, now, day_start_hour=hour)
        raise QuizTriesUsedUp(tries, day_end(day, zone, hour))
    attempt = Attempt(member_id, new_id(), code, day, offer.version, now)
    changes = Changes()
    changes.put("quiz_attempt", attempt)
    await write(tx, changes, now=now)
    return StartedQuiz(attempt, offer.task.quiz.questions, tries - len(tried) - 1)


@transactional
async def answer_quiz(
    tx: Tx, member_id: UUID, attempt_id: UUID, answers: list[int], *, now: datetime
) -> QuizResult:
    """Answer all questions of a try; a pass is a deed that its task counts. Natural key: the try.

    `answers` are the numbers of the chosen options, counted from 1. The same answers again get the
    first result. Refuses NOT_FOUND, MEMBER_SUSPENDED, INVALID_INPUT, QUIZ_ANSWERED.
    """
    published = await versions(tx)
    await _in_good_standing(tx, member_id)
    row = await queries.attempt(tx, member_id, attempt_id)
    if row is None:
        raise NotFound("quiz attempt")
    attempt = steps.attempt_of(row.items())
    quiz = _quiz_of(published, attempt)
    if attempt.answers is not None:
        if attempt.answers != answers:
            raise QuizAnswered
        return rules.marked(attempt, quiz, answers)
    _require_answers(quiz, answers)
    result = rules.marked(attempt, quiz, answers, now=now)
    changes = Changes()
    changes.put("quiz_attempt", result.attempt)
    if result.is_passed:
        follow(changes, member_id, published, now)
        tx.wake(JOBS)
    await write(tx, changes, now=now)
    return result


async def _in_good_standing(tx: Tx, member_id: UUID) -> Member:
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended
    return member


def _require_open(offer: Offer, record: Record, now: datetime) -> None:
    task = offer.task
    if not rules.suits(task.audience, record.traits, now, offer.programme):
        raise NotFound("quiz")
    if task.starts_at is not None and now < task.starts_at:
        raise NotStarted(task.starts_at)
    if task.ends_at is not None and now >= task.ends_at:
        raise Ended(task.ends_at)
    unmet = rules.unmet(task, record.rows.values())
    if unmet:
        raise TaskLocked(", ".join(unmet))


def _require_answers(quiz: Quiz, answers: list[int]) -> None:
    count = len(quiz.questions)
    if len(answers) != count:
        raise InvalidInput(
            ["input", "answers"],
            f"one answer to each of {count} questions",
            f"须回答全部 {count} 题",
        )
    for number, (question, chosen) in enumerate(zip(quiz.questions, answers, strict=True)):
        if not 1 <= chosen <= len(question.options):
            last = len(question.options)
            path = ["input", "answers", str(number)]
            raise InvalidInput(path, f"an option from 1 to {last}", f"须为 1 至 {last} 的选项")


def _quiz_of(published: Versions, attempt: Attempt) -> Quiz:
    task = published.numbered(attempt.programme_version).programme.task(attempt.task)
    assert task is not None, "a version doesn't change"
    assert task.quiz is not None, "it was tried"
    return task.quiz
