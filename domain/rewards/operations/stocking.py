"""How do codes come into a pool?"""

from collections.abc import Sequence
from datetime import datetime

from db.connection import Tx, transactional
from db.queries import rewards as queries
from domain.rewards import rules
from domain.rewards.model import Imported

BATCH = 5_000


async def import_codes(pool: str, codes: Sequence[str], *, now: datetime) -> Imported:
    """Put codes into a pool, 5,000 a transaction; importing the same list again adds nothing.

    Refuses INVALID_INPUT, before anything is added.
    """
    rules.check_codes(pool, codes)
    added = 0
    for start in range(0, len(codes), BATCH):
        added += await _add(pool, codes[start : start + BATCH], now=now)
    return Imported(added, len(codes) - added)


@transactional
async def _add(tx: Tx, pool: str, codes: Sequence[str], *, now: datetime) -> int:
    return await queries.add_codes(tx, pool, codes, added_at=now)
