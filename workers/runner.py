"""How is a job done? Claimed, given to its actor for a bounded time, and tried again if it fails.

A doorbell says that a job waits; a poll finds the same without it. Whoever claims the job first
does it, so a doorbell too many costs one statement, and one too few a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars

from db import jobs
from db.connection import reader
from db.jobs import Claim, Due, LeaseLost
from domain.members.errors import MemberErased, MemberMerged
from domain.merging.operations import forward
from domain.privacy.operations import forget_late
from kit import clock
from kit.failures import described
from workers.waiting import OnceAMinute, set_within

__all__ = ["Claim", "Handler", "Runner", "actor", "batches", "work_off"]

HANDLER_SECONDS = 20
POLL_SECONDS = 1.0
STOP_SECONDS = 15.0
OTHERS_SECONDS = 0.2
GRACE = timedelta(seconds=1)

_log = structlog.get_logger(component="jobs")


class Run(Protocol):
    """Does the work of the claims and finishes them in the transaction of their effects."""

    def __call__(self, claims: Sequence[Claim], *, now: datetime) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class Handler:
    """An actor: what is done for a kind of jobs, and how many are done in one go.

    What `calls_out` waits for others' servers: each kind has a runner of its own, and no doorbells.
    """

    kind: str
    run: Run
    batch: int = 1
    calls_out: bool = False


def actor(kind: str, *, batch: int = 1, calls_out: bool = False) -> Callable[[Run], Handler]:
    """Make an actor for jobs of `kind` of a function that delegates to the domain.

    With a `batch` above 1 it is given up to so many jobs at once; if it fails, each alone.
    """
    return lambda run: Handler(kind, run, batch, calls_out)


def batches(found: Iterable[Due], sizes: Mapping[str, int]) -> list[list[Due]]:
    """Jobs that may be claimed together, in the order of the first one of each.

    A job that was tried before stands alone: one that fails, or that kills its worker, takes its
    neighbours with it once and not again.
    """
    groups: list[list[Due]] = []
    filling: dict[str, list[Due]] = {}
    for job in found:
        group = filling.get(job.kind)
        if job.attempts or group is None or len(group) >= sizes[job.kind]:
            group = []
            groups.append(group)
            if not job.attempts:
                filling[job.kind] = group
        group.append(job)
    return groups


async def work_off(handler: Handler, *, written_by: datetime, now: datetime, limit: int) -> int:
    """Do jobs of the handler's kind that were written by then and are due at `now`.

    How many were open, those that other processes are at included (they are waited for, a
    moment at a time); 0 when nothing is left. One that fails isn't open until its next attempt.
    """
    async with reader() as tx:
        found = await jobs.open_jobs(tx, handler.kind, written_by=written_by, now=now, limit=limit)
    claimed = 0
    for group in batches(found, {handler.kind: handler.batch}):
        claims = await jobs.claim([(job.member_id, job.id) for job in group], now=now)
        claimed += len(claims)
        if claims:
            await _do(handler, claims, now=now)
    if found and not claimed:
        await set_within(asyncio.Event(), OTHERS_SECONDS)
    return len(found)


class Runner:
    """The jobs that one process does, at most `concurrency` claims at a time."""

    def __init__(
        self, handlers: Iterable[Handler], *, concurrency: int, grace: timedelta = GRACE
    ) -> None:
        """`grace`: what is due for less is left to the doorbells."""
        self._handlers = {handler.kind: handler for handler in handlers}
        self._sizes = {kind: handler.batch for kind, handler in self._handlers.items()}
        self._concurrency = concurrency
        self._grace = grace
        self._slots = asyncio.Semaphore(concurrency)
        self._held: set[UUID] = set()
        self._complaint = OnceAMinute()

    async def answer(self, kind: str, member_id: UUID, job_id: UUID) -> None:
        """Do the job for which a doorbell rang, and others of its kind that wait behind it."""
        async with self._slots:
            try:
                await self._take(kind, await self._behind(kind, (member_id, job_id)))
            except Exception:  # noqa: BLE001  a doorbell that fails is lost; the poll finds the job
                self._complain()

    async def poll(self, stop: asyncio.Event, beat: Callable[[], None]) -> None:
        """Look for overdue jobs until `stop`; `beat` is called each time round."""
        stopping = asyncio.create_task(stop.wait())
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            beat()
            running |= await self._start_overdue(self._concurrency - len(running))
            _, waiting = await asyncio.wait(
                {stopping, *running}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            running &= waiting
        if running:
            _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()

    async def sweep(self, now: datetime, *, groups_max: int) -> list[list[Due]]:
        """What is overdue and in nobody's hands here, as groups to be claimed together."""
        limit = groups_max * max(self._sizes.values(), default=1)
        async with reader() as tx:
            found = await jobs.due(tx, list(self._sizes), now - self._grace, limit=limit)
        free = [job for job in found if job.id not in self._held]
        return batches(free, self._sizes)[:groups_max]

    async def _start_overdue(self, groups_max: int) -> set[asyncio.Task[None]]:
        if not groups_max:
            return set()
        try:
            groups = await self.sweep(clock.now(), groups_max=groups_max)
        except Exception:  # noqa: BLE001  PostgreSQL may be away; the next turn looks again
            self._complain()
            return set()
        return {asyncio.create_task(self._answer_group(group)) for group in groups}

    async def _answer_group(self, group: list[Due]) -> None:
        async with self._slots:
            try:
                await self._take(group[0].kind, [(job.member_id, job.id) for job in group])
            except Exception:  # noqa: BLE001  as above
                self._complain()

    async def _behind(self, kind: str, job: tuple[UUID, UUID]) -> list[tuple[UUID, UUID]]:
        size = self._sizes[kind]
        if size == 1:
            return [job]
        async with reader() as tx:
            found = await jobs.due_since(tx, kind, job, now=clock.now(), limit=size)
        free = [due for due in found if due.id not in self._held]
        groups = batches(free, self._sizes)
        return [(due.member_id, due.id) for due in groups[0]] if groups else []

    async def _take(self, kind: str, wanted: Sequence[tuple[UUID, UUID]]) -> None:
        free = [job for job in wanted if job[1] not in self._held]
        ids = {job_id for _, job_id in free}
        if not free:
            return
        self._held |= ids
        try:
            claims = await jobs.claim(free, now=clock.now())
            if claims:
                await _do(self._handlers[kind], claims)
        finally:
            self._held -= ids

    def _complain(self) -> None:
        if self._complaint.may_speak():
            _log.warning("jobs can't be claimed", exc_info=True)


async def _do(handler: Handler, claims: list[Claim], *, now: datetime | None = None) -> None:
    error = await _attempt(handler, claims, now)
    if error is None:
        return
    if len(claims) == 1:
        await _record_failure(claims[0], error)
        return
    _log.warning("a batch failed; one by one", kind=handler.kind, jobs=len(claims), exc_info=error)
    while claims := await jobs.renew(claims, now=clock.now()):
        alone, *claims = claims
        error = await _attempt(handler, [alone], now)
        if error is not None:
            await _record_failure(alone, error)


async def _attempt(
    handler: Handler, claims: Sequence[Claim], now: datetime | None
) -> Exception | None:
    with bound_contextvars(**_facts(claims)):
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await handler.run(claims, now=now or clock.now())
        except Exception as error:  # noqa: BLE001  whatever an actor raises is a failed attempt
            return error
    return None


def _facts(claims: Sequence[Claim]) -> dict[str, str | int]:
    """What log lines say about the jobs at hand; of a batch, how many."""
    first = claims[0]
    if len(claims) > 1:
        return {"kind": first.kind, "jobs": len(claims)}
    return {"kind": first.kind, "member": str(first.member_id), "job": str(first.id)}


async def _record_failure(claim: Claim, error: Exception) -> None:
    facts = _facts([claim])
    if isinstance(error, LeaseLost):
        _log.info("another worker has this job now", **facts)
        return
    if isinstance(error, MemberMerged):
        await forward(claim.member_id, now=clock.now())
        _log.info("the member goes on as another, and so does the job", **facts)
        return
    if isinstance(error, MemberErased):
        await forget_late(claim.member_id)
        _log.info("the member was erased, and the job is for nobody", **facts)
        return
    _log.error("a job failed", attempts=claim.attempts, **facts, exc_info=error)
    try:
        await jobs.fail(claim, described(error), now=clock.now())
    except LeaseLost:
        _log.info("another worker has this job now", **facts)
