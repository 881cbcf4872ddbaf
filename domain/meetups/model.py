"""What is a sign-up, and how does a meetup stand for its viewer?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.programme.model import Meetup

PROMOTE = "meetups.promote"


class State(StrEnum):
    SEATED = "SEATED"
    WAITING = "WAITING"
    CANCELLED = "CANCELLED"
    ATTENDED = "ATTENDED"


@dataclass(frozen=True, slots=True)
class SignUp:
    """A row of `meetup_sign_up`. `position` is the order in which members asked."""

    member_id: UUID
    meetup: str
    state: str
    position: int
    ticket: str
    signed_up_at: datetime
    changed_at: datetime
    attended_at: datetime | None = None
    checked_in_by: str | None = None


@dataclass(frozen=True, slots=True)
class ShownMeetup:
    """`place`: the viewer's in line, from 1; None where they don't wait."""

    meetup: Meetup
    taken: int
    waiting: int
    mine: SignUp | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Attendee:
    sign_up: SignUp
    nickname: str
