"""What do tests of referrals stand on? An empty database with the default programme."""

import pytest

from domain.programme.model import Programme
from tests.support.world import published


@pytest.fixture
async def programme(database: str) -> Programme:
    assert database
    return await published()
