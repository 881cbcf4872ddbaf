"""What do tasks read, keep and pay inside a transaction?"""

from domain.tasks.steps.looking import (
    COMPLETE,
    assess,
    attempt_of,
    offered_since,
    offers,
    put,
    records,
    row_of,
)
from domain.tasks.steps.paying import let_wait, reward, take_back

__all__ = [
    "COMPLETE",
    "assess",
    "attempt_of",
    "let_wait",
    "offered_since",
    "offers",
    "put",
    "records",
    "reward",
    "row_of",
    "take_back",
]
