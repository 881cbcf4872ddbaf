"""What is an endpoint, what is on its way to it, and what came of an attempt?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

NOBODY = UUID(int=0)
"""The member of what concerns none: a test, work of the staff."""


class EventType(StrEnum):
    """docs/guides/webhooks.md shows what each one tells."""

    MEMBER_JOINED = "member.joined"
    MEMBER_CHANGED = "member.changed"
    MEMBER_SUSPENDED = "member.suspended"
    MEMBER_RESUMED = "member.resumed"
    MEMBER_ERASED = "member.erased"
    MEMBER_MERGED = "member.merged"
    MEMBER_UNMERGED = "member.unmerged"
    POINTS_EARNED = "points.earned"
    POINTS_ACTIVATED = "points.activated"
    POINTS_SPENT = "points.spent"
    POINTS_HELD = "points.held"
    POINTS_RELEASED = "points.released"
    POINTS_RESTORED = "points.restored"
    POINTS_EXPIRED = "points.expired"
    POINTS_TAKEN_BACK = "points.taken_back"
    POINTS_REPAID = "points.repaid"
    POINTS_ADJUSTED = "points.adjusted"
    CREDIT_EARNED = "credit.earned"
    CREDIT_ACTIVATED = "credit.activated"
    CREDIT_SPENT = "credit.spent"
    CREDIT_HELD = "credit.held"
    CREDIT_RELEASED = "credit.released"
    CREDIT_RESTORED = "credit.restored"
    CREDIT_EXPIRED = "credit.expired"
    CREDIT_TAKEN_BACK = "credit.taken_back"
    CREDIT_REPAID = "credit.repaid"
    CREDIT_ADJUSTED = "credit.adjusted"
    GROWTH_EARNED = "growth.earned"
    GROWTH_TAKEN_BACK = "growth.taken_back"
    POINTS_EXPIRING = "points.expiring"
    CREDIT_EXPIRING = "credit.expiring"
    TIER_CHANGED = "tier.changed"
    TIER_WARNED = "tier.warned"
    TIER_GRACE = "tier.grace"
    TIER_KEPT = "tier.kept"
    TIER_FLOOR_ENDING = "tier.floor_ending"
    ORDER_COUNTED = "order.counted"
    REFUND_COUNTED = "refund.counted"
    EVENT_REFUSED = "event.refused"
    CHECK_IN_MADE = "check_in.made"
    COUPON_ISSUED = "coupon.issued"
    COUPON_REDEEMED = "coupon.redeemed"
    COUPON_RETURNED = "coupon.returned"
    COUPON_FORFEITED = "coupon.forfeited"
    COUPON_EXPIRED = "coupon.expired"
    COUPON_REVOKED = "coupon.revoked"
    CHECKOUT_OPENED = "checkout.opened"
    CHECKOUT_COMPLETED = "checkout.completed"
    CHECKOUT_CANCELLED = "checkout.cancelled"
    CHECKOUT_EXPIRED = "checkout.expired"
    COUPON_OVERUSED = "coupon.overused"
    BADGE_AWARDED = "badge.awarded"
    GIFT_GIVEN = "gift.given"
    TASK_CLAIMABLE = "task.claimable"
    TASK_REWARDED = "task.rewarded"
    TASK_UNDONE = "task.undone"
    CHALLENGE_WON = "challenge.won"
    REDEMPTION_REQUESTED = "redemption.requested"
    REDEMPTION_ISSUED = "redemption.issued"
    REDEMPTION_SHIPPED = "redemption.shipped"
    REDEMPTION_DELIVERED = "redemption.delivered"
    REDEMPTION_FAILED = "redemption.failed"
    REDEMPTION_CANCELLED = "redemption.cancelled"
    LOTTERY_DRAWN = "lottery.drawn"
    PRIZE_SHIPPED = "prize.shipped"
    PRIZE_DELIVERED = "prize.delivered"
    PRIZE_FAILED = "prize.failed"
    REFERRAL_BOUND = "referral.bound"
    REFERRAL_QUALIFIED = "referral.qualified"
    REFERRAL_REWARDED = "referral.rewarded"
    REFERRAL_REVERSED = "referral.reversed"
    REFERRAL_LAPSED = "referral.lapsed"
    REFERRAL_REJECTED = "referral.rejected"
    POST_PUBLISHED = "post.published"
    CONTENT_HELD = "content.held"
    CONTENT_HIDDEN = "content.hidden"
    CONTENT_RESTORED = "content.restored"
    CONTENT_PICKED = "content.picked"
    COMMUNITY_BANNED = "community.banned"
    COMMUNITY_BAN_LIFTED = "community.ban_lifted"
    MEETUP_SEATED = "meetup.seated"
    MEETUP_WAITING = "meetup.waiting"
    MEETUP_CANCELLED = "meetup.cancelled"
    MEETUP_ATTENDED = "meetup.attended"
    BATCH_DONE = "batch.done"
    BATCH_FAILED = "batch.failed"
    TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row of `webhook_endpoint`; no `event_types` mean every type.

    `old_secret` signs beside the new one until then. `failing_since`: no attempt has succeeded
    since. Nothing is sent before `paused_until`.
    """

    id: UUID
    url: str
    description: str
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None
    event_types: list[str]
    created_at: datetime
    created_by: str
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    failing_since: datetime | None = None
    paused_until: datetime | None = None

    def wants(self, event_type: str) -> bool:
        return not self.event_types or event_type in self.event_types


class State(StrEnum):
    """DEAD: every attempt failed, or the endpoint was gone or disabled when its time came."""

    WAITING = "WAITING"
    SENT = "SENT"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class Event:
    """A row of `webhook_event`."""

    member_id: UUID
    id: UUID
    type: str
    data: dict[str, Any]
    occurred_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of `webhook_delivery`; `ended_at` is when it was sent, or given up."""

    member_id: UUID
    event_id: UUID
    endpoint_id: UUID
    state: str
    attempts: int
    created_at: datetime
    last_status: int | None = None
    last_error: str | None = None
    next_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted to whom."""

    endpoint_id: UUID
    url: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of posting a message: an HTTP status, or why there is none.

    `is_busy`: it wasn't tried, because too many are under way to this endpoint.
    """

    status: int | None = None
    error: str | None = None
    is_busy: bool = False

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004  HTTP's own


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an outcome.

    `next_at` None: there is no further attempt. `pause_until`: no other delivery is tried before.
    `disable`: why the endpoint is told nothing any more.
    """

    state: State
    next_at: datetime | None = None
    pause_until: datetime | None = None
    disable: str | None = None
