"""How far is a member in a task, for whom is it, and what follows when they get there?"""

from domain.activity.rules import stage_at, suits
from domain.tasks.rules.assessing import (
    LOOK_BACK,
    ProgrammeOf,
    assess,
    in_order,
    measured,
    needed_since,
    unmet,
)
from domain.tasks.rules.measuring import measure
from domain.tasks.rules.periods import ends_at, period_of, periods
from domain.tasks.rules.quizzes import marked

__all__ = [
    "LOOK_BACK",
    "ProgrammeOf",
    "assess",
    "ends_at",
    "in_order",
    "marked",
    "measure",
    "measured",
    "needed_since",
    "period_of",
    "periods",
    "stage_at",
    "suits",
    "unmet",
]
