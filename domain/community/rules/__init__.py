"""May that be said, who may read it, and what comes first?"""

from domain.community.rules.access import check_may, level_of, may, unreadable
from domain.community.rules.drafts import check_comment, check_draft
from domain.community.rules.heat import heat

__all__ = [
    "check_comment",
    "check_draft",
    "check_may",
    "heat",
    "level_of",
    "may",
    "unreadable",
]
