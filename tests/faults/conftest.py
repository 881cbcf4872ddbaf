"""What does every fault test have? Servers and processes of its own, and the shop's view of them.

`make test-faults` runs these tests by themselves: this process's pool is that of their servers.
"""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from db import connection
from db.connection import close_pool, open_pool
from db.migrate import migrate
from dev.services import Services
from tests.support.faults import SECRET, Client, ready, token, until
from tests.support.fleet import Fleet
from tests.support.services import copy_database, servers_folder
from tests.support.world import published

API_SECONDS_MAX = 60
FIGURES = "figures"


@pytest.fixture(scope="session")
async def migrated() -> AsyncIterator[Path]:
    """The folder of stopped servers with empty tables, for copies."""
    with servers_folder() as folder:
        with Services(folder, durable=False) as services:
            await migrate(services.postgres.url)
        yield folder


@pytest.fixture
async def shop(migrated: Path, data_dir: Path) -> AsyncIterator[Services]:
    """Servers that a test may harm; the default programme is in force there."""
    assert connection._state.client is None, "run the fault tests by themselves: make test-faults"
    copy_database(migrated, data_dir)
    with Services(data_dir, durable=False) as own_services:
        await open_pool(own_services.postgres.url)
        await published()
        yield own_services
        await close_pool()


@pytest.fixture
def fleet(shop: Services, data_dir: Path) -> Iterator[Fleet]:
    """No process yet; those that a test starts end with it."""
    made = Fleet(
        data_dir,
        {
            "DATABASE_URL": shop.postgres.url,
            "REDIS_URL": shop.valkey.url,
            "ACCRUE_SECRET": SECRET,
            "ACCRUE_DATA_DIR": str(data_dir / "processes"),
            "ACCRUE_LOG_JSON": "true",
        },
    )
    yield made
    made.close()
    made.print_logs()


@pytest.fixture
async def api(fleet: Fleet) -> str:
    """The address of an API that answers."""
    fleet.start_api()
    async with Client(fleet.api_url, token("service", "probe")) as probe:
        await until(lambda: ready(probe), API_SECONDS_MAX, what="the API is ready")
    return fleet.api_url


@pytest.fixture
async def service(api: str) -> AsyncIterator[Client]:
    """The shop, asking the API."""
    async with Client(api, token("service", "shop")) as client:
        yield client


@pytest.fixture
def chance() -> Random:
    """Where everything random in the test comes from; ACCRUE_SEED repeats a run that failed."""
    seed = int(os.environ.get("ACCRUE_SEED") or secrets.randbelow(2**32))
    print(f"ACCRUE_SEED={seed}")  # noqa: T201  shown where the test fails
    return Random(seed)  # noqa: S311  it has to be repeatable


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Iterator[dict[str, float]]:
    """Figures to be told at the end of the run; the test fails by its own assertions."""
    figures: dict[str, float] = {}
    yield figures
    record_property(FIGURES, figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Reports come from whichever process ran the test."""
    for report in terminalreporter.getreports(""):
        for name, figures in report.user_properties:
            if report.when == "teardown" and name == FIGURES:
                told = ", ".join(f"{name} {figure:.2f}" for name, figure in figures.items())
                terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {told}")
