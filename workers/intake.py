"""Which background work does intake have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.checkouts.model import PAID
from domain.intake import operations
from domain.tiers.steps import ASSESS
from workers.runner import Claim, actor


@actor(operations.KIND, batch=50)
async def process(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.process(claims, now=now)


@actor(operations.REMOVE)
async def remove(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.remove(claims[0], now=now)


@actor(PAID)
async def settle(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.settle(claims[0], now=now)


@actor(ASSESS)
async def assess_tiers(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.assess_tiers(claims, now=now)
