"""What do tests of the application begin with? Somebody to ask, and a server to watch through."""

from collections.abc import AsyncIterator

import pytest

from tests.support.api import Asking
from tests.support.sockets import served
from tests.support.world import published
from workers.broker import make_client


@pytest.fixture
def origins() -> str:
    """Of pages elsewhere that may open a WebSocket."""
    return ""


@pytest.fixture
async def ask(database: str, origins: str) -> AsyncIterator[Asking]:
    """With the default programme."""
    await published()
    asking = Asking(database, live_origins=origins)
    async with asking.client:
        yield asking


@pytest.fixture
async def url(ask: Asking, redis_url: str) -> AsyncIterator[str]:
    """The address of the sockets of what `ask` asks, behind a real server."""
    async with make_client(redis_url) as valkey, served(ask, valkey) as found:
        yield found
