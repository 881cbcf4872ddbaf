"""What is known of a member?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the table `member`; `suspended_at` None: in good standing."""

    member_id: UUID
    external_id: str | None
    nickname: str
    email: str | None
    phone: str | None
    timezone: str
    next_timezone: str | None
    timezone_changed_at: datetime | None
    locale: str
    referral_code: str
    device_hash: str | None
    joined_at: datetime
    suspended_at: datetime | None
    recorded_at: datetime
