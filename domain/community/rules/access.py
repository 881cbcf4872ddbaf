"""Who may come in?"""

from domain.community.model import Guest
from domain.programme.model import Access, CommunityLevel, Programme
from domain.rewards.errors import LevelTooLow, TierTooLow
from domain.rewards.rules import is_below
from kit.errors import Refusal


def level_of(earned: int, programme: Programme) -> CommunityLevel:
    """The community level of who has earned so much COMMUNITY."""
    return programme.community.level(earned)


def check_may(guest: Guest, access: Access, programme: Programme) -> None:
    """Refuses TIER_TOO_LOW, LEVEL_TOO_LOW."""
    tier, level = access.tier_min, access.level_min
    if tier is not None and is_below(guest.tier_code, tier, programme):
        raise TierTooLow(tier)
    if level is not None and programme.community.is_below(guest.level.earned, level):
        raise LevelTooLow(level)


def may(guest: Guest, access: Access, programme: Programme) -> bool:
    try:
        check_may(guest, access, programme)
    except Refusal:
        return False
    return True


def unreadable(guest: Guest, programme: Programme) -> list[str]:
    """Codes of the topics that this guest may not read."""
    return [
        topic.code for topic in programme.community.topics if not may(guest, topic.read, programme)
    ]
