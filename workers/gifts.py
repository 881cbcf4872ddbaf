"""Which background work do gifts have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.gifts import operations
from domain.members.model import WELCOME
from domain.tiers.steps import GIFTS
from workers.runner import Claim, actor


@actor(WELCOME)
async def welcome(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.welcome(claims[0], now=now)


@actor(GIFTS)
async def tier_gifts(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.give_tier_gifts(claims[0], now=now)
