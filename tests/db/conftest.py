"""What do the tests of the tables stand on? Databases of their own, beside the shared one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from db.migrate import migrate
from kit.ids import new_id
from tests.support.services import with_path


@asynccontextmanager
async def made(database_url: str) -> AsyncIterator[str]:
    """A new, empty database in the same cluster; its URL."""
    name = f"accrue_{new_id().hex}"
    server = await asyncpg.connect(database_url)
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield with_path(database_url, name)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[str]:
    async with made(database_url) as url:
        yield url


@pytest.fixture(scope="session")
async def migrated_database(database_url: str) -> AsyncIterator[str]:
    """Migrated by itself, and left as it was by every test that uses it."""
    async with made(database_url) as url:
        await migrate(url)
        yield url


@pytest.fixture
async def owner(migrated_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner of the tables, in a transaction that is rolled back."""
    connection = await asyncpg.connect(migrated_database)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture
async def application(owner: asyncpg.Connection) -> asyncpg.Connection:
    """The same connection with the rights of the application."""
    await owner.execute("SET LOCAL ROLE accrue_app")
    return owner
