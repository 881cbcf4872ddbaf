"""What do tests of notifications stand on? The default programme, and nobody who carries."""

from collections.abc import Iterator

import pytest

from domain.notifications.model import Outbox
from domain.programme.model import Programme
from tests.support.world import published
from workers import notifications


@pytest.fixture
async def programme(database: str) -> Programme:
    assert database
    return await published()


@pytest.fixture(autouse=True)
def _no_providers() -> Iterator[None]:
    notifications.use(Outbox({}))
    yield
    notifications.use(Outbox({}))
