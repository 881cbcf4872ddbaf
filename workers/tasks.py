"""Which background work do tasks have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.activity.model import TASKS_ASSESS
from domain.tasks import operations
from workers.runner import Claim, actor


@actor(TASKS_ASSESS, batch=50)
async def assess(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.assess(claims, now=now)


@actor(operations.COMPLETE)
async def complete(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.complete(claims[0], now=now)
