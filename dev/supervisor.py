"""How do several processes run as one: started in order, restarted at death, stopped together?"""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO

from dev.watchdog import Watchdog

READY_POLL_SECONDS = 0.1
ORPHAN_SECONDS_MAX = 5
OUTPUT_SECONDS_MAX = 2
KILL_AGAIN_SECONDS = 0.5
LINE_BYTES_MAX = 1024 * 1024
CHUNK_BYTES = 64 * 1024

OnLine = Callable[[str, str], None]


@dataclass(frozen=True)
class Child:
    """A process to keep alive. `env` is laid over our own environment.

    `ready` answers whether it can serve now; the next child starts when it does.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], Awaitable[bool]] | None = None


@dataclass(frozen=True)
class Backoff:
    """Waits of `first_seconds`, then twice as long each time, less up to half by chance."""

    first_seconds: float = 0.5
    max_seconds: float = 30
    forgiven_after_seconds: float = 30

    def delay_seconds(self, deaths: int) -> float:
        longest = min(self.max_seconds, self.first_seconds * 2 ** min(deaths - 1, 30))
        return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter


@dataclass
class Stop:
    """Set `gently` to stop the children in order, last first, and `at_once` to kill what is left.

    All of them together have `patience_seconds` to end by themselves.
    """

    gently: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: asyncio.Event = field(default_factory=asyncio.Event)
    patience_seconds: float = 20

    def ask(self) -> None:
        """A first Ctrl-C is an ordinary stop; with the second the user has lost patience."""
        (self.at_once if self.gently.is_set() else self.gently).set()


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """A Stop that SIGINT and SIGTERM ask for."""
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.ask)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def supervise(
    children: Sequence[Child],
    stop: Stop,
    on_line: OnLine,
    *,
    backoff: Backoff | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Run the children until `stop`; `on_line` gets what they print, and news about them.

    `on_ready` is called once, when every child has been ready.
    """
    watchdog = Watchdog()
    keepers: list[_Keeper] = []
    try:
        for child in children:
            keeper = _Keeper(
                child, watchdog=watchdog, on_line=on_line, backoff=backoff or Backoff()
            )
            keepers.append(keeper)
            keeper.task.add_done_callback(lambda _: stop.gently.set())
            await _either(keeper.ready, stop.gently)
        if on_ready is not None and not stop.gently.is_set():
            on_ready()
        await stop.gently.wait()
    finally:
        deadline = time.monotonic() + stop.patience_seconds
        for keeper in reversed(keepers):
            await keeper.stop(deadline, stop.at_once)
        watchdog.close()
    for keeper in keepers:
        keeper.task.result()


class _Keeper:
    """Keeps one child alive, in a session of its own, until told to stop."""

    def __init__(
        self, child: Child, *, watchdog: Watchdog, on_line: OnLine, backoff: Backoff
    ) -> None:
        self.ready = asyncio.Event()
        self._child = child
        self._watchdog = watchdog
        self._on_line = on_line
        self._backoff = backoff
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self.task = asyncio.create_task(self._keep())

    async def stop(self, deadline: float, at_once: asyncio.Event) -> None:
        self._stopping.set()
        self._signal(signal.SIGTERM)
        impatience = asyncio.create_task(at_once.wait())
        await asyncio.wait(
            {self.task, impatience},
            timeout=max(0, deadline - time.monotonic()),
            return_when=asyncio.FIRST_COMPLETED,
        )
        impatience.cancel()
        if not self.task.done():
            self._on_line(self._child.name, "doesn't stop: killed")
        while not self.task.done():
            self._signal(signal.SIGKILL)
            await asyncio.wait({self.task}, timeout=KILL_AGAIN_SECONDS)

    async def _keep(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                break
            lived_seconds = time.monotonic() - started
            deaths = 1 if lived_seconds > self._backoff.forgiven_after_seconds else deaths + 1
            delay_seconds = self._backoff.delay_seconds(deaths)
            again = f"starts again in {delay_seconds:.1f} s"
            self._on_line(self._child.name, f"ended with {_described(code)}, {again}")
            await _set_within(self._stopping, delay_seconds)

    async def _run_once(self) -> int:
        async with _pipe() as (output, inlet):
            process = await asyncio.create_subprocess_exec(
                *self._child.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=inlet,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._child.env},
                start_new_session=True,
            )
            inlet.close()
            self._watchdog.hold(process.pid, signal.SIGTERM, patience_seconds=ORPHAN_SECONDS_MAX)
            self._process = process
            if self._stopping.is_set():
                self._signal(signal.SIGTERM)
            try:
                await self._attend(process, output)
            finally:
                _kill_group(process.pid)
                code = await process.wait()
                self._watchdog.release(process.pid)
        return code

    async def _attend(
        self, process: asyncio.subprocess.Process, output: asyncio.StreamReader
    ) -> None:
        """Until the child ends: pass its output on, and find out when it is ready."""
        async with asyncio.TaskGroup() as group:
            forwarding = group.create_task(self._forward(output))
            readiness = group.create_task(self._await_ready())
            await process.wait()
            readiness.cancel()
            # A grandchild would hold the pipe open.
            _kill_group(process.pid)
            await asyncio.wait({forwarding}, timeout=OUTPUT_SECONDS_MAX)
            forwarding.cancel()

    async def _forward(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(CHUNK_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LINE_BYTES_MAX:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._on_line(self._child.name, line.decode(errors="replace").rstrip("\r"))
        if rest:
            self._on_line(self._child.name, rest.decode(errors="replace"))

    async def _await_ready(self) -> None:
        never = asyncio.Event()
        while self._child.ready is not None and not await self._child.ready():
            await _set_within(never, READY_POLL_SECONDS)
        self.ready.set()

    def _signal(self, number: int) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        if number == signal.SIGKILL:
            _kill_group(self._process.pid)
        else:
            self._process.send_signal(number)


@asynccontextmanager
async def _pipe() -> AsyncIterator[tuple[asyncio.StreamReader, IO[bytes]]]:
    """Our own, since asyncio takes a child for alive while anyone holds a pipe that it made."""
    outlet, inlet = os.pipe()
    reader = asyncio.StreamReader()
    with os.fdopen(outlet, "rb", 0) as source, os.fdopen(inlet, "wb", 0) as sink:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), source
        )
        try:
            yield reader, sink
        finally:
            transport.close()


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waits = {asyncio.create_task(event.wait()) for event in (first, second)}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _described(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
