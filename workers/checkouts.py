"""Which background work do checkouts have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.checkouts import operations
from domain.checkouts.model import LAPSE
from workers.runner import Claim, actor


@actor(LAPSE)
async def lapse(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.lapse(claims[0], now=now)
