"""Who does the long work that staff began? Every worker, one step at a time, each batch in turn.

Workers look for it themselves: work that takes minutes needs no doorbell. Between two steps a
batch belongs to nobody, and the one that has waited longest is next, so that several go on side by
side and a worker that dies holds one up for as long as its lease.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import UUID

import structlog

from db.connection import is_contention
from db.jobs import LeaseLost
from domain.batches import operations
from domain.batches.model import Batch, State
from domain.batches.steps import Kind
from domain.coupons.model import BULK as COUPONS
from domain.coupons.steps import issue_some
from domain.imports import model as imports
from domain.imports.steps import import_some
from domain.rewards.pools import LOAD, load_some
from kit import clock
from kit.failures import described
from workers.waiting import OnceAMinute, set_within

POLL_SECONDS = 1.0
STEP_SECONDS = 12

KINDS: tuple[Kind, ...] = (
    Kind(imports.KIND, import_some, limit=200),
    Kind(LOAD, load_some, limit=2_000),
    Kind(COUPONS, issue_some, limit=500),
)

_log = structlog.get_logger(component="batches")


class Batches:
    """The batches of some kinds, as one process works at them."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._complaint = OnceAMinute()

    async def run(self, stop: asyncio.Event, beat: Callable[[], None]) -> None:
        """Work until `stop`; `beat` is called each time round."""
        while not stop.is_set():
            beat()
            if not await asyncio.create_task(self._turn()):
                await set_within(stop, POLL_SECONDS)

    async def turn(self, *, only: UUID | None = None) -> bool:
        """Do the next step of the batch that has waited longest; False where none is due."""
        batch = await operations.claim(self._kinds.keys(), only=only, now=clock.now())
        if batch is None:
            return False
        try:
            await self._step(batch)
        except LeaseLost:
            _log.info("a batch was stopped, or is another worker's", batch=str(batch.id))
        return True

    async def _turn(self) -> bool:
        try:
            return await self.turn()
        except Exception:  # noqa: BLE001  PostgreSQL may be away; the next turn looks again
            if self._complaint.may_speak():
                _log.warning("batches can't be worked at", exc_info=True)
            return False

    async def _step(self, batch: Batch) -> None:
        try:
            async with asyncio.timeout(STEP_SECONDS):
                after = await operations.step(self._kinds[batch.kind], batch, now=clock.now())
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001  whatever a step raises is a failed attempt
            await _record_failure(batch, error)
            return
        if after.state == State.DONE:
            _log.info("a batch is done", **_facts(after), done=after.done, refused=after.refused)


async def _record_failure(batch: Batch, error: Exception) -> None:
    if is_contention(error):
        await operations.put_off(batch, now=clock.now())
        return
    _log.error("a step failed", attempts=batch.attempts, **_facts(batch), exc_info=error)
    with suppress(LeaseLost):
        await operations.fail(batch, described(error), now=clock.now())


def _facts(batch: Batch) -> dict[str, str]:
    return {"kind": batch.kind, "batch": str(batch.id)}
