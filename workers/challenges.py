"""Which background work do challenges have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.activity.model import CHALLENGES_ASSESS
from domain.challenges import operations
from workers.runner import Claim, actor


@actor(CHALLENGES_ASSESS, batch=50)
async def assess(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.assess(claims, now=now)


@actor(operations.PAY)
async def pay(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.pay(claims[0], now=now)
