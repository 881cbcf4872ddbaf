"""Which servers and which database does a test process use? One start for a whole run."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dev.postgres import psql
from dev.services import Endpoints, Services
from dev.valkey import DATABASES

TEMPLATE = "accrue_template"
Migrate = Callable[[str], Coroutine[None, None, None]]


class TestRun:
    """The servers of one run, in a folder that goes when it ends; a database for each process."""

    __test__ = False

    def __init__(self, migrate: Migrate) -> None:
        self._migrate = migrate
        self._folder: Path | None = None
        self._services: Services | None = None
        self._endpoints: Endpoints | None = None
        self._processes = 0

    def process(self) -> Endpoints:
        """A migrated, empty database and a Valkey database of one's own."""
        if self._endpoints is None:
            self._endpoints = self._start()
        number = self._processes
        assert number < DATABASES, "Valkey has too few databases for so many test processes"
        self._processes += 1
        name = f"accrue_{number}"
        psql(self._endpoints.database_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return Endpoints(
            with_path(self._endpoints.database_url, name),
            with_path(self._endpoints.redis_url, str(number)),
        )

    def end(self) -> None:
        if self._services is not None:
            self._services.stop()
            self._services.remove()
        if self._folder is not None:
            shutil.rmtree(self._folder)

    def _start(self) -> Endpoints:
        self._folder = open_folder()
        self._services = Services(self._folder, durable=False)
        endpoints = self._services.start()
        psql(endpoints.database_url, f"CREATE DATABASE {TEMPLATE}")
        template_url = with_path(endpoints.database_url, TEMPLATE)
        with ThreadPoolExecutor(1) as apart_from_the_loop_of_the_tests:
            apart_from_the_loop_of_the_tests.submit(
                asyncio.run, self._migrate(template_url)
            ).result()
        return endpoints


def open_folder() -> Path:
    """A temporary folder that an unprivileged PostgreSQL may enter when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="accrue-test-"))
    folder.chmod(0o755)
    return folder


@contextmanager
def servers_folder() -> Iterator[Path]:
    """A data folder; removed in the end with all that its servers left, here or elsewhere."""
    folder = open_folder()
    yield folder
    Services(folder).remove()
    shutil.rmtree(folder)


def with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))
