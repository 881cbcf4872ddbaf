"""How do the rows of a file become a batch, and what would become of them?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from db.connection import Tx, transaction, transactional
from db.queries.imports import as_stored
from domain.batches import steps as batches
from domain.batches.model import Batch, Opened, Row
from domain.imports.model import KIND
from domain.imports.steps import Booked, book


@transactional
async def begin(
    tx: Tx, checksum: str, *, file: str, created_by: str, now: datetime
) -> tuple[Opened, int]:
    """The batch of the file with this checksum, and up to which row it was loaded.

    A file that was begun before is the same batch, whatever its name is now.
    """
    known = await batches.of_input(tx, KIND, checksum)
    if known is not None:
        return Opened(known, is_new=False), await batches.last_number(tx, known.id)
    opened = await batches.begin(
        tx,
        KIND,
        checksum=checksum,
        parameters={"file": file},
        total=None,
        created_by=created_by,
        now=now,
    )
    return opened, 0


@transactional
async def load(tx: Tx, batch_id: UUID, rows: Sequence[Row]) -> bool:
    """Keep rows of the file; False where the batch was begun or stopped by somebody else."""
    return await batches.add_rows(tx, batch_id, rows)


@transactional
async def ready(tx: Tx, batch_id: UUID, *, now: datetime) -> Batch:
    """The whole file is there: workers may book it."""
    return await batches.ready(tx, batch_id, now=now)


async def rehearse(rows: Sequence[Row], *, now: datetime) -> Booked:
    """What would come of the rows if they were booked now; nothing is."""
    seen: list[Booked] = []
    kept = [Row(row.number, as_stored(row.data)) for row in rows]
    try:
        async with transaction() as tx:
            seen.append(await book(tx, kept, source_id="rehearsal", now=now))
            _roll_back()
    except _RolledBack:
        return seen[0]


class _RolledBack(Exception):
    """A rehearsal is over."""


def _roll_back() -> NoReturn:
    raise _RolledBack
