"""What is known of a member's devices, and what was made of a visit?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from domain.notifications.model import Template

DAY = timedelta(days=1)
SETTLED = timedelta(days=7)
"""What a member did in so many last days doesn't yet show that they were never away."""
STRANGERS_MAX = 20
"""So many untrusted devices of a member are kept; further ones are new whenever they come."""
CODE_FOR = timedelta(minutes=10)
CODE_DIGITS = 8
TRIES_MAX = 5
NAME_CHARACTERS_MIN, NAME_CHARACTERS_MAX = 16, 200

TrustedBy = Literal["REGISTRATION", "FIRST", "CODE"]


class Reason(StrEnum):
    """Why what may leave is limited."""

    NEW_DEVICE = "NEW_DEVICE"
    DORMANT = "DORMANT"
    ALARM = "ALARM"


@dataclass(frozen=True, slots=True)
class Visit:
    """A member's own request; `device` None: their client named none."""

    device: UUID | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A row of `device`; `id` is the keyed hash of its name, `last_seen_at` true to the day."""

    member_id: UUID
    id: UUID
    first_seen_at: datetime
    last_seen_at: datetime
    trusted_at: datetime | None = None
    trusted_by: TrustedBy | None = None
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """A row of `presence`. `active_at`: the last visit, true to the day.

    `woke_at`: the last one that ended a long absence; `confirmed_at`: the last code of theirs;
    `alarmed_at`: since when strangers take nothing.
    """

    member_id: UUID
    active_at: datetime | None = None
    woke_at: datetime | None = None
    confirmed_at: datetime | None = None
    alarmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A row of `device_code`, one for each member: what the code is made of, never the code."""

    member_id: UUID
    id: UUID
    device_id: UUID | None
    asked_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taking:
    """A row of `device_taking`: what left under a limit. Credit is in minor units."""

    member_id: UUID
    id: UUID
    currency: str
    amount: int
    reason: str
    device_id: UUID | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of a visit: its device, how many others there are, when they were here.

    `known` counts all devices ever seen, `strangers` those among them that nobody confirmed.
    `was_here`: whether something shows that the account was in use.
    """

    visit: Visit
    device: Device | None
    known: int
    strangers: int
    presence: Presence
    was_here: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a visit comes to: why it is limited (None: it isn't), what is kept and who is told."""

    reason: Reason | None
    device: Device | None
    presence: Presence
    news: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A device as its member or staff see it; `is_current` where the request came from it."""

    device: Device
    is_trusted: bool
    is_current: bool = False
