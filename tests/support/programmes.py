"""Which programme does a test run under? The default one with a few numbers of its own."""

from datetime import datetime
from typing import Any

from domain.programme import operations
from domain.programme.model import Programme
from tests.support.world import NOW, programme


def changed(**sections: Any) -> Programme:
    """The default programme with these sections; of a mapping, only the keys named."""
    return Programme.of(_merged(programme().document(), sections))


async def in_force(*, since: datetime | None = None, now: datetime = NOW, **sections: Any) -> int:
    """Publish it; the version's number. The first one is in force since ever."""
    return await operations.publish(
        changed(**sections), now=now, published_by="tests", effective_from=since
    )


def _merged(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(document)
    for key, value in changes.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict) and "kind" not in value:
            merged[key] = _merged(known, value)
        else:
            merged[key] = value
    return merged
