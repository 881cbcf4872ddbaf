"""What do members read here?"""

from domain.community.views.feeds import feed, post, rating, shared
from domain.community.views.moderating import Mine, appeals, log, mine, queue
from domain.community.views.people import (
    blocked,
    earnings,
    followed_topics,
    guest,
    profile,
    shown,
    topics,
    writable_topics,
)
from domain.community.views.threads import Thread, comment, threads

__all__ = [
    "Mine",
    "Thread",
    "appeals",
    "blocked",
    "comment",
    "earnings",
    "feed",
    "followed_topics",
    "guest",
    "log",
    "mine",
    "post",
    "profile",
    "queue",
    "rating",
    "shared",
    "shown",
    "threads",
    "topics",
    "writable_topics",
]
