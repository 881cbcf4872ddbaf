"""How does a batch go on, one step after the other, and how do staff stop it?"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from db.connection import Tx, transactional
from db.jobs import LeaseLost
from db.queries import batches as queries
from domain.batches import rules
from domain.batches.model import Batch, State
from domain.batches.steps import Kind, locked, put


class Rule(Protocol):
    """How staff change a batch."""

    def __call__(self, batch: Batch, *, now: datetime) -> Batch: ...


@transactional
async def claim(
    tx: Tx, kinds: Collection[str], *, only: UUID | None = None, now: datetime
) -> Batch | None:
    """Take the batch that has waited longest for its next step; None where none is due.

    One whose workers died five times in a row is set aside.
    """
    row = await queries.claim(tx, kinds, only=only, until=now + rules.LEASE, now=now)
    if row is None:
        return None
    batch = Batch(**row)
    if batch.attempts <= rules.ATTEMPTS_MAX:
        return batch
    await put(tx, rules.failed(batch, "its workers died", now=now), now=now)
    return None


@transactional
async def step(tx: Tx, kind: Kind, batch: Batch, *, now: datetime) -> Batch:
    """Do the next step of a batch that was claimed: its effects and the cursor, or neither.

    Raises LeaseLost where it was stopped, or another worker has it.
    """
    limit = rules.width(kind.limit, batch.attempts)
    progress = await kind.step(tx, batch, batch.cursor, limit, now=now)
    await _require_held(tx, batch)
    following = rules.advanced(batch, progress, now=now)
    await put(tx, following, now=now)
    return following


@transactional
async def fail(tx: Tx, batch: Batch, error: str, *, now: datetime) -> Batch:
    """The step failed: it is tried again later, or the batch is set aside. Raises LeaseLost."""
    await _require_held(tx, batch)
    following = rules.failed(batch, error, now=now)
    await put(tx, following, now=now)
    return following


@transactional
async def put_off(tx: Tx, batch: Batch, *, now: datetime) -> None:
    """Others were in the way of the step: that is nobody's failure. Raises LeaseLost."""
    await _require_held(tx, batch)
    await put(tx, rules.hindered(batch, now=now), now=now)


@transactional
async def stop(tx: Tx, batch_id: UUID, *, now: datetime) -> Batch:
    """From the answer on nothing more of it is done, until it is resumed; twice changes nothing.

    Refuses NOT_FOUND, BATCH_ENDED.
    """
    return await _changed(tx, await locked(tx, batch_id), rules.stopped, now=now)


@transactional
async def resume(tx: Tx, batch_id: UUID, *, now: datetime) -> Batch:
    """Let one that was stopped, or that failed, go on from where it stands.

    Refuses NOT_FOUND, BATCH_ENDED (it is DONE).
    """
    return await _changed(tx, await locked(tx, batch_id), rules.resumed, now=now)


@transactional
async def prune(tx: Tx, *, as_of: datetime, limit: int) -> int:
    """Forget rows of batches that were done a week before."""
    return await queries.prune(tx, as_of - rules.KEPT, limit=limit)


async def _changed(tx: Tx, batch: Batch, rule: Rule, *, now: datetime) -> Batch:
    following = rule(batch, now=now)
    if following is not batch:
        await put(tx, following, now=now)
    return following


async def _require_held(tx: Tx, batch: Batch) -> None:
    current = await locked(tx, batch.id)
    if current.token != batch.token or current.state != State.RUNNING:
        raise LeaseLost
