"""Is this process alive, and should it get requests?"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import perf_counter

from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import JSONResponse

from db.connection import reader
from db.migrate import pending
from db.queries import observing
from kit import clock

CHECK_SECONDS_MAX = 2
JOB_LAG_MAX = timedelta(seconds=60)
_UNAVAILABLE = 503

Check = Callable[[], Awaitable[str | None]]
"""What is wrong, None for nothing."""


async def alive(request: Request) -> JSONResponse:
    """This process answers; nothing else is asked."""
    del request
    return JSONResponse({"status": "alive"})


class Readiness:
    """Whether everything a request needs is there, each looked at for 2 seconds at most."""

    def __init__(self, valkey: Callable[[], Redis]) -> None:
        self._valkey = valkey
        self._checks: dict[str, Check] = {
            "postgresql": _postgresql,
            "valkey": self._answers,
            "migrations": _migrations,
            "jobs": _jobs,
        }

    async def respond(self, request: Request) -> JSONResponse:
        del request
        found = await asyncio.gather(*map(_result, self._checks.values()))
        is_ready = all(result["ok"] for result in found)
        body = {
            "status": "ready" if is_ready else "unready",
            "checks": dict(zip(self._checks, found, strict=True)),
        }
        return JSONResponse(body, 200 if is_ready else _UNAVAILABLE)

    async def _answers(self) -> None:
        await self._valkey().ping()


async def _result(check: Check) -> dict[str, object]:
    began = perf_counter()
    problem = await _problem(check)
    seconds = round(perf_counter() - began, 4)
    found: dict[str, object] = {"ok": problem is None, "seconds": seconds}
    return found if problem is None else found | {"problem": problem}


async def _problem(check: Check) -> str | None:
    """A late check is left to end by itself: giving its connection back takes seconds more."""
    looking = asyncio.ensure_future(check())
    _, late = await asyncio.wait({looking}, timeout=CHECK_SECONDS_MAX)
    if late:
        looking.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        looking.cancel()
        return TimeoutError.__name__
    try:
        return looking.result()
    except Exception as error:  # noqa: BLE001  whatever it is, this is not ready
        return type(error).__name__


async def _postgresql() -> None:
    async with reader() as tx:
        await tx.fetchval("SELECT 1")


async def _migrations() -> str | None:
    async with reader() as tx:
        missing = await pending(tx)
    return f"not applied: {', '.join(missing)}" if missing else None


async def _jobs() -> str | None:
    now = clock.now()
    async with reader() as tx:
        due = await observing.oldest_due(tx, now)
    if due is None or now - due < JOB_LAG_MAX:
        return None
    return f"the oldest due job waits for {round((now - due).total_seconds())} seconds"
