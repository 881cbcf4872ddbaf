"""As whom does a merged member go on, and who was erased? From memory, a second old at most.

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
    erased: set[UUID]
    number = 0
    checked_at = float("-inf")


_cache = _Cache()
_cache.survivors = {}
_cache.erased = set()


def forget() -> None:
    """Drop what is cached: another database is in use now."""
    _cache.survivors = {}
    _cache.erased = set()
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


def is_erased(member_id: UUID) -> bool:
    """Whether the member's personal data was erased, so that nobody is them any more."""
    return member_id in _cache.erased


def news() -> int:
    """Another number after each merge, unmerge or erasure that this process has heard of."""
    return _cache.number


def learn(member_id: UUID, survivor_id: UUID) -> None:
    """The database has just said so; a member who goes on as themselves was parted again."""
    _cache.survivors[member_id] = survivor_id


def learn_erased(member_id: UUID) -> None:
    """The database has just said so; it is for ever."""
    _cache.erased.add(member_id)


def expire() -> None:
    """There is news: ask the database next time, however lately it was asked."""
    _cache.checked_at = float("-inf")


async def refresh(tx: Tx | None = None) -> None:
    """Know of every merge, unmerge and erasure that is a second old."""
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
        if row["is_erased"]:
            _cache.erased.add(row["member_id"])
        _cache.number = max(_cache.number, row["number"])
    _cache.checked_at = time.monotonic()
