"""What do the tests of batches do? Steps whose effect is a row that counts, so that doubling shows.

A worker that is killed in the middle of one leaves nothing of it (tests/faults/test_batches.py).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from db.connection import Tx, transactional
from domain.batches import steps
from domain.batches.model import Batch, Opened, Progress, Row
from domain.batches.steps import Kind
from kit.errors import NotFound
from tests.support.world import NOW

_COUNT = """
INSERT INTO reward_stock (reward_code, sold) VALUES ($1, 1)
ON CONFLICT (reward_code) DO UPDATE SET sold = reward_stock.sold + 1
"""


async def count_some(
    tx: Tx, batch: Batch, cursor: str | None, limit: int, *, now: datetime
) -> Progress:
    """Counts the numbers below `total`; one that is `poison` can't be."""
    del now
    begun, total = int(cursor or 0), batch.total or 0
    ends = min(begun + limit, total)
    for number in range(begun, ends):
        await tx.execute(_COUNT, f"{batch.parameters.get('name', '')}{number}")
        if number == batch.parameters.get("poison"):
            raise ValueError("a poisonous number\nwith values in its second line")
    return Progress(ends - begun, cursor=str(ends) if ends < total else None)


async def count_rows(
    tx: Tx, batch: Batch, cursor: str | None, limit: int, *, now: datetime
) -> Progress:
    """Counts the `code` of each row; refuses what `is` refused, fails over what `is` poison."""
    del now

    async def do(row: Row) -> dict[str, int]:
        await tx.execute(_COUNT, row.data["code"])
        if row.data.get("is") == "refused":
            raise NotFound("what the row names")
        if row.data.get("is") == "poison":
            raise ValueError("a poisonous row")
        return {"letters": len(row.data["code"])}

    return await steps.by_row(tx, batch, cursor, limit, do)


COUNTING = Kind("count", count_some, limit=8)
ROWS = Kind("rows", count_rows, limit=4)


@transactional
async def begin(
    tx: Tx,
    total: int | None,
    *,
    kind: str = "count",
    checksum: str | None = None,
    now: datetime = NOW,
    **parameters: Any,
) -> Opened:
    return await steps.begin(
        tx,
        kind,
        checksum=checksum,
        parameters=parameters,
        total=total,
        created_by="ada@shop",
        now=now,
    )


@transactional
async def add(tx: Tx, batch: Batch, rows: Sequence[dict[str, Any]], *, first: int = 1) -> bool:
    added = [Row(number, data) for number, data in enumerate(rows, start=first)]
    return await steps.add_rows(tx, batch.id, added)


@transactional
async def ready(tx: Tx, batch: Batch) -> Batch:
    return await steps.ready(tx, batch.id, now=NOW)
