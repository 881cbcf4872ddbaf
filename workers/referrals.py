"""Which background work do referrals have?"""

from collections.abc import Sequence
from datetime import datetime

from workers.lazily import operation
from workers.runner import Claim, actor


@actor("referral.bound")
async def bound(claims: Sequence[Claim], *, now: datetime) -> None:
    await operation("domain.referrals.operations:confirm_bound")(claims[0], now=now)


@actor("referral.qualify")
async def qualify(claims: Sequence[Claim], *, now: datetime) -> None:
    await operation("domain.referrals.operations:qualify")(claims[0], now=now)


@actor("referral.award_invitee")
async def award_invitee(claims: Sequence[Claim], *, now: datetime) -> None:
    await operation("domain.referrals.operations:award_invitee")(claims[0], now=now)


@actor("referral.award_inviter")
async def award_inviter(claims: Sequence[Claim], *, now: datetime) -> None:
    await operation("domain.referrals.operations:award_inviter")(claims[0], now=now)


@actor("referral.reverse")
async def reverse(claims: Sequence[Claim], *, now: datetime) -> None:
    await operation("domain.referrals.operations:reverse")(claims[0], now=now)
