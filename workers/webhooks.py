"""Which background work do webhooks have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.webhooks import operations
from workers import posting
from workers.runner import Claim, actor


@actor(operations.SEND, calls_out=True)
async def send(claims: Sequence[Claim], *, now: datetime) -> None:
    (claim,) = claims
    message = await operations.prepare(claim, now=now)
    if message is not None:
        outcome = await posting.post(message)
        await operations.record(claim, outcome, now=now)
