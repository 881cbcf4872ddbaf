"""Who may come in?"""

from collections.abc import Mapping

from domain.community.model import Guest
from domain.programme.model import Access, CommunityLevel, Programme, Topic
from domain.rewards.errors import LevelTooLow, TierTooLow
from domain.rewards.rules import is_below
from kit.errors import Refusal

NO_TOPICS: Mapping[str, Topic] = {}


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


def unreadable(
    guest: Guest, programme: Programme, ever: Mapping[str, Topic] = NO_TOPICS
) -> list[str]:
    """Codes of the topics that this guest may not read.

    Of those that the programme has no more, but has had (`ever`), what is said there stays for whom
    it was; for nobody where it asks for a tier or level that is no more.
    """
    topics = {**ever, **{topic.code: topic for topic in programme.community.topics}}
    return [code for code, topic in topics.items() if not _may_read(guest, topic, programme)]


def _may_read(guest: Guest, topic: Topic, programme: Programme) -> bool:
    tiers = [tier.code for tier in programme.tiers.ladder]
    levels = [level.code for level in programme.community.levels]
    access = topic.read
    is_known = access.tier_min in {None, *tiers} and access.level_min in {None, *levels}
    return is_known and may(guest, access, programme)
