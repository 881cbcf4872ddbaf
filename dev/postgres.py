"""How does the embedded PostgreSQL start, crash, restart and stop?

It listens on 127.0.0.1 alone, with a random password (SCRAM), and on no Unix socket: a URL with a
host and a port is what every client and tool understands, a socket would need a short path, would
outlive a SIGKILL, and the wheel's own way (no password on the socket) opens it to whoever gets in.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dev.places import POINTER, Place, home_of, place_for, programs_of_wheel
from dev.processes import Server, ServiceError, free_port, server_environment
from dev.watchdog import Watchdog

DATABASE = "accrue"
OWNER = "accrue"
START_SECONDS_MAX = 300
STOP_SECONDS_MAX = 30
INITDB_SECONDS_MAX = 120
POLL_SECONDS = 0.01
STATUS_LINE = 7

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1s",
    # Values of members stand in parameters and in details, such as `Key (email)=(…)`.
    "log_parameter_max_length": "0",
    "log_error_verbosity": "terse",
    "lc_messages": "C",
}
# The operating system survives the tests, so files need no fsync; a commit still reaches the
# kernel before it is answered, so that a killed server loses nothing here either.
QUICK_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "autovacuum_naptime": "10s",
}


class Postgres:
    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._data_dir = data_dir
        self._settings = SETTINGS if durable else SETTINGS | QUICK_SETTINGS
        self._sync = [] if durable else ["--no-sync"]
        self._server = Server(
            "PostgreSQL",
            data_dir / "log" / "postgres.log",
            stop_signal=signal.SIGINT,
            stop_patience_seconds=STOP_SECONDS_MAX,
        )
        self._place: Place | None = None
        self._port = 0

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return self._server.pid

    @property
    def alive(self) -> bool:
        return self._server.alive

    @property
    def url(self) -> str:
        password = (self._placed.home / "password").read_text().strip()
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{self._port}/{DATABASE}"

    @property
    def data(self) -> Path:
        """The cluster's own folder."""
        return self._placed.home / "data"

    @property
    def popen_options(self) -> dict[str, Any]:
        """How a process is started as the server's user."""
        return self._placed.account.popen_options

    def program(self, name: str) -> str:
        """Where one of PostgreSQL's programs is, as the server's user reaches it."""
        return self._placed.program(name)

    def start(self, watchdog: Watchdog | None = None) -> None:
        self._server.watchdog = watchdog
        self._place = place_for(self._data_dir)
        home = self._place.home
        self._server.stop_leftovers(self.data)
        if not self.data.exists():
            self._initialise()
        self._port = free_port(home / "port")
        self._launch()

    def stop(self, *, immediate: bool = False) -> None:
        """Stop at once: open transactions are rolled back; `immediate` skips the checkpoint too."""
        self._server.stop(signal.SIGQUIT if immediate else signal.SIGINT)

    def restart(self, *, immediate: bool = False) -> None:
        """The same server on the same port, after crash recovery where `immediate`."""
        self.stop(immediate=immediate)
        self._launch()

    def kill(self) -> None:
        """SIGKILL to the postmaster alone; its children notice and leave by themselves."""
        self._server.kill()

    def revive(self) -> None:
        """Start a stopped or killed server at the same address."""
        self._launch()

    def remove(self) -> None:
        """Delete the stopped database, wherever it is."""
        shutil.rmtree(home_of(self._data_dir), ignore_errors=True)
        (self._data_dir / POINTER).unlink(missing_ok=True)

    @property
    def _placed(self) -> Place:
        if self._place is None:
            raise ServiceError("PostgreSQL isn't running")
        return self._place

    def _launch(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._came_up(deadline):
            log = self._server.log_since_spawn()
            # Children of a killed postmaster may live on for a moment; data they hold stays closed.
            held = "pre-existing shared memory block" in log
            if not held or time.monotonic() > deadline:
                self._server.kill()
                raise ServiceError(f"PostgreSQL didn't start, see {self._server.log}:\n{log}")

    def _came_up(self, deadline: float) -> bool:
        data = self.data
        _mark_stale(data / "postmaster.pid")
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        self._server.spawn(
            [self.program("postgres"), "-D", str(data), f"--port={self._port}", *settings],
            **self.popen_options,
        )
        while time.monotonic() < deadline:
            if self._server.exited_within(POLL_SECONDS):
                return False
            if _status(data / "postmaster.pid", self.pid) == "ready":
                return True
        return False

    def _initialise(self) -> None:
        """Make the cluster beside its final place, so that a killed start leaves no half of one."""
        place = self._placed
        partial = place.home / "data-partial"
        shutil.rmtree(partial, ignore_errors=True)
        password = place.home / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        place.account.own(password)
        self._run(
            [
                self.program("initdb"),
                f"--pgdata={partial}",
                f"--username={OWNER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                *self._sync,
            ]
        )
        single_user = [self.program("postgres"), "--single", "-D", str(partial), "postgres"]
        self._run(single_user, f"CREATE DATABASE {DATABASE}\n")
        partial.rename(self.data)

    def _run(self, argv: list[str], text: str = "") -> None:
        done = subprocess.run(
            argv,
            input=text,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=INITDB_SECONDS_MAX,
            start_new_session=True,
            env=server_environment(),
            **self.popen_options,
        )
        if done.returncode != 0:
            raise ServiceError(f"{Path(argv[0]).name} failed:\n{done.stdout}{done.stderr}")


def psql(database_url: str, *statements: str) -> str:
    """Run each statement by itself with the wheel's psql; what they print, tab-separated."""
    url = urlsplit(database_url)
    commands = [part for statement in statements for part in ("-c", statement)]
    done = subprocess.run(
        [
            *(str(programs_of_wheel() / "bin" / "psql"), "-XAtq", "-F", "\t"),
            *("-v", "ON_ERROR_STOP=1", "-h", url.hostname or "", "-p", str(url.port)),
            *("-U", url.username or "", "-d", url.path.removeprefix("/"), *commands),
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        env=server_environment() | {"PGPASSWORD": url.password or ""},
    )
    if done.returncode != 0:
        raise ServiceError(f"psql failed: {done.stderr}")
    return done.stdout


def _status(pid_file: Path, pid: int) -> str:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return ""
    ours = len(lines) > STATUS_LINE and lines[0].strip() == str(pid)
    return lines[STATUS_LINE].strip() if ours else ""


def _mark_stale(pid_file: Path) -> None:
    """Put our own process id into a dead postmaster's file.

    PostgreSQL takes a file that names its parent for stale, even where the old number has been
    given to another process since. The rest of the file stays: it lets PostgreSQL refuse to start
    while children of the dead one still hold the data.
    """
    if pid_file.exists():
        _, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{os.getpid()}\n{rest}")
