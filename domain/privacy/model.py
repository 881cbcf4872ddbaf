"""What is asked of an erasure, and what is kept of it?"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

OWN = "member"
"""Who erased it, where the member did so themselves."""


class Content(StrEnum):
    """What becomes of posts and comments: DELETE them, or KEEP them under the pseudonym."""

    DELETE = "DELETE"
    KEEP = "KEEP"


class Reason(StrEnum):
    """Why, in no words of one's own, which may hold personal data."""

    OWN_WISH = "OWN_WISH"
    REQUEST = "REQUEST"
    PURPOSE_ENDED = "PURPOSE_ENDED"
    LEGAL_DUTY = "LEGAL_DUTY"


@dataclass(frozen=True, slots=True)
class Asked:
    """`by`: who of the staff, or `OWN`. `request_id`: the request's number in the shop's files."""

    by: str
    reason: Reason
    request_id: str
    content: Content


@dataclass(frozen=True, slots=True)
class Proof:
    """That it is the member who asks: their password, or a token made at `signed_in_at`."""

    password: str | None = field(default=None, repr=False)
    signed_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """A row of `erasure`, a line of the journal: no personal data."""

    member_id: UUID
    erased_at: datetime
    erased_by: str
    reason: str
    request_id: str
    content: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a journal: who was erased again, was erased already, isn't there, or couldn't.

    `refused`: by member, the code of the refusal.
    """

    erased: int
    already: int
    unknown: int
    refused: dict[UUID, str]
