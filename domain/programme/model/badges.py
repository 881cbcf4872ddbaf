"""Which badges are there, and for what is one awarded?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import Code, Section, Text, Word

BadgeMetric = Literal[
    "orders", "spend", "categories", "check_in_streak", "reviews", "shares", "posts", "invites"
]


class BadgeRule(Section):
    """Awarded at `count` of the metric: orders, whole yuan spent, days of a streak, and so on.

    `categories` (of the metric of that name) is the list that must all have been bought from.
    """

    metric: BadgeMetric
    count: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    categories: Annotated[tuple[Word, ...], Field(max_length=50)] = ()


class Badge(Section):
    """`title`: what a member who has it may be called (头衔); `icon`: a word for the client.

    Without a `rule` it is awarded by a check-in milestone, a task or a challenge that names it.
    """

    code: Code
    name: Text
    description: Text | None = None
    title: Text | None = None
    icon: Word | None = None
    rule: BadgeRule | None = None


BADGES_DEFAULT = (
    Badge(
        code="CHECKIN_30",
        name=Text(zh_cn="签到满月", en="A month of check-ins"),
        description=Text(zh_cn="连续签到 30 天", en="Checked in on 30 days in a row"),
        title=Text(zh_cn="签到达人", en="Daily regular"),
        icon="calendar",
    ),
)
