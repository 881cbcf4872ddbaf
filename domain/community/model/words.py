"""Which kinds and states are there?"""

from enum import StrEnum
from typing import Any

RECEIVE = "community.receive"
RETURNED = "community.returned"
SKUS_MAX = 50
Row = dict[str, Any]


class PostKind(StrEnum):
    """An ORDER_SHOW shows what its author bought, a REVIEW is of one line of it."""

    POST = "POST"
    ORDER_SHOW = "ORDER_SHOW"
    QUESTION = "QUESTION"
    REVIEW = "REVIEW"


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
    ACCEPT = "ACCEPT"
    OPEN = "OPEN"


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
    REVIEW = "REVIEW"
    ANSWER_ACCEPTED = "ANSWER_ACCEPTED"
    SHARE_OPENED = "SHARE_OPENED"


class MeritState(StrEnum):
    """UNPAID and TAKEN_BACK have a reason."""

    PAID = "PAID"
    UNPAID = "UNPAID"
    TAKEN_BACK = "TAKEN_BACK"


BAN = "BAN"
"""An appeal's kind of subject beside those of content."""


class Scope(StrEnum):
    """HOME: of followed members and topics. HOT: by attention, which age halves."""

    HOME = "HOME"
    HOT = "HOT"
    TOPIC = "TOPIC"
    MEMBER = "MEMBER"
    REVIEWS = "REVIEWS"
