"""What may members set out to do?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.audience import Audience
from domain.programme.model.base import Code, Instant, MoneyMinor, Section, Text, Word
from domain.programme.model.channels import Channel
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
Recurrence = Literal["once", "daily", "weekly", "monthly", "window"]
ProfileField = Literal["email", "phone", "birthday"]
ORDER_KINDS: frozenset[TaskKind] = frozenset(
    {"orders", "spend", "order_days", "consecutive_order_days", "categories"}
)


class OrderFilter(Section):
    """Which lines of orders count; an empty list matches everything.

    `order_min` (in yuan): what must be left of an order's matching lines.
    """

    category: tuple[Word, ...] = ()
    brand: tuple[Word, ...] = ()
    sku: tuple[Word, ...] = ()
    order_min_minor: MoneyMinor = Field(default=0, alias="order_min", ge=0)


class Material(Text):
    """What is to be read before a quiz, in both languages."""

    zh_cn: str = Field(
        min_length=1, max_length=5_000, validation_alias="zh-CN", serialization_alias="zh-CN"
    )
    en: str = Field(min_length=1, max_length=5_000)


class Question(Section):
    """`right`: the number of the right option, counted from 1."""

    text: Text
    options: Annotated[tuple[Text, ...], Field(min_length=2, max_length=10)]
    right: Annotated[int, Field(ge=1, le=10)]


class Quiz(Section):
    """Passed with `pass_right` questions answered right; None: all of them."""

    material: Material | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=50)]
    pass_right: Annotated[int, Field(ge=1, le=50)] | None = None
    tries_per_day: Annotated[int, Field(ge=1, le=100)] = 3

    @property
    def right_needed(self) -> int:
        return len(self.questions) if self.pass_right is None else self.pass_right


class Task(Section):
    """A member's mission: `target` of what `kind` counts, within each period of `recurrence`.

    `target` is in yuan for `spend`; a profile, a quiz and a campaign have none but 1. The window
    is half-open and limits every recurrence. `requires`: codes of tasks to be done before.
    """

    code: Code
    name: Text
    description: Text | None = None
    kind: TaskKind
    target: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    orders: OrderFilter = OrderFilter()
    fields: Annotated[tuple[ProfileField, ...], Field(max_length=3)] = ()
    quiz: Quiz | None = None
    campaign: Word | None = None
    recurrence: Recurrence = "once"
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    audience: Audience = Audience()
    requires: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    claim: Literal["automatic", "member"] = "automatic"
    gives: Gives = Gives()

    @property
    def channels(self) -> frozenset[Channel]:
        """What a coupon that it gives may come by.

        `order` where orders are counted, `first_order` where it is the first one, `win_back` where
        it is for who stayed away.
        """
        found: set[Channel] = {"task"}
        stages: set[str] = set(self.audience.stages)
        if self.kind in ORDER_KINDS:
            found.add("order")
            if (self.recurrence == "once" and self.target == 1) or stages == {"new"}:
                found.add("first_order")
        if stages and stages <= {"lapsing", "lapsed"}:
            found.add("win_back")
        return frozenset(found)

    @property
    def goal(self) -> int:
        """What has to be reached: of a profile, its fields."""
        return len(self.fields) if self.kind == "profile" else self.target
