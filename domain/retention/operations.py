"""Which verbs keep and lose tiers: the night's review, and staff's floor?"""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import UNAVAILABLE, Tx, reader, transactional
from db.queries import retention as queries
from domain.ledger.steps import post
from domain.members.steps import lock_all
from domain.orders.dossiers import open_dossiers
from domain.orders.standing import review
from domain.programme.views import versions

FIRST = UUID(int=0)
_TOGETHER = 50
_log = logging.getLogger(__name__)


async def review_due(
    *, as_of: datetime, after: UUID | None = None, limit: int = 500
) -> UUID | None:
    """Warn, judge and recover whoever it is time for; where to go on, None at the end.

    What was due earlier is dated when it was; doing it again changes nothing. Members go in
    transactions of fifty; where one fails, each goes alone, so that nobody holds up the others.
    """
    async with reader() as tx:
        members = await queries.members_due(tx, as_of, after or FIRST, limit=limit)
    for first in range(0, len(members), _TOGETHER):
        await _review_some(members[first : first + _TOGETHER], as_of)
    return members[-1] if len(members) == limit else None


async def _review_some(members: Sequence[UUID], as_of: datetime) -> None:
    try:
        await _review(members, as_of=as_of)
    except UNAVAILABLE:
        raise
    except Exception:  # noqa: BLE001  whatever one of them raises, the others go on
        if len(members) == 1:
            _log.exception("the tier of member %s can't be reviewed", members[0])
            return
        _log.exception("a review of %s members failed; going on one by one", len(members))
        for member_id in members:
            await _review_some([member_id], as_of)


@transactional
async def _review(tx: Tx, members: Sequence[UUID], *, as_of: datetime) -> None:
    locked = await lock_all(tx, members)
    dossiers, _ = await open_dossiers(tx, locked, await versions(tx), as_of, earliest=as_of)
    for dossier in dossiers.values():
        review(dossier, as_of)
    await post(tx, *(dossier.desk for dossier in dossiers.values()))
