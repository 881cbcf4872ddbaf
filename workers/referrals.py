"""Which background work do referrals have?"""

from collections.abc import Sequence
from datetime import datetime

from domain.referrals import operations
from workers.runner import Claim, actor


@actor(operations.BOUND)
async def bound(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.confirm_bound(claims[0], now=now)


@actor(operations.QUALIFY)
async def qualify(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.qualify(claims[0], now=now)


@actor(operations.AWARD_INVITEE)
async def award_invitee(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.award_invitee(claims[0], now=now)


@actor(operations.AWARD_INVITER)
async def award_inviter(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.award_inviter(claims[0], now=now)


@actor(operations.REVERSE)
async def reverse(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.reverse(claims[0], now=now)


@actor(operations.REVERSE_INVITER)
async def reverse_inviter(claims: Sequence[Claim], *, now: datetime) -> None:
    await operations.reverse_inviter(claims[0], now=now)
