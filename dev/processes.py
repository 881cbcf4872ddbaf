"""How is a server process started, watched and stopped, whoever started it?"""

import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from dev.watchdog import Watchdog

LOG_BYTES_MAX = 10 * 1024 * 1024
LOG_TAIL_BYTES = 2_000
POLL_SECONDS = 0.01
SERVER_PORTS = (10_000, 32_768)
EPHEMERAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")


class ServiceError(Exception):
    """A server of the data folder can't be started, reached or stopped; the text says why."""


class Server:
    """One server process, out of reach of the terminal's Ctrl-C: its users stop before it does."""

    def __init__(
        self, name: str, log: Path, *, stop_signal: int, stop_patience_seconds: float
    ) -> None:
        self.name = name
        self.log = log
        self.watchdog: Watchdog | None = None
        self._stop_signal = stop_signal
        self._stop_patience_seconds = stop_patience_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServiceError(f"{self.name} isn't running")
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self, argv: Sequence[str], **popen_options: Any) -> None:  # noqa: ANN401
        assert not self.alive, f"{self.name} is already running"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        _rotate(self.log)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen[bytes](
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=server_environment(),
                **popen_options,
            )
        if self.watchdog is not None:
            patience_seconds = self._stop_patience_seconds
            self.watchdog.hold(self.pid, self._stop_signal, patience_seconds=patience_seconds)

    def log_since_spawn(self) -> str:
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace")

    def exited_within(self, seconds: float) -> bool:
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, signal_number: int | None = None) -> None:
        if self._process is not None:
            self._process.send_signal(signal_number or self._stop_signal)
            self.exited_within(self._stop_patience_seconds)
            self.kill()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self.watchdog is not None:
                self.watchdog.release(self._process.pid)
            self._process = None

    def stop_leftovers(self, argument: Path) -> None:
        """Stop what an earlier owner, since killed, started with this path as an argument."""
        for process in _started_with(argument):
            try:
                process.send_signal(self._stop_signal)
                if not _ended_within(process, self._stop_patience_seconds):
                    process.kill()
                    _ended_within(process, self._stop_patience_seconds)
            except psutil.NoSuchProcess:
                continue
            except psutil.AccessDenied as denied:
                raise ServiceError(
                    f"process {process.pid} of another user serves {argument}: stop it first"
                ) from denied


def server_environment() -> dict[str, str]:
    """A fixed language for the logs, and none of the caller's PG* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def free_port(remembered: Path) -> int:
    """The port of last time where it is still free, else another one, which is then remembered.

    It lies outside the range from which the kernel serves outgoing connections: a client that
    reconnects while the server is down could otherwise take the port, or reach itself.
    """
    candidates = [secrets.choice(_server_ports()) for _ in range(100)]
    with suppress(FileNotFoundError, ValueError):
        candidates.insert(0, int(remembered.read_text()))
    for port in candidates:
        if _is_free(port):
            remembered.write_text(str(port))
            return port
    raise ServiceError("no free TCP port found on 127.0.0.1")


def _started_with(argument: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(argument) in (process.info["cmdline"] or ()) and not _ended(process)
    ]


def _ended_within(process: psutil.Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not _ended(process):
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(POLL_SECONDS)
    return True


def _ended(process: psutil.Process) -> bool:
    """A zombie has ended: in a container nobody may ever collect it."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _server_ports() -> range:
    lowest, highest = SERVER_PORTS
    with suppress(OSError):
        outgoing_lowest = int(EPHEMERAL_PORTS.read_text().split()[0])
        highest = max(outgoing_lowest, 2 * lowest)
    return range(lowest, highest)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
