"""Which targets are reached, what is given for them, and what else may be done about tasks?"""

from domain.tasks.operations.assessing import assess
from domain.tasks.operations.backfilling import backfill
from domain.tasks.operations.claiming import claim
from domain.tasks.operations.quizzing import answer_quiz, start_quiz
from domain.tasks.operations.rewarding import complete
from domain.tasks.operations.tagging import tag, untag
from domain.tasks.steps import COMPLETE

__all__ = [
    "COMPLETE",
    "answer_quiz",
    "assess",
    "backfill",
    "claim",
    "complete",
    "start_quiz",
    "tag",
    "untag",
]
