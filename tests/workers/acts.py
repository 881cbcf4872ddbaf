"""What do the tests of background work do? Jobs whose effect is a row that counts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from db import jobs
from db.changes import Changes
from db.connection import Tx, reader, transactional
from db.jobs import Claim, Job
from kit.ids import new_id
from workers.runner import Handler, actor

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def a_job(key: str = "", *, kind: str = "count", run_at: datetime = NOW, **facts) -> Job:
    return Job(
        member_id=facts.pop("member_id", None) or new_id(),
        kind=kind,
        key=key or new_id().hex,
        run_at=run_at,
        created_at=run_at,
        **facts,
    )


@transactional
async def add(tx: Tx, *added: Job) -> None:
    changes = Changes()
    for job in added:
        changes.put("job", job)
    await changes.write(tx)


@transactional
async def count(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of a job: its key is counted. A key with `poison` in it can't be."""
    for claim in claims:
        await tx.execute(
            "INSERT INTO reward_stock VALUES ($1, 1)"
            " ON CONFLICT (reward_code) DO UPDATE SET sold = reward_stock.sold + 1",
            claim.key,
        )
        if "poison" in claim.key:
            raise ValueError("a poisonous job\nwith values in its second line")
    await jobs.finish_all(tx, claims, now=now)


async def effects() -> dict[str, int]:
    """How often each key was counted."""
    async with reader() as tx:
        rows = await tx.fetch("SELECT reward_code, sold FROM reward_stock")
    return {row["reward_code"]: row["sold"] for row in rows}


async def row(job: Job) -> dict:
    async with reader() as tx:
        found = await tx.fetchrow("SELECT * FROM job WHERE id = $1", job.id)
    assert found is not None
    return dict(found)


async def states() -> list[str]:
    async with reader() as tx:
        rows = await tx.fetch("SELECT state FROM job ORDER BY key")
    return [found["state"] for found in rows]


def ids(job: Job) -> tuple[UUID, UUID]:
    return job.member_id, job.id


def counting(*, batch: int = 1, kind: str = "count") -> Handler:
    return actor(kind, batch=batch)(count)
