"""What may a member say and do here?"""

from domain.community.operations.commenting import delete_comment, write_comment
from domain.community.operations.posting import create_post, delete_post
from domain.community.operations.reacting import set_follow, set_like, set_topic_follow
from domain.community.operations.receiving import receive

__all__ = [
    "create_post",
    "delete_comment",
    "delete_post",
    "receive",
    "set_follow",
    "set_like",
    "set_topic_follow",
    "write_comment",
]
