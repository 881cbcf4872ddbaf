"""Which background work do checkouts have?"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from domain.checkouts import operations
from domain.checkouts.model import COMPLETE, LAPSE
from workers.runner import Claim, actor

_log = structlog.get_logger(component="checkouts")


@actor(COMPLETE)
async def complete(claims: Sequence[Claim], *, now: datetime) -> None:
    claim = claims[0]
    refused = await operations.complete_by_order(claim, now=now)
    if refused is not None:
        order = claim.payload["order_id"]
        _log.warning("an order without its checkout", order_id=order, code=refused.code)


@actor(LAPSE)
async def lapse(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.lapse(claims[0], now=now)
