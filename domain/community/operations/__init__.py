"""What may a member say and do here?"""

from domain.community.operations.appealing import appeal, decide_appeal
from domain.community.operations.asking import accept_answer
from domain.community.operations.blocking import set_block
from domain.community.operations.commenting import delete_comment, write_comment
from domain.community.operations.moderating import ban, hide, lift_ban, restore
from domain.community.operations.picking import pick
from domain.community.operations.posting import create_post, delete_post
from domain.community.operations.reacting import set_follow, set_like, set_topic_follow
from domain.community.operations.receiving import look_at_returned, receive
from domain.community.operations.reporting import report
from domain.community.operations.sharing import open_share, share
from domain.community.operations.showing import show_honours

__all__ = [
    "accept_answer",
    "appeal",
    "ban",
    "create_post",
    "decide_appeal",
    "delete_comment",
    "delete_post",
    "hide",
    "lift_ban",
    "look_at_returned",
    "open_share",
    "pick",
    "receive",
    "report",
    "restore",
    "set_block",
    "set_follow",
    "set_like",
    "set_topic_follow",
    "share",
    "show_honours",
    "write_comment",
]
