"""Which programme is in force? From memory; the database is asked for new ones once a second."""

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from db.connection import Tx, reader
from db.queries import programme as queries
from domain.programme.errors import NothingPublished
from domain.programme.model import Programme, Topic

_STALE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Published:
    """An immutable version, in force from `effective_from` until the next one's."""

    version: int
    programme: Programme
    digest: str
    effective_from: datetime
    published_at: datetime
    published_by: str


class Versions:
    """Every published version, oldest first."""

    def __init__(self, published: tuple[Published, ...]) -> None:
        self._published = published
        self._starts = [found.effective_from for found in published]
        self._topics: Mapping[str, Topic] | None = None

    def __len__(self) -> int:
        return len(self._published)

    def __iter__(self) -> Iterator[Published]:
        return iter(self._published)

    def at(self, instant: datetime) -> Published:
        """The version in force at `instant`; before the first one's start, the first."""
        if not self._published:
            raise NothingPublished
        return self._published[max(0, bisect_right(self._starts, instant) - 1)]

    def numbered(self, version: int) -> Published:
        return self._published[version - 1]

    def latest(self) -> Published | None:
        return self._published[-1] if self._published else None

    @property
    def topics(self) -> Mapping[str, Topic]:
        """Every topic that a version ever had, as the last one has it."""
        if self._topics is None:
            found = (topic for one in self for topic in one.programme.community.topics)
            self._topics = {topic.code: topic for topic in found}
        return self._topics

    def plus(self, more: tuple[Published, ...]) -> "Versions":
        return Versions(self._published + more)


class _Cache:
    versions = Versions(())
    checked_at = float("-inf")


_cache = _Cache()


def forget() -> None:
    """Drop what is cached: another database is in use now."""
    _cache.versions = Versions(())
    _cache.checked_at = float("-inf")


async def versions(tx: Tx | None = None) -> Versions:
    """The published versions, at most a second old."""
    if time.monotonic() - _cache.checked_at > _STALE_SECONDS:
        if tx is None:
            async with reader() as connection:
                await _refresh(connection)
        else:
            await _refresh(tx)
    return _cache.versions


async def _refresh(tx: Tx) -> None:
    known = _cache.versions
    rows = await queries.versions_after(tx, len(known))
    found = tuple(
        Published(
            version=row["version"],
            programme=Programme.of(row["document"]),
            digest=row["digest"],
            effective_from=row["effective_from"],
            published_at=row["published_at"],
            published_by=row["published_by"],
        )
        for row in rows
    )
    if found:
        _cache.versions = known.plus(found)
    _cache.checked_at = time.monotonic()
