"""What do members read here?"""

from domain.community.views.feeds import feed, post
from domain.community.views.people import followed_topics, guest, profile, topics
from domain.community.views.threads import Thread, comment, threads

__all__ = [
    "Thread",
    "comment",
    "feed",
    "followed_topics",
    "guest",
    "post",
    "profile",
    "threads",
    "topics",
]
