"""What is known of a member, of somebody who wants to become one, and of a service's key?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.programme.model import Locale

WELCOME = "gifts.welcome"
"""The kind of the job that is written when somebody joins a programme with a welcome pack."""


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the table `member`; `suspended_at` None: in good standing.

    `timezone` may have been left already: `rules.zone_at` tells the zone that is in force.
    `birthday_set_at`: since when this birthday is known; `birthday_changed_at`: when the member
    last replaced one by another. `merged_into`: as whom a merged member goes on. `erased_at`: since
    when there is no personal data of theirs; they are suspended since then at the latest.
    """

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
    birthday: date | None = None
    birthday_set_at: datetime | None = None
    birthday_changed_at: datetime | None = None
    merged_into: UUID | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody types to become a member, not yet judged. None: the programme's default."""

    nickname: str
    password: str = field(repr=False)
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    locale: Locale | None = None
    device_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a shop tells of its customer, not yet judged. `joined_at` None: now."""

    external_id: str
    nickname: str
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    locale: Locale | None = None
    joined_at: datetime | None = None
    birthday: date | None = None


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody whom the rules let in: every text in its one spelling, secrets as hashes.

    Without `password_hash` there is no sign-in: the shop vouches for its customer.
    """

    nickname: str
    email: str | None
    phone: str | None
    timezone: str
    locale: str
    joined_at: datetime
    external_id: str | None = None
    device_hash: str | None = None
    birthday: date | None = None
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The member of a shop's customer; `created` false: there was one already, left as it is."""

    member: Member
    created: bool


class Scope(StrEnum):
    """What a service may be let do."""

    EVENTS_WRITE = "events:write"
    MEMBERS_WRITE = "members:write"
    MEMBERS_READ = "members:read"
    POINTS_ADJUST = "points:adjust"
    CHECKOUTS_WRITE = "checkouts:write"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A row of the table `api_key`: `digest` is all that is kept of the key's secret part."""

    id: str
    name: str
    digest: str = field(repr=False)
    scopes: Sequence[str]
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
