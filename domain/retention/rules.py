"""May this be the floor under a member's tier?"""

from datetime import datetime

from domain.programme.model import Programme
from domain.retention.model import FloorAsked
from domain.tiers.model import TierFloor
from kit.errors import InvalidInput


def floor(programme: Programme, asked: FloorAsked, now: datetime) -> TierFloor:
    """Refuses INVALID_INPUT: no such tier, the lowest one, an end that lies behind."""
    ladder = programme.tiers.ladder
    codes = [tier.code for tier in ladder[1:]]
    if asked.tier_code not in codes:
        choices = ", ".join(codes)
        raise InvalidInput(["tier"], f"must be one of {choices}", f"须为 {choices} 之一")
    if asked.until is not None and asked.until <= now:
        raise InvalidInput(["until"], "lies in the past", "不能是过去的时间")
    return TierFloor(tier_code=asked.tier_code, starts_at=now, ends_at=asked.until)
