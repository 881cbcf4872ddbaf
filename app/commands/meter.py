"""How far is the import? A bar on a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

LINE_EVERY_SECONDS = 5


class Meter:
    """Counts purchases that were sent, and those of them that workers have processed."""

    def __init__(self, console: Console, total: int) -> None:
        self.sent = 0
        self._console = console
        self._total = total
        self._started = time.monotonic()
        self._told_at = self._started
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar = self._progress.add_task("Importing real purchases", total=total, rate="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def send(self, count: int) -> None:
        self.sent += count

    def show(self, waiting: int) -> None:
        """`waiting` of those that were sent are to be processed still."""
        processed = max(self.sent - waiting, 0)
        rate = f"{processed / max(self.seconds, 0.001):,.0f}/s"
        self._progress.update(self._bar, completed=processed, rate=rate)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._told_at >= LINE_EVERY_SECONDS:
            self._told_at = now
            self._console.print(f"imported {processed:,} of {self._total:,} purchases, {rate}")
