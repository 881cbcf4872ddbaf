"""What is a member's score, which tier does it reach, and how is that tier kept or lost?"""

from domain.tiers.rules.ladder import assess, counting, effective_tier
from domain.tiers.rules.makeup import MadeUp, compose, made_up, names, rest
from domain.tiers.rules.progress import orders_missing, progress, yuan_missing
from domain.tiers.rules.retention import (
    Retained,
    Step,
    due_at,
    falls_to,
    needed,
    next_step,
    passed,
    recovered,
    retained,
    without,
)
from domain.tiers.rules.scoring import facts_of, ladder_rank, orders_counted, score, tier_for

__all__ = [
    "MadeUp",
    "Retained",
    "Step",
    "assess",
    "compose",
    "counting",
    "due_at",
    "effective_tier",
    "facts_of",
    "falls_to",
    "ladder_rank",
    "made_up",
    "names",
    "needed",
    "next_step",
    "orders_counted",
    "orders_missing",
    "passed",
    "progress",
    "recovered",
    "rest",
    "retained",
    "score",
    "tier_for",
    "without",
    "yuan_missing",
]
