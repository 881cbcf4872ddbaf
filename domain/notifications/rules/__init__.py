"""What is a member told, in which words, when, and by which channel?"""

from domain.notifications.rules.deciding import (
    ONE_WEEK,
    Later,
    Now,
    Situation,
    Skip,
    Verdict,
    channels_of,
    decide,
    quiet_hours,
    quiet_until,
    retry_at,
    useful_until,
)
from domain.notifications.rules.unsubscribing import read_token, token
from domain.notifications.rules.wording import (
    Reader,
    Text,
    class_of,
    last_day,
    shown,
    text,
    with_unsubscribing,
)

__all__ = [
    "ONE_WEEK",
    "Later",
    "Now",
    "Reader",
    "Situation",
    "Skip",
    "Text",
    "Verdict",
    "channels_of",
    "class_of",
    "decide",
    "last_day",
    "quiet_hours",
    "quiet_until",
    "read_token",
    "retry_at",
    "shown",
    "text",
    "token",
    "useful_until",
    "with_unsubscribing",
]
