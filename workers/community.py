"""Which background work does the community have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.community import operations
from domain.community.model import RECEIVE, RETURNED
from workers.runner import Claim, actor


@actor(RECEIVE, batch=50)
async def receive(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.receive(claims, now=now)


@actor(RETURNED)
async def look_at_returned(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.look_at_returned(claims[0], now=now)
