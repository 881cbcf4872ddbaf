"""How does a test change rows behind the back of everything that guards them?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def tampering(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody who may do anything and is stopped by nothing."""
    owner = await asyncpg.connect(database_url)
    try:
        await owner.execute("SET session_replication_role = replica")
        yield owner
    finally:
        await owner.close()
