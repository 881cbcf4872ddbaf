"""What do tests of badges stand on? An empty database with the default programme's badges."""

import pytest

from tests.support.programmes import in_force
from tests.support.world import whole_programme


@pytest.fixture(autouse=True)
async def _programme(database: str) -> None:
    assert database
    await in_force(badges=whole_programme().document()["badges"])
