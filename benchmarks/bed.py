"""What do the benchmarks run on? The crowd's database, processes of ours, and one way to report."""

import argparse
import asyncio
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from rich.console import Console
from rich.table import Table

from app.tokens import Role, TokenIssuer
from benchmarks.crowd import ROOT, gather
from dev.postgres import psql
from dev.services import Services

RESULTS = ROOT / "benchmarks" / "results"
SECRET = "0123456789abcdef" * 4
READY_SECONDS_MAX = 60
MEMBERS = 100_000


@dataclass(frozen=True)
class Bed:
    """The servers of a run and how to start a process of ours on them."""

    services: Services
    database_url: str
    redis_url: str
    members: int
    now: datetime

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "ACCRUE_SECRET": SECRET,
            "ACCRUE_LOG_JSON": "true",
            "ACCRUE_DATA_DIR": str(self.services.data_dir),
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": "0",
        }

    @contextmanager
    def process(self, *argv: str) -> Iterator[subprocess.Popen[bytes]]:
        """A child, its log in the results folder, stopped at the end."""
        with (RESULTS / "processes.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, *argv], env=self.environment(), cwd=ROOT, stdout=log, stderr=log
            )
        try:
            yield child
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    @contextmanager
    def api(self) -> Iterator[str]:
        """One uvicorn process with everything on; its base URL."""
        port = free_port()
        argv = ("-m", "app.cli", "api", "--host", "127.0.0.1", "--port", str(port))
        with self.process(*argv) as child:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(f"{url}/livez", child)
            yield url


@contextmanager
def bed(members: int) -> Iterator[Bed]:
    """The crowd, made on the first run and kept for the next one of the same size."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = RESULTS / f"crowd-{members}"
    made = folder / "made.json"
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
    with Services(folder) as services:
        endpoints = services.endpoints()
        assert endpoints is not None
        if not made.exists():
            now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  the run's own instant
            started = time.perf_counter()
            asyncio.run(gather(endpoints.database_url, members, now))
            seconds = time.perf_counter() - started
            made.write_text(json.dumps({"now": now.isoformat(), "seconds": round(seconds, 1)}))
            print(f"made a crowd of {members} members in {seconds:.0f} s")
        now = datetime.fromisoformat(json.loads(made.read_text())["now"])
        with _copy(endpoints.database_url) as url:
            yield Bed(services, url, endpoints.redis_url, members, now)


@contextmanager
def _copy(database_url: str) -> Iterator[str]:
    """A database of this run, so that the crowd stays as it is."""
    psql(database_url, "ALTER SYSTEM SET max_wal_size = '4GB'", "SELECT pg_reload_conf()")
    parts = urlsplit(database_url)
    name = f"run_{os.getpid()}"
    server = urlunsplit(parts._replace(path="/template1"))
    crowd = parts.path.lstrip("/")
    psql(server, f"CREATE DATABASE {name} TEMPLATE {crowd} STRATEGY FILE_COPY")
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        psql(server, f"DROP DATABASE {name} WITH (FORCE)")


def token(role: Role, subject: str, now: datetime) -> str:
    """A token that outlives the run."""
    issuer = TokenIssuer(SECRET.encode())
    return issuer.issue(subject, role, now=now, ttl=timedelta(days=365))[0]


def arguments(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="alternating with the reference")
    return parser.parse_args()


def report(
    name: str,
    rows: Sequence[Mapping[str, object]],
    *,
    ratio: float | None = None,
    goal: float | None = None,
) -> None:
    """Print a table, and keep it as JSON beside the others."""
    table = Table(title=name, title_justify="left")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for column in columns:
        table.add_column(column, justify="left" if column == "what" else "right")
    for row in rows:
        table.add_row(*(_shown(row.get(column, "")) for column in columns))
    Console(width=110).print(table)
    if ratio is not None:
        print(f"ratio to the reference: {ratio:.3f} (goal: at least {goal})\n")
    found: dict[str, object] = {"name": name, "ratio": ratio, "goal": goal, "rows": list(rows)}
    found |= {"python": platform.python_version(), "cpus": os.cpu_count()}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=2, default=str))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_until_ready(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise SystemExit(f"a process ended with {child.returncode}: see {RESULTS}")
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  loopback
                return
        except OSError:
            _pause()
    raise SystemExit(f"{url} doesn't answer")


def _pause() -> None:
    threading.Event().wait(0.1)


def _shown(value: object) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else str(value)
