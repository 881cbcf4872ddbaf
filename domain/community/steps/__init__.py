"""What do verbs of the community share?"""

from domain.community.steps.earning import Earner, earn, earner_of, usage_of
from domain.community.steps.entering import (
    enter,
    enter_content,
    first_answer,
    guest_of,
    kept,
    readable_topic,
    require_welcome,
)
from domain.community.steps.finding import (
    require_unblocked,
    standing_comment,
    standing_post,
    standing_subject,
)
from domain.community.steps.leaving import leave
from domain.community.steps.merits import (
    GIVES,
    SAME_DEVICE,
    at_desk,
    earn_for,
    earn_from_others,
    follow_content,
    like_given,
    take_back_returned,
)
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
from domain.community.steps.telling import attention_job, receive_job, returned_job

__all__ = [
    "ENGINE",
    "GIVES",
    "MEMBER",
    "SAME_DEVICE",
    "Earner",
    "at_desk",
    "attention_job",
    "earn",
    "earn_for",
    "earn_from_others",
    "earner_of",
    "enter",
    "enter_content",
    "first_answer",
    "follow_content",
    "guest_of",
    "kept",
    "leave",
    "like_given",
    "move",
    "note",
    "note_content",
    "put",
    "put_new",
    "readable_topic",
    "receive_job",
    "require_unblocked",
    "require_welcome",
    "returned_job",
    "standing_comment",
    "standing_post",
    "standing_subject",
    "take_back_returned",
    "tell_of_comment",
    "usage_of",
]
