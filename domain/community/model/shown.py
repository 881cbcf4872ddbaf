"""What is asked, and what does one viewer see?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.community.honours import NO_HONOURS, Honours
from domain.community.model.rows import Comment, Post
from domain.community.model.words import Kind, Scope
from domain.programme.model import CommunityLevel


@dataclass(frozen=True, slots=True)
class Subject:
    """Content of a member."""

    member_id: UUID
    id: UUID
    kind: Kind


@dataclass(frozen=True, slots=True)
class Earning:
    """What content earned of one kind: `count` merits of one state, for one reason if any."""

    kind: str
    state: str
    reason: str | None
    count: int
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Case:
    """Content that the staff has to look at, with how often it was reported why."""

    subject: Subject
    nickname: str
    body: str
    images: list[str]
    state: str
    held_for: str | None
    report_count: int
    reasons: dict[str, int]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody would say, not yet judged. `order`: source and id of one of their own.

    With the order's `line_id` and a `rating` of 1 to 5 it is a review of that line.
    """

    body: str
    images: tuple[str, ...] = ()
    topic: str | None = None
    sku: str | None = None
    order: tuple[str, str] | None = None
    is_question: bool = False
    line_id: str | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes in: their tier and level; nobody is on the lowest of both."""

    tier_code: str
    level: CommunityLevel
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """Which posts; `topic` with TOPIC, `member_id` with MEMBER, `sku` with REVIEWS."""

    scope: Scope
    topic: str | None = None
    member_id: UUID | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    member_id: UUID
    nickname: str
    followed: bool
    honours: Honours = NO_HONOURS


@dataclass(frozen=True, slots=True)
class ShownPost:
    """As one viewer sees it."""

    post: Post
    author: Author
    liked: bool


@dataclass(frozen=True, slots=True)
class ShownComment:
    comment: Comment
    author: Author
    liked: bool


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A member as others see them here."""

    author: Author
    follower_count: int
    level: CommunityLevel
    blocked: bool = False
