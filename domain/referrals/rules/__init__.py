"""May this code bind, is it honest, does an order qualify, what is awarded, and when undone?"""

from domain.referrals.rules.awards import (
    award,
    is_reversed,
    lapses_after,
    left_when_settled,
    milestones_lost,
    month_of,
    qualifies,
    stands,
    was_paid_before,
)
from domain.referrals.rules.binding import read_code, require_bindable, same_person
from domain.referrals.rules.judging import judge
from domain.referrals.rules.marks import arrival_marks, contact_marks, mark_of
from domain.referrals.rules.reviews import (
    REASONS_MAX,
    UNDECIDED,
    decided,
    refused_by_rules,
    with_found,
    worth_a_look,
)
from domain.referrals.rules.rings import MEMBERS_SHOWN_MAX
from domain.referrals.rules.touches import (
    counts_until,
    link_of,
    read_touch,
    standing_touch,
    touch_of,
)

__all__ = [
    "MEMBERS_SHOWN_MAX",
    "REASONS_MAX",
    "UNDECIDED",
    "arrival_marks",
    "award",
    "contact_marks",
    "counts_until",
    "decided",
    "is_reversed",
    "judge",
    "lapses_after",
    "left_when_settled",
    "link_of",
    "mark_of",
    "milestones_lost",
    "month_of",
    "qualifies",
    "read_code",
    "read_touch",
    "refused_by_rules",
    "require_bindable",
    "same_person",
    "standing_touch",
    "stands",
    "touch_of",
    "was_paid_before",
    "with_found",
    "worth_a_look",
]
