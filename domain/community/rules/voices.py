"""Whose like, report or question counts? Not of accounts that anybody makes by the hundred."""

from datetime import datetime

from domain.community.rules.words import is_new
from domain.programme.model import Programme


def why_no_voice(
    tier_code: str, joined_at: datetime, programme: Programme, *, now: datetime
) -> str | None:
    """NEW_MEMBER, NOT_TIERED (on the lowest tier), or None: the voice counts."""
    if is_new(joined_at, programme.community.moderation, now):
        return "NEW_MEMBER"
    return "NOT_TIERED" if programme.tiers.rank(tier_code) == 0 else None
