"""Which servers and which database does a test process use? One start for a whole run."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dev.places import home_of, place_for
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
        self._endpoints: Endpoints | None = None
        self._undo = ExitStack()
        self._processes = 0

    def process(self) -> Endpoints:
        """A migrated, empty database and a Valkey database of one's own."""
        endpoints = self._endpoints or self._start()
        number = self._processes
        assert number < DATABASES, "Valkey has too few databases for so many test processes"
        self._processes += 1
        name = f"accrue_{number}"
        psql(endpoints.database_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return Endpoints(
            with_path(endpoints.database_url, name),
            with_path(endpoints.redis_url, str(number)),
        )

    def end(self) -> None:
        self._undo.close()

    def _start(self) -> Endpoints:
        with ExitStack() as undo:
            folder = undo.enter_context(servers_folder())
            services = Services(folder, durable=False)
            undo.callback(services.stop)
            endpoints = services.start()
            psql(endpoints.database_url, f"CREATE DATABASE {TEMPLATE}")
            template_url = with_path(endpoints.database_url, TEMPLATE)
            with ThreadPoolExecutor(1) as apart:  # from the event loop of the tests
                apart.submit(asyncio.run, self._migrate(template_url)).result()
            self._endpoints, self._undo = endpoints, undo.pop_all()
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
    try:
        yield folder
    finally:
        Services(folder).remove()
        shutil.rmtree(folder)


def copy_database(source: Path, target: Path) -> None:
    """Give a folder that has none the stopped PostgreSQL of another: faster than making one."""
    place_for(target)  # makes its home, which belongs to whom the server runs as
    for name in ("data", "password"):
        subprocess.run(["/bin/cp", "-a", home_of(source) / name, home_of(target)], check=True)


def with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))
