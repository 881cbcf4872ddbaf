"""How does a file of codes come into a pool? As a batch, with progress and a report."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from domain.batches import steps as batches
from domain.batches.model import Batch, Opened, Row, State
from domain.rewards import rules
from domain.rewards.pools import LOAD
from kit.hashing import input_hash

TOGETHER = 5_000


async def load_codes(pool: str, csv: str, *, staff: str, now: datetime) -> Batch:
    """Begin to put the codes of a CSV file into a pool; workers do it, and the batch says how far.

    The same file for the same pool is the same batch, however often it is sent. Refuses
    INVALID_INPUT, before anything is begun; what is wrong with a row is in the batch's report.
    """
    rules.check_pool(pool)
    codes = rules.codes_of(csv)
    opened = await _begin(pool, input_hash({"pool": pool, "codes": codes}), staff=staff, now=now)
    batch = opened.batch
    if batch.state != State.LOADING:
        return batch
    begun = await _begun(batch.id)
    for start in range(begun, len(codes), TOGETHER):
        await _add(batch.id, start, codes[start : start + TOGETHER])
    return await _ready(batch.id, now=now)


@transactional
async def _begin(tx: Tx, pool: str, checksum: str, *, staff: str, now: datetime) -> Opened:
    return await batches.begin(
        tx,
        LOAD,
        checksum=checksum,
        parameters={"pool": pool},
        total=None,
        created_by=staff,
        now=now,
    )


@transactional
async def _begun(tx: Tx, batch_id: UUID) -> int:
    return await batches.last_number(tx, batch_id)


@transactional
async def _add(tx: Tx, batch_id: UUID, start: int, codes: Sequence[str]) -> None:
    rows = [Row(number, {rules.COLUMN: code}) for number, code in enumerate(codes, start + 1)]
    await batches.add_rows(tx, batch_id, rows)


@transactional
async def _ready(tx: Tx, batch_id: UUID, *, now: datetime) -> Batch:
    return await batches.ready(tx, batch_id, now=now)
