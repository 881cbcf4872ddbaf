"""How does an operator put a file of codes into a pool, and hear what became of each?"""

import asyncio
from pathlib import Path

import typer

from app.commands.failing import BadInput
from app.commands.reach import ask
from domain.batches import views
from domain.batches.model import Batch, State
from domain.rewards import operations
from kit import clock
from workers.batches import KINDS, Batches
from workers.waiting import set_within

POLL_SECONDS = 0.5
_ENDED = {State.DONE, State.FAILED, State.STOPPED}


def load(data_dir: Path | None, pool: str, file: Path, *, by: str) -> None:
    """Put the file's codes into the pool, beside whichever worker is at it already.

    Interrupted, it goes on by a worker, or when the same file is given again.
    """
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8") from None
    batch = ask(data_dir, lambda _: _load(pool, text, by=by))
    _tell(batch)
    if batch.state != State.DONE:
        raise BadInput(f"the batch is {batch.state}: {batch.last_error or 'resume it'}")


async def _load(pool: str, text: str, *, by: str) -> Batch:
    batch = await operations.load_codes(pool, text, staff=by, now=clock.now())
    working = Batches(KINDS)
    while batch.state not in _ENDED:
        if not await working.turn(only=batch.id):
            await set_within(asyncio.Event(), POLL_SECONDS)
        batch = await views.batch(batch.id)
        typer.echo(f"{batch.done + batch.refused:,} of {batch.total or 0:,} codes")
    return batch


def _tell(batch: Batch) -> None:
    counts = batch.counts
    typer.echo(
        f"Batch {batch.id} is {batch.state}: {counts.get('added', 0):,} added,"
        f" {counts.get('duplicates', 0):,} duplicates, {batch.refused:,} rows refused."
    )
    for line in batch.lines:
        typer.echo(f"  row {line.number}: {line.message('en')}")
    if batch.refused > len(batch.lines):
        typer.echo(f"  and {batch.refused - len(batch.lines):,} more")
