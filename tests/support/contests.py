"""How does a test hold a contest, and look at who leads?"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db.connection import reader
from domain.challenges import operations
from domain.challenges.model import Entry, Result
from domain.programme.model import Programme
from domain.programme.views import versions
from tests.support.programmes import in_force
from tests.support.working import work
from tests.support.world import NOW

STARTS = NOW - timedelta(days=1)
ENDS = NOW + timedelta(days=7)
SETTLED = ENDS + timedelta(days=30)
"""Every order of the window has settled, and nothing is waited for any more."""


def contest(code: str = "SPRING", **facts: Any) -> dict[str, Any]:
    """A contest by spending, as a programme document has it."""
    return {
        "code": code,
        "name": {"zh-CN": "春季榜", "en": "Spring board"},
        "metric": "spend",
        "starts_at": STARTS.isoformat(),
        "ends_at": ENDS.isoformat(),
        **facts,
    }


def prize(first: int, last: int, **gives: Any) -> dict[str, Any]:
    return {"from_rank": first, "to_rank": last, "gives": gives}


async def held(*contests: dict[str, Any], **sections: Any) -> Programme:
    """Publish the default programme with these contests, in force since ever."""
    await in_force(challenges=list(contests), **sections)
    latest = (await versions()).latest()
    assert latest is not None
    return latest.programme


async def entry(member_id: UUID, code: str = "SPRING") -> Entry | None:
    async with reader() as tx:
        row = await tx.fetchrow(
            "SELECT * FROM challenge_entry WHERE member_id = $1 AND challenge = $2", member_id, code
        )
    return None if row is None else Entry(**row)


async def results(code: str = "SPRING") -> list[Result]:
    """Who has won, the first first."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT * FROM challenge_result WHERE challenge = $1 ORDER BY rank", code
        )
    return [Result(**row) for row in rows]


async def close(at: datetime = SETTLED) -> int:
    """Note what is over, and fix the ranks a minute later; then what follows is done."""
    closed = await operations.close_due(as_of=at)
    closed += await operations.close_due(as_of=at + timedelta(minutes=1))
    await work(at + timedelta(minutes=1))
    return closed
