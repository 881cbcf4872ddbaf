"""How does a test run Accrue's processes, and how does it kill, stop and revive them?"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from dev.processes import free_port
from dev.watchdog import Watchdog
from tests.support.processes import ROOT

ORPHAN_SECONDS_MAX = 2
KILLED_SECONDS_MAX = 10
LOG_LETTERS_MAX = 4_000
CLI = ("-m", "app.cli")


@dataclass
class Ship:
    """A process of a fleet: what it runs, and as what it runs now."""

    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes]


class Fleet:
    """Processes of one data folder, known by their names; none outlives the test's own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
        self._ships: dict[str, Ship] = {}
        self._watchdog = Watchdog()
        self.api_port = free_port(folder / "api.port")

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    def start_api(self) -> None:
        self.start("api", *CLI, "api", "--port", str(self.api_port))

    def start_worker(self, name: str = "worker") -> None:
        self.start(name, *CLI, "worker")

    def start_relay(self) -> None:
        self.start("relay", *CLI, "relay")

    def start(self, name: str, *arguments: str) -> None:
        """Run Python with these arguments in the project's root, which has the code under test."""
        log = self._folder / f"{name}.log"
        command = (sys.executable, *arguments)
        self._ships[name] = Ship(command, log, self._spawned(command, log))

    def restart(self, name: str) -> None:
        """Start a process that has ended once more, as a supervisor does."""
        ship = self._ships[name]
        assert ship.process.poll() is not None, f"{name} is alive"
        ship.process = self._spawned(ship.command, ship.log)

    def pid(self, name: str) -> int:
        return self._ships[name].process.pid

    def log(self, name: str) -> str:
        """What the process has said, in all its lives."""
        return self._ships[name].log.read_text(errors="replace")

    def ended(self, name: str) -> int | None:
        """The exit code, None while it lives."""
        return self._ships[name].process.poll()

    def rss_bytes(self, name: str) -> int:
        return psutil.Process(self.pid(name)).memory_info().rss

    def kill(self, name: str) -> None:
        """SIGKILL."""
        process = self._ships[name].process
        process.kill()
        process.wait(KILLED_SECONDS_MAX)
        self._watchdog.release(process.pid)

    def pause(self, name: str) -> None:
        """SIGSTOP; returns when the process stands still."""
        os.kill(self.pid(name), signal.SIGSTOP)
        _, status = os.waitpid(self.pid(name), os.WUNTRACED)
        assert os.WIFSTOPPED(status)

    def resume(self, name: str) -> None:
        os.kill(self.pid(name), signal.SIGCONT)

    def tell_to_end(self, *names: str) -> None:
        """SIGTERM to the whole group of each."""
        for name in names:
            os.killpg(self.pid(name), signal.SIGTERM)

    def wait(self, *names: str, seconds_max: float) -> float:
        """Until they have ended; how many seconds that took."""
        begun = time.monotonic()
        for name in names:
            process = self._ships[name].process
            process.wait(max(0.0, begun + seconds_max - time.monotonic()))
            self._watchdog.release(process.pid)
        return time.monotonic() - begun

    def close(self) -> None:
        for name in self._ships:
            with suppress(ProcessLookupError):
                self.kill(name)
        self._watchdog.close()

    def print_logs(self) -> None:
        """The ends of all logs; a failed test shows them."""
        for name in self._ships:
            print(f"--- {name}", self.log(name)[-LOG_LETTERS_MAX:], sep="\n")  # noqa: T201

    def _spawned(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watchdog.hold(process.pid, signal.SIGKILL, patience_seconds=ORPHAN_SECONDS_MAX)
        return process
