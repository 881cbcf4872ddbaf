"""Who was erased?"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from db.connection import reader
from db.queries import privacy as queries
from domain.privacy.model import Erasure

JOURNAL_LINES = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def journal(*, since: datetime = _EPOCH, until: datetime) -> AsyncIterator[Erasure]:
    """Who was erased from then until then, in that order."""
    after = None
    while True:
        async with reader() as tx:
            rows = await queries.journal(tx, since, after, until, limit=JOURNAL_LINES)
        for row in rows:
            yield Erasure(**row)
        if len(rows) < JOURNAL_LINES:
            return
        since, after = rows[-1]["erased_at"], rows[-1]["member_id"]
