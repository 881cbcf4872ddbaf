"""What do the tests of imports do? They book records as the command does, and look at the end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from db.connection import reader
from domain.batches import views
from domain.batches.model import Batch, Row
from domain.batches.steps import Kind
from domain.imports import operations, rules
from domain.imports.model import KIND
from domain.imports.steps import import_some
from domain.programme.views import versions
from kit.errors import Refusal
from tests.support.world import NOW
from workers.batches import Batches

Records = Sequence[Mapping[str, object]]


async def kept(records: Records, *, now: datetime = NOW) -> list[Row]:
    """The records as rows of a batch, numbered as lines after a heading."""
    programme = (await versions()).at(now).programme
    rows: list[Row] = []
    for number, record in enumerate(records, start=2):
        try:
            entry = rules.entry_of(record, programme, now=now)
        except Refusal as refusal:
            entry = refusal
        rows.append(Row(number, rules.stored(entry)))
    return rows


async def loaded(records: Records, checksum: str, *, now: datetime = NOW) -> Batch:
    opened, _ = await operations.begin(checksum, file="members.csv", created_by="ada", now=now)
    await operations.load(opened.batch.id, await kept(records, now=now))
    return await operations.ready(opened.batch.id, now=now)


async def imported(
    records: Records, checksum: str = "sha", *, now: datetime = NOW, limit: int = 200
) -> Batch:
    """The batch at its end; the clock must stand at `now`."""
    batch = await loaded(records, checksum, now=now)
    worker = Batches([Kind(KIND, import_some, limit=limit)])
    while await worker.turn():
        pass
    return await views.batch(batch.id)


def refusals(batch: Batch) -> list[tuple[int | None, str, str | None]]:
    return [(line.number, line.code, line.column) for line in batch.lines]


async def member_id_of(external_id: str) -> UUID:
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT member_id FROM external_id WHERE external_id = $1", external_id
        )
