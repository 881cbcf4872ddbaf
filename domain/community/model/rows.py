"""What is kept? Rows as dataclasses whose fields are the tables' columns."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


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
    line_id: str | None = None
    rating: int | None = None
    accepted_id: UUID | None = None
    accepted_member_id: UUID | None = None
    accepted_silent_for: str | None = None


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


@dataclass(slots=True)
class Share:
    """A row of `community_share`: a link of the member's own to a post, or to goods."""

    member_id: UUID
    id: UUID
    token: str
    post_member_id: UUID | None
    post_id: UUID | None
    sku: str | None
    open_count: int
    shared_at: datetime
    changed_at: datetime
