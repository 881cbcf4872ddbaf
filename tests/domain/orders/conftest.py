"""What do tests of orders stand on? The default programme, in force."""

import pytest

from tests.support.world import published


@pytest.fixture(autouse=True)
async def programme(database):  # noqa: ARG001  the rows go into it
    return await published()
