"""How does a test have the background work done, at an instant of its choosing?"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from app.worker import HANDLERS
from db import jobs
from db.connection import reader
from db.jobs import Claim

_HANDLERS = {handler.kind: handler for handler in HANDLERS}
TURNS_MAX = 100


async def work(now: datetime, *, leaving: Collection[str] = ()) -> None:
    """Do every job that is due at `now`, and those that follow; jobs of kinds in `leaving` stay."""
    kinds = [kind for kind in _HANDLERS if kind not in leaving]
    claims: list[Claim] = []
    for _ in range(TURNS_MAX):
        claims = await claim_due(now, *kinds)
        if not claims:
            return
        for claim in claims:
            await do(claim, now)
    raise AssertionError(f"there is work without an end: {claims}")


async def claim_due(now: datetime, *kinds: str) -> list[Claim]:
    """Take what is due, of some kinds or of all, as one worker."""
    async with reader() as tx:
        found = await jobs.due(tx, kinds or tuple(_HANDLERS), now, limit=100)
    return await jobs.claim([(job.member_id, job.id) for job in found], now=now)


async def do(claim: Claim, now: datetime) -> None:
    """Have the job's actor do it; what it raises is raised."""
    await _HANDLERS[claim.kind].run([claim], now=now)


async def jobs_of(member_id: UUID) -> list[tuple[str, str]]:
    """Kind and state of each job of the member, in the order in which they were written."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT kind, state FROM job WHERE member_id = $1 ORDER BY created_at, id", member_id
        )
    return [(row["kind"], row["state"]) for row in rows]
