"""What may members set out to do?"""

from typing import Literal

from domain.programme.model.base import Code, Section, Text
from domain.programme.model.gives import Gives

TaskKind = Literal[
    "orders",
    "spend",
    "order_days",
    "consecutive_order_days",
    "categories",
    "check_in_streak",
    "reviews",
    "shares",
    "posts",
    "invites",
    "profile",
    "quiz",
    "campaign",
]


class Task(Section):
    """A member's mission; `kind` says what it counts."""

    code: Code
    name: Text
    kind: TaskKind = "orders"
    gives: Gives = Gives()
