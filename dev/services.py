"""Who runs PostgreSQL and Valkey for this data folder, and at which addresses?

The process that starts them owns them and holds a lock on the folder for as long as it lives; the
kernel lets go of it even after SIGKILL, so no process id on disk is ever believed. Other processes
read the addresses and attach.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from dev.postgres import Postgres
from dev.processes import ServiceError
from dev.valkey import Valkey
from dev.watchdog import Watchdog

POLL_SECONDS = 0.02
OWNER_WAIT_SECONDS = 5
ATTACH_WAIT_SECONDS = 120


class AlreadyRunning(ServiceError):
    """Another process owns the servers of this data folder."""


@dataclass(frozen=True)
class Endpoints:
    database_url: str
    redis_url: str


class Services:
    """The servers of one data folder; a URL that is given replaces the server of its kind."""

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        database_url: str | None = None,
        redis_url: str | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.postgres = Postgres(self.data_dir, durable=durable)
        self.valkey = Valkey(self.data_dir, durable=durable)
        self._database_url = database_url
        self._redis_url = redis_url
        self._ownership: ExitStack | None = None

    def start(self, *, wait_seconds: float = OWNER_WAIT_SECONDS) -> Endpoints:
        """Own the folder and start what isn't replaced; AlreadyRunning while another owns it."""
        self._make_folder()
        with ExitStack() as undo:
            undo.enter_context(self._own(wait_seconds))
            endpoints = self._start_servers(undo)
            self._ownership = undo.pop_all()
        return endpoints

    def stop(self) -> None:
        if self._ownership is not None:
            ownership, self._ownership = self._ownership, None
            ownership.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def endpoints(self) -> Endpoints | None:
        """The addresses while some process runs the servers, else None."""
        if not self._lock_file.exists():
            return None
        with self._lock_file.open() as lock:
            if _locked(lock, fcntl.LOCK_SH):
                return None
        return self._published()

    def running(self) -> bool:
        return self.endpoints() is not None

    @contextmanager
    def attach_or_start(self) -> Iterator[Endpoints]:
        """Use the running servers and leave them alone, or start them and stop them afterwards."""
        self._make_folder()
        deadline = time.monotonic() + ATTACH_WAIT_SECONDS
        with ExitStack() as held:
            while True:
                endpoints = self._attach(held) or self._start_briefly(held)
                if endpoints is not None:
                    break
                if time.monotonic() > deadline:
                    raise AlreadyRunning(f"the servers of {self.data_dir} don't come up")
                _pause()
            yield endpoints

    def remove(self) -> None:
        """Delete the data of stopped servers, also what lies outside the data folder."""
        assert self._ownership is None
        self.postgres.remove()
        self.valkey.remove()

    @property
    def _lock_file(self) -> Path:
        return self.data_dir / "services.lock"

    @property
    def _attachments_file(self) -> Path:
        return self.data_dir / "attachments.lock"

    @property
    def _endpoints_file(self) -> Path:
        return self.data_dir / "services.json"

    def _make_folder(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self._lock_file.touch()
            self._attachments_file.touch()
        except OSError as error:
            raise ServiceError(f"{self.data_dir} can't hold the data: {error.strerror}") from error

    def _published(self) -> Endpoints | None:
        try:
            return Endpoints(**json.loads(self._endpoints_file.read_text()))
        except FileNotFoundError:
            return None
        except PermissionError as denied:
            raise ServiceError(f"{self.data_dir} belongs to another user") from denied

    @contextmanager
    def _own(self, wait_seconds: float) -> Iterator[None]:
        deadline = time.monotonic() + wait_seconds
        with self._lock_file.open("a+") as lock:
            while not _locked(lock, fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    lock.seek(0)
                    raise AlreadyRunning(
                        f"process {lock.read().strip()} runs the servers of {self.data_dir}"
                    )
                _pause()
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            self._endpoints_file.unlink(missing_ok=True)
            yield

    def _start_servers(self, undo: ExitStack) -> Endpoints:
        watchdog = Watchdog()
        undo.callback(watchdog.close)
        database_url, redis_url = self._database_url, self._redis_url
        if database_url is None:
            undo.callback(self.postgres.stop)
            self.postgres.start(watchdog)
            database_url = self.postgres.url
        if redis_url is None:
            undo.callback(self.valkey.stop)
            self.valkey.start(watchdog)
            redis_url = self.valkey.url
        undo.callback(self._endpoints_file.unlink, missing_ok=True)
        endpoints = Endpoints(database_url, redis_url)
        self._publish(endpoints)
        return endpoints

    def _publish(self, endpoints: Endpoints) -> None:
        partial = self._endpoints_file.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(asdict(endpoints)))
        partial.replace(self._endpoints_file)

    def _attach(self, held: ExitStack) -> Endpoints | None:
        with ExitStack() as attachment:
            lock = attachment.enter_context(self._attachments_file.open("a"))
            if not _locked(lock, fcntl.LOCK_SH):
                return None
            endpoints = self.endpoints()
            if endpoints is not None:
                held.push(attachment.pop_all())
            return endpoints

    def _start_briefly(self, held: ExitStack) -> Endpoints | None:
        try:
            endpoints = self.start(wait_seconds=0)
        except AlreadyRunning:
            return None
        held.callback(self._stop_when_alone)
        return endpoints

    def _stop_when_alone(self) -> None:
        try:
            with self._attachments_file.open("a") as lock:
                while not _locked(lock, fcntl.LOCK_EX):
                    _pause()
                self.stop()
        finally:
            self.stop()


def _locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pause() -> None:
    threading.Event().wait(POLL_SECONDS)
