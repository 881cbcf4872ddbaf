"""What may a member be told, and which facts does each template speak of?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Template(StrEnum):
    """Beside each: the facts that it is given.

    A fact is a number, a word, a name in both languages (`{"zh-CN": …, "en": …}`), an instant
    (its name ends in `_at`; ISO 8601) or a list of such names.
    """

    WELCOME = "welcome"  # points, coupons
    BIRTHDAY = "birthday"  # points, coupons
    CHECK_IN_REMINDER = "check_in_reminder"  # streak_days
    POINTS_EXPIRING = "points_expiring"  # points, days, expires_at
    TIER_UPGRADED = "tier_upgraded"  # tier, from_tier
    TIER_GIFTS = "tier_gifts"  # tier, points, coupons
    TIER_FELL = "tier_fell"  # tier, from_tier
    TIER_WARNED = "tier_warned"  # tier, score, needed, gap, ends_at, otherwise
    TIER_GRACE = "tier_grace"  # tier, score, needed, gap, ends_at, otherwise, tasks
    TIER_KEPT = "tier_kept"  # tier, ends_at
    TIER_DOWNGRADED = "tier_downgraded"  # tier, from_tier, needed, gap, recover_by_at
    TIER_RECOVERED = "tier_recovered"  # tier, ends_at
    TIER_FLOOR_ENDING = "tier_floor_ending"  # tier, otherwise, ends_at
    TASK_COMPLETED = "task_completed"  # task, points, coupons
    CHALLENGE_PRIZE = "challenge_prize"  # challenge, rank, points, coupons
    BADGE_AWARDED = "badge_awarded"  # badge
    REWARD_SHIPPED = "reward_shipped"  # reward


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of `notification`; `read_at` None: not read yet."""

    member_id: UUID
    id: UUID
    template: str
    cause: str
    facts: dict[str, Any]
    occurred_at: datetime
    created_at: datetime
    read_at: datetime | None = None
