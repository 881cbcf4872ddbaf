"""How do API, relay and workers run as one on this machine, until somebody says stop?"""

import asyncio
import json
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path

import httpx2

from dev.postgres import Postgres
from dev.processes import ServiceError
from dev.supervisor import Child, OnLine, Stop, stopped_by_signals, supervise
from dev.valkey import Valkey
from kit.settings import Settings

HOST = "127.0.0.1"
ADDRESS_FILE = "api.json"
PROBE_SECONDS_MAX = 5
SERVERS_POLL_SECONDS = 1
_OK = 200

Story = Callable[[str, Stop], Coroutine[None, None, None]]
Owned = Mapping[str, Postgres | Valkey]


def address(port: int) -> str:
    """Where the API answers."""
    return f"http://{HOST}:{port}/graphql"


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


async def running_api(data_dir: Path) -> str | None:
    """The address of the API that a running `dev` of this data folder has, if it answers."""
    with suppress(FileNotFoundError, ValueError, KeyError):
        url = json.loads((data_dir / ADDRESS_FILE).read_text())["url"]
        return url if await _is_ready(url) else None
    return None


async def run_stack(
    settings: Settings,
    children: list[Child],
    on_line: OnLine,
    *,
    url: str,
    story: Story,
    owned: Owned,
) -> None:
    """Run the children until a signal, or until the story that begins when they are ready says so.

    `owned`: servers that are to be started again when they die, by name.
    """
    ready = asyncio.Event()
    with stopped_by_signals() as stop:
        tasks = (
            asyncio.create_task(_tell(settings, url, story, stop=stop, ready=ready)),
            asyncio.create_task(_keep_alive(owned, stop, on_line)),
        )
        try:
            await supervise(children, stop, on_line, on_ready=ready.set)
        finally:
            for task in tasks:
                task.cancel()
            told = await asyncio.gather(*tasks, return_exceptions=True)
        for error in told:
            if isinstance(error, Exception):
                raise error


def processes(port: int, *, workers: int) -> list[Child]:
    """Relay and workers first: the API is ready once the work that waits isn't late any more."""
    names = ["worker"] if workers == 1 else [f"worker{number}" for number in range(1, workers + 1)]
    serve = ("api", "--host", HOST, "--port", str(port))
    url = address(port)
    return [
        Child("relay", _command("relay")),
        *(Child(name, _command("worker")) for name in names),
        Child("api", _command(*serve), {"ACCRUE_DEBUG": "true"}, lambda: _is_ready(url)),
    ]


def _command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", "app.cli", *arguments)


async def _is_ready(url: str) -> bool:
    try:
        async with httpx2.AsyncClient(timeout=PROBE_SECONDS_MAX, trust_env=False) as client:
            answer = await client.get(url.removesuffix("/graphql") + "/readyz")
    except httpx2.TransportError:
        return False
    return answer.status_code == _OK or _is_only_late(answer)


def _is_only_late(answer: httpx2.Response) -> bool:
    """Late jobs hold up no request; whoever starts after a standstill has some."""
    try:
        checks = answer.json()["checks"]
    except (ValueError, KeyError):
        return False
    return all(check["ok"] for name, check in checks.items() if name != "jobs")


async def _tell(
    settings: Settings, url: str, story: Story, *, stop: Stop, ready: asyncio.Event
) -> None:
    file = settings.data_dir / ADDRESS_FILE
    stopping = asyncio.create_task(stop.gently.wait())
    try:
        await asyncio.wait(
            {stopping, asyncio.create_task(ready.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
        if stop.gently.is_set():
            return
        file.write_text(json.dumps({"url": url}))
        telling = asyncio.create_task(story(url, stop))
        await asyncio.wait({stopping, telling}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done() or telling.exception() is None:
            await stopping
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
    except Exception:
        stop.gently.set()
        raise
    finally:
        stopping.cancel()
        file.unlink(missing_ok=True)


async def _keep_alive(owned: Owned, stop: Stop, on_line: OnLine) -> None:
    """Start a server of ours again after its death; the processes go on by themselves."""
    while not stop.gently.is_set():
        for name, server in owned.items():
            if not server.alive:
                on_line(name, "has died, starts again")
                try:
                    await asyncio.to_thread(server.revive)
                except ServiceError as error:
                    on_line(name, str(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.gently.wait(), SERVERS_POLL_SECONDS)
