"""What do tests of webhooks begin with? The default programme, and a shop that listens."""

from collections.abc import AsyncIterator

import pytest

from tests.support.hooks import Receiver, a_receiver, posting_by
from tests.support.world import published
from workers.posting import Poster


@pytest.fixture(autouse=True)
async def programme(database: str):
    del database
    return await published()


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    """A receiver on the loopback, which may be told."""
    async with a_receiver() as receiver, posting_by(Poster(allows_private=True)):
        yield receiver
