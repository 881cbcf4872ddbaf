"""What does every fault test have? Servers and processes of its own, and the shop's view of them.

`make test-faults` runs these tests by themselves: this process's pool is that of their servers.
"""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest

from db import connection
from db.connection import close_pool, open_pool
from db.migrate import migrate
from dev.services import Services
from tests.support.faults import SECRET, Client, ready, token, until
from tests.support.fleet import Fleet
from tests.support.world import published

API_SECONDS_MAX = 60
FIGURES = pytest.StashKey[dict[str, dict[str, float]]]()


@pytest.fixture
async def shop(own_services: Services) -> AsyncIterator[Services]:
    """Servers that a test may harm; the default programme is in force there."""
    assert connection._state.client is None, "run the fault tests by themselves: make test-faults"
    await migrate(own_services.postgres.url)
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
def measured(request: pytest.FixtureRequest) -> Iterator[dict[str, float]]:
    """Figures to be told at the end of the run; the test fails by its own assertions."""
    figures: dict[str, float] = {}
    yield figures
    request.config.stash.setdefault(FIGURES, {})[request.node.name] = figures


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for test, figures in config.stash.get(FIGURES, {}).items():
        told = ", ".join(f"{name} {figure:.2f}" for name, figure in figures.items())
        terminalreporter.write_line(f"{test}: {told}")
