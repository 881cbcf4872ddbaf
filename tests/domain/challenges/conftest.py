"""What do tests of challenges stand on? An empty database; each publishes its own contest."""

from collections.abc import Iterator

import pytest

from domain.challenges import boards


@pytest.fixture(autouse=True)
def _no_cache(database: str) -> Iterator[None]:
    assert database
    boards.use(None)
    yield
    boards.use(None)
