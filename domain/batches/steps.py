"""How is long work begun inside a verb, and what is a step over rows?"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from db.changes import Changes
from db.connection import UNAVAILABLE, Tx, is_contention, savepoint
from db.queries import batches as queries
from domain.batches import rules
from domain.batches.model import Batch, Line, Opened, Progress, Row, State
from domain.webhooks.steps import write
from kit.errors import IdempotencyKeyReused, NotFound, Refusal
from kit.ids import new_id

_log = logging.getLogger(__name__)


class Step(Protocol):
    """Does some of a batch by the open transaction, from `cursor` on (None: from its begin)."""

    def __call__(
        self, tx: Tx, batch: Batch, cursor: str | None, limit: int, *, now: datetime
    ) -> Awaitable[Progress]: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """What is done for the batches of this name; a step gets at most `limit` things to do.

    Choose `limit` so that a step takes a second or so.
    """

    name: str
    step: Step
    limit: int = 200


async def begin(  # noqa: PLR0913  what a batch is made of
    tx: Tx,
    kind: str,
    *,
    checksum: str | None,
    parameters: dict[str, Any],
    total: int | None,
    created_by: str,
    now: datetime,
) -> Opened:
    """Begin a batch; with a known checksum, the one that there is. No total: its rows follow.

    Refuses IDEMPOTENCY_KEY_REUSED for other parameters under the same checksum.
    """
    known = None if checksum is None else await of_input(tx, kind, checksum)
    if known is not None:
        if known.parameters != parameters:
            raise IdempotencyKeyReused
        return Opened(known, is_new=False)
    batch = Batch(
        id=new_id(),
        kind=kind,
        checksum=checksum,
        parameters=parameters,
        state=State.LOADING if total is None else State.READY,
        total=total,
        done=0,
        refused=0,
        cursor=None,
        report={},
        attempts=0,
        token=0,
        run_at=now,
        created_by=created_by,
        created_at=now,
        started_at=None,
        changed_at=now,
        ended_at=None,
        last_error=None,
    )
    await put(tx, batch, now=now)
    return Opened(batch, is_new=True)


async def of_input(tx: Tx, kind: str, checksum: str) -> Batch | None:
    """The batch of that input; nobody else begins one until the transaction ends."""
    row = await queries.of_input(tx, kind, checksum)
    return None if row is None else Batch(**row)


async def add_rows(tx: Tx, batch_id: UUID, rows: Sequence[Row]) -> bool:
    """Add rows to a batch that is LOADING; those that are there stay. Refuses NOT_FOUND.

    False where it isn't LOADING any more, and nothing was added.
    """
    batch = await locked(tx, batch_id)
    if batch.state != State.LOADING:
        return False
    await queries.add_rows(tx, batch_id, [(row.number, row.data) for row in rows])
    return True


async def last_number(tx: Tx, batch_id: UUID) -> int:
    """Up to which number rows have been added; 0 where none have."""
    return await queries.last_number(tx, batch_id)


async def ready(tx: Tx, batch_id: UUID, *, now: datetime) -> Batch:
    """All rows are there: workers may begin. Refuses NOT_FOUND."""
    batch = await locked(tx, batch_id)
    if batch.state != State.LOADING:
        return batch
    total = await queries.count_rows(tx, batch_id)
    batch = replace(batch, state=State.READY, total=total, run_at=now, changed_at=now)
    await put(tx, batch, now=now)
    return batch


async def forget_customers(tx: Tx, external_ids: Sequence[str]) -> None:
    """Let no file and no list know these customers any more; what nobody got to isn't done."""
    if external_ids:
        await queries.forget(tx, external_ids)


async def rows_after(tx: Tx, batch: Batch, cursor: str | None, limit: int) -> list[Row]:
    """The rows that a step is about; fewer than `limit`: there are no more."""
    found = await queries.rows(tx, batch.id, after=int(cursor or 0), limit=limit)
    return [Row(number, data) for number, data in found]


async def by_row(
    tx: Tx,
    batch: Batch,
    cursor: str | None,
    limit: int,
    do: Callable[[Row], Awaitable[dict[str, int] | None]],
    *,
    before: Callable[[Sequence[Row]], Awaitable[None]] | None = None,
) -> Progress:
    """A step over rows: each in a savepoint, so that one that is refused undoes no other.

    `do` answers what is to be counted. `before` sees the rows first, to lock their members in the
    order of ids.
    """
    rows = await rows_after(tx, batch, cursor, limit)
    if before is not None:
        await before(rows)
    lines: list[Line] = []
    counts: Counter[str] = Counter()
    for row in rows:
        line = await _do(tx, row, do, counts)
        if line is not None:
            lines.append(line)
    return Progress(
        done=len(rows) - len(lines),
        refused=len(lines),
        cursor=str(rows[-1].number) if len(rows) == limit else None,
        lines=tuple(lines),
        counts=dict(counts),
    )


async def _do(
    tx: Tx,
    row: Row,
    do: Callable[[Row], Awaitable[dict[str, int] | None]],
    counts: Counter[str],
) -> Line | None:
    """Why the row is refused; None where it is done."""
    try:
        async with savepoint(tx):
            found = await do(row)
    except Refusal as refusal:
        return rules.line_of(refusal, row.number, column=getattr(refusal, "column", None))
    except Exception as error:
        # Nobody's fault: the whole step is tried again.
        if isinstance(error, UNAVAILABLE) or is_contention(error):
            raise
        _log.exception("row %s of a batch is passed over", row.number)
        return rules.internal(row.number)
    counts.update(found or {})
    return None


async def locked(tx: Tx, batch_id: UUID) -> Batch:
    """Refuses NOT_FOUND."""
    row = await queries.lock(tx, batch_id)
    if row is None:
        raise NotFound("batch")
    return Batch(**row)


async def put(tx: Tx, batch: Batch, *, now: datetime) -> None:
    """Write the batch as it is now; endpoints are told how it ended."""
    changes = Changes()
    changes.put("batch", batch)
    await write(tx, changes, now=now)
