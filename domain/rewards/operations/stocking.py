"""How do codes come into a pool?"""

from collections.abc import Sequence
from datetime import datetime

from db.connection import Tx, transactional
from db.queries import rewards as queries
from domain.rewards.model import Imported
from kit.errors import InvalidInput

BATCH = 5_000
CODE_LENGTH_MAX = 200


async def import_codes(pool: str, codes: Sequence[str], *, now: datetime) -> Imported:
    """Put codes into a pool, 5,000 a transaction; importing the same list again adds nothing.

    Refuses INVALID_INPUT for an empty or overlong code, before anything is added.
    """
    for place, code in enumerate(codes):
        if not 1 <= len(code) <= CODE_LENGTH_MAX or "\x00" in code:
            raise InvalidInput(
                ["codes", str(place)],
                f"a code has 1 to {CODE_LENGTH_MAX} characters",
                f"兑换码应为 1 至 {CODE_LENGTH_MAX} 个字符",
            )
    added = 0
    for start in range(0, len(codes), BATCH):
        added += await _add(pool, codes[start : start + BATCH], now=now)
    return Imported(added, len(codes) - added)


@transactional
async def _add(tx: Tx, pool: str, codes: Sequence[str], *, now: datetime) -> int:
    return await queries.add_codes(tx, pool, codes, added_at=now)
