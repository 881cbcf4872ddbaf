"""What is told to other processes after a commit? Hints: losing one delays, and loses nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Signal:
    """`channel` is who should look; `body` what changed, never a fact that exists nowhere else."""

    channel: str
    body: str = ""


JOBS = Signal("jobs")


class Publisher(Protocol):
    def publish(self, channel: str, message: str) -> Awaitable[object]: ...


class _State:
    publisher: Publisher | None = None
    pending: set[Signal]
    task: asyncio.Task[None] | None = None

    def __init__(self) -> None:
        self.pending = set()


_state = _State()


def use(publisher: Publisher | None) -> None:
    """Publish through `publisher` (a Valkey client); None: nobody is told, the polls find out."""
    _state.publisher = publisher


def send(signals: Sequence[Signal]) -> None:
    """Publish in the background, equal signals that wait together once; never fails the caller."""
    if _state.publisher is None or not signals:
        return
    _state.pending.update(signals)
    if _state.task is None or _state.task.done():
        _state.task = asyncio.get_running_loop().create_task(_drain(_state.publisher))


async def _drain(publisher: Publisher) -> None:
    while _state.pending:
        signal = _state.pending.pop()
        with contextlib.suppress(Exception):
            await publisher.publish(f"accrue:{signal.channel}", signal.body)
