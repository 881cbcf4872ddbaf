"""What do verbs of the community share?"""

from domain.community.steps.entering import enter, first_answer, guest_of, kept, readable_topic
from domain.community.steps.finding import standing_comment, standing_post, standing_subject
from domain.community.steps.telling import receive_job

__all__ = [
    "enter",
    "first_answer",
    "guest_of",
    "kept",
    "readable_topic",
    "receive_job",
    "standing_comment",
    "standing_post",
    "standing_subject",
]
