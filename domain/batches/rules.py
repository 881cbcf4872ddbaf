"""How does a batch go on after a step, a failure, a stop and a resumption?"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from domain.batches.errors import BatchEnded
from domain.batches.model import Batch, Line, Progress, State
from kit.errors import Refusal

LEASE = timedelta(seconds=30)
ATTEMPTS_MAX = 5
LINES_MAX = 100
COUNTS_MAX = 60
LETTERS_MAX = 300
KEPT = timedelta(days=7)
"""How long the rows of a batch that is done are kept."""

_NARROWER_BITS = 3


def width(limit: int, attempts: int) -> int:
    """How many things the next step is given: an eighth with each attempt that failed before.

    So what can't be done ends up alone, with everything before it done.
    """
    return max(1, limit >> _NARROWER_BITS * (attempts - 1))


def advanced(batch: Batch, progress: Progress, *, now: datetime) -> Batch:
    """After a step: anybody may take the next one; attempts count from here."""
    is_done = progress.cursor is None
    return replace(
        batch,
        state=State.DONE if is_done else State.RUNNING,
        done=batch.done + progress.done,
        refused=batch.refused + progress.refused,
        cursor=progress.cursor,
        report=_reported(batch, progress),
        attempts=0,
        run_at=now,
        changed_at=now,
        ended_at=now if is_done else None,
        last_error=None,
    )


def failed(batch: Batch, error: str, *, now: datetime) -> Batch:
    """After a step that raised: tried again 1, 4, 16 and 64 seconds later, then set aside."""
    is_last = batch.attempts >= ATTEMPTS_MAX
    return replace(
        batch,
        state=State.FAILED if is_last else State.RUNNING,
        run_at=now + timedelta(seconds=4 ** max(batch.attempts - 1, 0)),
        changed_at=now,
        ended_at=now if is_last else None,
        last_error=error[:LETTERS_MAX],
    )


def hindered(batch: Batch, *, now: datetime) -> Batch:
    """After a step that others were in the way of: tried again in a second, and not counted."""
    return replace(batch, attempts=batch.attempts - 1, run_at=now + timedelta(seconds=1))


def stopped(batch: Batch, *, now: datetime) -> Batch:
    """Whoever is at it can't commit any more. Refuses BATCH_ENDED."""
    if batch.state in {State.DONE, State.FAILED}:
        raise BatchEnded(batch.state)
    if batch.state == State.STOPPED:
        return batch
    return replace(batch, state=State.STOPPED, token=batch.token + 1, changed_at=now)


def resumed(batch: Batch, *, now: datetime) -> Batch:
    """It goes on from its cursor, or with loading its rows. Refuses BATCH_ENDED."""
    if batch.state == State.DONE:
        raise BatchEnded(batch.state)
    if batch.state not in {State.STOPPED, State.FAILED}:
        return batch
    state = State.LOADING if batch.total is None else State.READY
    return replace(batch, state=state, attempts=0, run_at=now, changed_at=now, ended_at=None)


def line_of(refusal: Refusal, number: int | None = None, column: str | None = None) -> Line:
    """What the report says of a row that was refused."""
    zh, en = (refusal.message(locale)[:LETTERS_MAX] for locale in ("zh-CN", "en"))
    return Line(refusal.code, zh, en, number, column)


def internal(number: int) -> Line:
    """For a row that couldn't be done for a reason that is ours; the log has it."""
    return Line("INTERNAL", "内部错误，详情见日志。", "An error of ours; the log has it.", number)


def _reported(batch: Batch, progress: Progress) -> dict[str, Any]:
    known = batch.report.get("lines", [])
    lines = [*known, *_dicts(progress.lines[: LINES_MAX - len(known)])]
    counts = dict(batch.counts)
    for name, count in progress.counts.items():
        counts[name] = counts.get(name, 0) + count
    assert len(counts) <= COUNTS_MAX, "a batch counts only so many things"
    return {"lines": lines, "counts": counts}


def _dicts(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [asdict(line) for line in lines]
