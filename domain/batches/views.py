"""Which long work is there, and how far is each?"""

from uuid import UUID

from db.connection import reader
from db.queries import batches as queries
from domain.batches.model import Batch
from kit.errors import NotFound
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size


async def batch(batch_id: UUID) -> Batch:
    """Refuses NOT_FOUND."""
    async with reader() as tx:
        row = await queries.batch(tx, batch_id)
    if row is None:
        raise NotFound("batch")
    return Batch(**row)


async def batches(*, first: int = 20, after: str | None = None) -> Page[Batch]:
    """All that was begun, the newest first. Refuses INVALID_INPUT."""
    size = page_size(first)
    before = None if after is None else _position(after)
    async with reader() as tx:
        rows = await queries.newest(tx, before=before, limit=size + 1)
    found = [Batch(**row) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(str(one.id)) for one in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


def _position(cursor: str) -> UUID:
    (batch_id,) = decode_cursor(cursor, str)
    try:
        return UUID(str(batch_id))
    except ValueError:
        raise foreign_cursor() from None
