"""What is every test given? One start of the servers for a run, one database for a process."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from redis.asyncio import Redis

from db.connection import close_pool, open_pool
from db.migrate import migrate
from dev.services import Endpoints, Services
from domain.members.aliases import forget as forget_aliases
from domain.webhooks.steps import forget as forget_endpoints
from kit import clock
from kit.clock import FrozenClock
from tests.support.cleaning import Cleaner
from tests.support.services import TestRun, servers_folder
from tests.support.world import NOW

# Never a verdict by the clock; on CI the same examples every time.
settings.register_profile(
    "accrue",
    deadline=None,
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("accrue")

RUN = pytest.StashKey[TestRun]()
WORKER_INPUT = "accrue"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RUN] = TestRun(migrate)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """Under xdist the controller owns the servers, and tells each worker its addresses."""
    if node.config.args != ["tests/faults"]:  # they start their own
        node.workerinput[WORKER_INPUT] = asdict(node.config.stash[RUN].process())


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[RUN].end()


@pytest.fixture(scope="session")
def services(pytestconfig: pytest.Config) -> Endpoints:
    """The addresses of this process; the servers start when the first test asks for them."""
    worker_input = getattr(pytestconfig, "workerinput", None)
    if worker_input is None:
        return pytestconfig.stash[RUN].process()
    return Endpoints(**worker_input[WORKER_INPUT])


@pytest.fixture(scope="session")
def database_url(services: Endpoints) -> str:
    return services.database_url


@pytest.fixture(scope="session")
def redis_url(services: Endpoints) -> str:
    return services.redis_url


@pytest.fixture(scope="session")
async def open_database(database_url: str) -> AsyncIterator[Cleaner]:
    """The pool of this process. Ask for `database` instead: it cleans up."""
    cleaner = await Cleaner.connected(database_url)
    await open_pool(database_url)
    yield cleaner
    await close_pool()
    await cleaner.close()


@pytest.fixture
async def database(open_database: Cleaner, database_url: str) -> AsyncIterator[str]:
    """An open pool on an empty database, emptied again afterwards; its URL."""
    yield database_url
    await open_database.clean()
    forget_endpoints()
    forget_aliases()


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    """The clock stands at NOW until the test moves it."""
    with clock.frozen(NOW) as frozen:
        yield frozen


@pytest.fixture
async def valkey(redis_url: str) -> AsyncIterator[Redis]:
    """A client of this process's own Valkey database, emptied afterwards."""
    async with Redis.from_url(redis_url) as client:
        yield client
        await client.flushdb()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for servers of the test's own, removed with all that they left."""
    with servers_folder() as folder:
        yield folder


@pytest.fixture
def own_services(data_dir: Path) -> Iterator[Services]:
    """Servers that the test may kill, stop and flush."""
    with Services(data_dir, durable=False) as services:
        yield services
