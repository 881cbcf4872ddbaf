"""What do verbs of the community share?"""

from domain.community.steps.entering import (
    enter,
    first_answer,
    guest_of,
    kept,
    readable_topic,
    require_welcome,
)
from domain.community.steps.finding import standing_comment, standing_post, standing_subject
from domain.community.steps.moving import (
    ENGINE,
    MEMBER,
    move,
    note,
    note_content,
    put,
    put_new,
    tell_of_comment,
)
from domain.community.steps.telling import receive_job

__all__ = [
    "ENGINE",
    "MEMBER",
    "enter",
    "first_answer",
    "guest_of",
    "kept",
    "move",
    "note",
    "note_content",
    "put",
    "put_new",
    "readable_topic",
    "receive_job",
    "require_welcome",
    "standing_comment",
    "standing_post",
    "standing_subject",
    "tell_of_comment",
]
