"""What do members say to each other, and what is known of who reads it?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.programme.model import CommunityLevel

RECEIVE = "community.receive"
SKUS_MAX = 50


class PostKind(StrEnum):
    """An ORDER_SHOW shows what its author bought."""

    POST = "POST"
    ORDER_SHOW = "ORDER_SHOW"


class State(StrEnum):
    """Others see what is VISIBLE only; its author also what isn't DELETED.

    HELD waits for the staff to look; HIDDEN it has been taken down by them.
    """

    VISIBLE = "VISIBLE"
    HELD = "HELD"
    HIDDEN = "HIDDEN"
    DELETED = "DELETED"


class HeldFor(StrEnum):
    """Why content waits for the staff."""

    WORDS = "WORDS"
    REPORTS = "REPORTS"


class Kind(StrEnum):
    """What content is."""

    POST = "POST"
    COMMENT = "COMMENT"


class Received(StrEnum):
    """What a member gets from others: likes of content, comments on posts, followers."""

    LIKE = "LIKE"
    COMMENT = "COMMENT"
    FOLLOW = "FOLLOW"
    REPORT = "REPORT"


class ReportReason(StrEnum):
    """Why somebody finds that content should not be seen."""

    SPAM = "SPAM"
    ABUSE = "ABUSE"
    FALSE = "FALSE"
    OTHER = "OTHER"


class Action(StrEnum):
    """What was done about somebody's content or about them, kept for ever."""

    HELD = "HELD"
    HIDDEN = "HIDDEN"
    RESTORED = "RESTORED"
    PICKED = "PICKED"
    BANNED = "BANNED"
    BAN_LIFTED = "BAN_LIFTED"
    APPEALED = "APPEALED"
    APPEAL_ACCEPTED = "APPEAL_ACCEPTED"
    APPEAL_DISMISSED = "APPEAL_DISMISSED"


class AppealState(StrEnum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    DISMISSED = "DISMISSED"


class MeritKind(StrEnum):
    """For what something is earned."""

    POST = "POST"
    COMMENT = "COMMENT"
    LIKE_GIVEN = "LIKE_GIVEN"
    LIKE_RECEIVED = "LIKE_RECEIVED"
    STAFF_PICK = "STAFF_PICK"


class MeritState(StrEnum):
    """UNPAID and TAKEN_BACK have a reason."""

    PAID = "PAID"
    UNPAID = "UNPAID"
    TAKEN_BACK = "TAKEN_BACK"


BAN = "BAN"
"""An appeal's kind of subject beside those of content."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Content of a member."""

    member_id: UUID
    id: UUID
    kind: Kind


@dataclass(slots=True)
class Post:
    """A row of `community_post`; `heat` orders what is hot (rules.heat)."""

    member_id: UUID
    id: UUID
    kind: str
    topic: str | None
    body: str
    images: list[str]
    skus: list[str]
    purchase_id: UUID | None
    state: str
    like_count: int
    comment_count: int
    heat: int
    published_at: datetime
    changed_at: datetime
    held_for: str | None
    report_count: int
    reviewed_at: datetime | None
    picked_at: datetime | None = None


@dataclass(slots=True)
class Comment:
    """A row of `community_comment`; `parent_id`: the comment that it answers."""

    member_id: UUID
    id: UUID
    post_member_id: UUID
    post_id: UUID
    parent_member_id: UUID | None
    parent_id: UUID | None
    body: str
    state: str
    like_count: int
    published_at: datetime
    changed_at: datetime
    held_for: str | None
    report_count: int
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Like:
    """A row of `community_like`, kept when it is taken away."""

    member_id: UUID
    subject_id: UUID
    subject_member_id: UUID
    subject_kind: str
    is_on: bool
    changed_at: datetime
    silent_for: str | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    member_id: UUID
    followed_id: UUID
    is_on: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    member_id: UUID
    blocked_id: UUID
    is_on: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TopicFollow:
    member_id: UUID
    topic: str
    is_on: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """A row of `community_received`: what has been counted of what another member did."""

    member_id: UUID
    kind: str
    subject_id: UUID
    source_id: UUID
    from_member_id: UUID
    is_on: bool
    changed_at: datetime


@dataclass(slots=True)
class Profile:
    """A row of `community_profile`, written with what first needs it."""

    member_id: UUID
    follower_count: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A row of `community_report`; `has_voice`: it counts for holding the content back."""

    member_id: UUID
    subject_id: UUID
    subject_member_id: UUID
    subject_kind: str
    reason: str
    note: str
    has_voice: bool
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Ban:
    """A row of `community_ban`: until `ends_at` (None: for good), unless it is lifted before."""

    member_id: UUID
    id: UUID
    actor: str
    reason: str
    begins_at: datetime
    ends_at: datetime | None
    lifted_at: datetime | None = None
    lifted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """A row of `community_appeal`."""

    member_id: UUID
    id: UUID
    subject_kind: str
    subject_id: UUID
    text: str
    state: str
    appealed_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """A row of `community_action`. `actor`: who of the staff, "member" or "engine"."""

    member_id: UUID
    id: UUID
    actor: str
    action: str
    subject_kind: str
    subject_id: UUID
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Merit:
    """A row of `community_merit`: what a member earned, of `currency` and of GROWTH.

    `subject_id`: the content; `source_id`: who liked it, else the content again. `times`: how often
    it was paid, each after it was taken back.
    """

    member_id: UUID
    kind: str
    subject_id: UUID
    source_id: UUID
    state: str
    reason: str | None
    currency: str
    amount: int
    growth: int
    times: int
    decision_id: UUID | None
    happened_at: datetime
    changed_at: datetime


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
    """What somebody would say, not yet judged. `order`: source and id of one of their own."""

    body: str
    images: tuple[str, ...] = ()
    topic: str | None = None
    sku: str | None = None
    order: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes in: their tier and level; nobody is on the lowest of both."""

    tier_code: str
    level: CommunityLevel
    member_id: UUID | None = None


class Scope(StrEnum):
    """HOME: of followed members and topics. HOT: by attention, which age halves."""

    HOME = "HOME"
    HOT = "HOT"
    TOPIC = "TOPIC"
    MEMBER = "MEMBER"


@dataclass(frozen=True, slots=True)
class Feed:
    """Which posts; `topic` with TOPIC, `member_id` with MEMBER."""

    scope: Scope
    topic: str | None = None
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Author:
    member_id: UUID
    nickname: str
    followed: bool


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


Row = dict[str, Any]
