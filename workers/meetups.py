"""Which background work do meetups have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.meetups import operations
from domain.meetups.model import PROMOTE
from workers.runner import Claim, actor


@actor(PROMOTE)
async def promote(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.promote(claims[0], now=now)
