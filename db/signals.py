"""What is told to other processes after a commit? Hints: losing one delays, and loses nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

PENDING_MAX = 10_000
TOGETHER_MAX = 500


@dataclass(frozen=True, slots=True)
class Signal:
    """`channel` is who should look; `body` what changed, never a fact that exists nowhere else."""

    channel: str
    body: str = ""


JOBS = Signal("jobs")


def of_member(member_id: UUID | str, *topics: str) -> Signal:
    """Who watches this member should look at these topics, such as points."""
    return Signal(f"member:{member_id}", ",".join(sorted(topics)))


def of_challenge(code: str) -> Signal:
    """Who watches this challenge's board should look."""
    return Signal(f"challenge:{code}")


def of_post(post_id: UUID | str) -> Signal:
    """Who watches this post and its comments should look."""
    return Signal(f"post:{post_id}")


class Batch(Protocol):
    def publish(self, channel: str, message: str) -> object: ...
    def execute(self, *, raise_on_error: bool) -> Awaitable[object]: ...


class Publisher(Protocol):
    """A Valkey client: what waits goes in one round trip."""

    def pipeline(self, *, transaction: bool) -> Batch: ...


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


def tell(signals: Sequence[Signal]) -> None:
    """Publish in the background, equal signals that wait together once; never fails the caller.

    While Valkey answers too slowly for what waits, the rest isn't told: looks find out.
    """
    if _state.publisher is None or not signals or len(_state.pending) >= PENDING_MAX:
        return
    _state.pending.update(signals)
    if _state.task is None or _state.task.done():
        _state.task = asyncio.get_running_loop().create_task(_drain(_state.publisher))


async def _drain(publisher: Publisher) -> None:
    while _state.pending:
        together = publisher.pipeline(transaction=False)
        for _ in range(min(TOGETHER_MAX, len(_state.pending))):
            signal = _state.pending.pop()
            together.publish(f"accrue:{signal.channel}", signal.body)
        with contextlib.suppress(Exception):
            await together.execute(raise_on_error=False)
