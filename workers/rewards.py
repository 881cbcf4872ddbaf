"""Which background work do rewards have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.retention import operations
from domain.rewards.steps import RAISE_TIER
from workers.runner import Claim, actor


@actor(RAISE_TIER)
async def raise_tier(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.raise_tier(claims[0], now=now)
