"""Which bindings can't qualify any more?"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, reader, transactional
from db.queries import referrals as queries
from domain.members.steps import lock
from domain.programme.views import versions
from domain.referrals import steps
from domain.referrals.rules import lapses_after
from domain.webhooks.steps import write


async def lapse(*, as_of: datetime, limit: int) -> int:
    """Let bindings lapse, the oldest first, each in its own transaction; how many.

    One that an order may still fulfil (its window isn't over, or nobody has looked yet) stays.
    """
    published = await versions()
    bound_until = {
        number: as_of - lapses_after(published.numbered(number).programme)
        for number in range(1, len(published) + 1)
    }
    async with reader() as tx:
        members = await queries.overdue(tx, steps.QUALIFY, bound_until, limit=limit)
    for member_id in members:
        await _lapse(member_id, now=as_of)
    return len(members)


@transactional
async def _lapse(tx: Tx, member_id: UUID, *, now: datetime) -> None:
    await lock(tx, member_id)
    referral = await steps.referral_of(tx, member_id)
    waits = await queries.waits(tx, steps.QUALIFY, member_id)
    if referral is None or referral.state != "BOUND" or waits:
        return
    changes = Changes()
    changes.put("referral", replace(referral, state="LAPSED"))
    await write(tx, changes, now=now)
