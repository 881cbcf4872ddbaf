"""Which answers of a quiz are right, and is it passed?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.programme.model import Quiz
from domain.tasks.model import Attempt, QuizResult


def marked(
    attempt: Attempt, quiz: Quiz, answers: Sequence[int], *, now: datetime | None = None
) -> QuizResult:
    """What answers, one for each question, come to; given at `now` unless they were before."""
    is_right = tuple(
        question.right == chosen for question, chosen in zip(quiz.questions, answers, strict=True)
    )
    is_passed = sum(is_right) >= quiz.right_needed
    if now is not None:
        attempt = replace(
            attempt,
            answers=list(answers),
            right_count=sum(is_right),
            is_passed=is_passed,
            answered_at=now,
        )
    return QuizResult(attempt, quiz, is_right, is_passed)
