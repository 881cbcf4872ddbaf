"""What is long work of staff, how far is it, and what does a part of it come to?"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class State(StrEnum):
    """LOADING: its rows are still coming. READY: begun or resumed, and not taken up since.

    FAILED: a step failed five times in a row; it can be resumed, as one that was STOPPED.
    """

    LOADING = "LOADING"
    READY = "READY"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Line:
    """Why a row was refused, in both languages; `column` where one is to blame.

    `number` is the row's; None where the batch has no rows.
    """

    code: str
    zh: str
    en: str
    number: int | None = None
    column: str | None = None

    def message(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of `batch`. `done` and `refused` count what `total` counts.

    `run_at`: when a worker may take it; while one is at it, when its lease ends. `report`: the
    first refused lines and what the steps counted.
    """

    id: UUID
    kind: str
    checksum: str | None
    parameters: dict[str, Any]
    state: str
    total: int | None
    done: int
    refused: int
    cursor: str | None
    report: dict[str, Any]
    attempts: int
    token: int
    run_at: datetime
    created_by: str
    created_at: datetime
    started_at: datetime | None
    changed_at: datetime
    ended_at: datetime | None
    last_error: str | None

    @property
    def lines(self) -> list[Line]:
        """The first rows that were refused; `refused` counts all."""
        return [Line(**line) for line in self.report.get("lines", [])]

    @property
    def counts(self) -> dict[str, int]:
        """Sums that the kind keeps, by their names."""
        return self.report.get("counts", {})


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the input; numbers begin at 1."""

    number: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step came to; no cursor: nothing is left.

    `counts` are added to those of the batch.
    """

    done: int = 0
    refused: int = 0
    cursor: str | None = None
    lines: tuple[Line, ...] = ()
    counts: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Opened:
    """A batch, and whether it was begun by this very call."""

    batch: Batch
    is_new: bool
