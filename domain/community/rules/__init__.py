"""May that be said, who may read it, and what comes first?"""

from domain.community.rules.access import check_may, level_of, may, unreadable
from domain.community.rules.deserving import COUNTED_AS, Deserved, deserve, listed
from domain.community.rules.drafts import check_comment, check_draft, check_shared
from domain.community.rules.heat import heat
from domain.community.rules.judging import check_appeal, check_note
from domain.community.rules.quality import likeness_percent, why_unpaid
from domain.community.rules.voices import why_no_voice
from domain.community.rules.words import found_words, judge_text

__all__ = [
    "COUNTED_AS",
    "Deserved",
    "check_appeal",
    "check_comment",
    "check_draft",
    "check_may",
    "check_note",
    "check_shared",
    "deserve",
    "found_words",
    "heat",
    "judge_text",
    "level_of",
    "likeness_percent",
    "listed",
    "may",
    "unreadable",
    "why_no_voice",
    "why_unpaid",
]
