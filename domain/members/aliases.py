"""As whom does a merged member go on? From memory; the database is asked for news once a second.

So an id that comes in is resolved without a statement of its own. A process that hasn't heard of a
merge yet does no harm: whoever locks the member finds out (`steps.require_unmerged`).
"""

import time
from uuid import UUID

from db.connection import Tx, reader
from db.queries import members as queries

_STALE_SECONDS = 1.0
# Numbers are drawn before they are committed: one that was late is still read.
_OVERLAP = 100


class _Cache:
    survivors: dict[UUID, UUID]
    number = 0
    checked_at = float("-inf")


_cache = _Cache()
_cache.survivors = {}


def forget() -> None:
    """Drop what is cached: another database is in use now."""
    _cache.survivors = {}
    _cache.number = 0
    _cache.checked_at = float("-inf")


def current(member_id: UUID) -> UUID:
    """The member as whom this one goes on: most often themselves.

    What is known may be of two moments, at which two members were each the other's survivor.
    """
    seen = {member_id}
    while (survivor := _cache.survivors.get(member_id, member_id)) not in seen:
        seen.add(survivor)
        member_id = survivor
    return member_id


def news() -> int:
    """Another number after each merge or unmerge that this process has heard of."""
    return _cache.number


def learn(member_id: UUID, survivor_id: UUID) -> None:
    """The database has just said so; a member who goes on as themselves was parted again."""
    _cache.survivors[member_id] = survivor_id


async def refresh(tx: Tx | None = None) -> None:
    """Know of every merge and unmerge that is a second old."""
    if time.monotonic() - _cache.checked_at <= _STALE_SECONDS:
        return
    if tx is None:
        async with reader() as connection:
            await _read(connection)
    else:
        await _read(tx)


async def _read(tx: Tx) -> None:
    for row in await queries.aliases_after(tx, _cache.number - _OVERLAP):
        _cache.survivors[row["member_id"]] = row["survivor_id"]
        _cache.number = max(_cache.number, row["number"])
    _cache.checked_at = time.monotonic()
