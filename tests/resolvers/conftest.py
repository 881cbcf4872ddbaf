"""What do tests of the API begin with? The default programme, a stopped clock, somebody to ask."""

from collections.abc import AsyncIterator

import pytest

from domain.members.model import Member
from kit.clock import FrozenClock
from tests.support.api import Asking
from tests.support.world import a_member, published


@pytest.fixture
async def ask(database: str, time: FrozenClock) -> AsyncIterator[Asking]:
    """Everything is asked at the instant where `time` stands."""
    del time
    await published()
    asking = Asking(database)
    async with asking.client:
        yield asking


@pytest.fixture
async def ming(ask: Asking) -> Member:
    """A member of the programme that `ask` asks."""
    del ask
    return await a_member(external_id="customer-1", email="ming@example.com")
