"""Do the migrations come up whole, once, together, and back down?"""

import asyncio

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from db.config import credentials
from db.migrate import LOCK, head, migrate, names, pending, unmigrate
from dev.postgres import psql
from dev.services import Services
from tests.db.catalogue import described_at
from tests.support.services import with_path

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
RECORDED = "SELECT name FROM tortoise_migrations ORDER BY id"
RECORDS = """
    CREATE TABLE tortoise_migrations (
        id serial PRIMARY KEY, app text NOT NULL, name text NOT NULL,
        applied_at timestamptz NOT NULL,
        UNIQUE (app, name), CONSTRAINT full_disk CHECK (name <> '0001_initial')
    )"""


async def test_an_empty_database_lacks_every_migration(empty_database: str):
    assert await pending(empty_database) == names()
    assert head() == names()[-1]


async def test_a_migrated_database_lacks_none_and_says_so_to_the_application(
    application: asyncpg.Connection,
):
    assert await pending(application) == []
    assert [row["name"] for row in await application.fetch(RECORDED)] == names()


async def test_migrating_again_changes_nothing(empty_database: str):
    await migrate(empty_database)
    once = await described_at(empty_database)
    await migrate(empty_database)
    assert await described_at(empty_database) == once


async def test_three_migrations_at_once_are_one(empty_database: str, migrated_database: str):
    await asyncio.gather(*(migrate(empty_database) for _ in range(3)))
    assert psql(empty_database, RECORDED).split() == names()
    assert await described_at(empty_database) == await described_at(migrated_database)


async def test_a_migration_that_can_not_be_recorded_leaves_no_table_behind(empty_database: str):
    psql(empty_database, RECORDS)
    with pytest.raises(IntegrityError, match="full_disk"):
        await migrate(empty_database)
    assert psql(empty_database, TABLES).strip() == "1"
    assert await pending(empty_database) == names()
    psql(empty_database, "ALTER TABLE tortoise_migrations DROP CONSTRAINT full_disk")
    await migrate(empty_database)
    assert await pending(empty_database) == []


async def test_a_migration_that_fails_halfway_leaves_nothing_behind(empty_database: str):
    psql(empty_database, "CREATE TABLE wallet (taken text)")
    with pytest.raises(OperationalError, match='"wallet" already exists'):
        await migrate(empty_database)
    assert psql(empty_database, TABLES).strip() == "1"


async def test_a_migration_waits_for_another_process_and_not_for_its_corpse(empty_database: str):
    first = await asyncpg.connect(**credentials(empty_database))
    await first.execute("SELECT pg_advisory_lock($1)", LOCK)
    waiting = asyncio.create_task(migrate(empty_database))
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not done
    first.terminate()
    await asyncio.wait_for(waiting, 20)
    assert await pending(empty_database) == []


async def test_up_down_and_up_again_is_the_same(empty_database: str, migrated_database: str):
    await migrate(empty_database)
    await unmigrate(empty_database)
    assert await pending(empty_database) == names()
    assert psql(empty_database, TABLES).strip() == "1"
    await migrate(empty_database)
    assert await described_at(empty_database) == await described_at(migrated_database)


async def test_databases_of_one_new_cluster_are_migrated_at_once(own_services: Services):
    """The application's role is the cluster's: all of them want to make it."""
    url = own_services.postgres.url
    databases = [f"shop_{number}" for number in range(4)]
    psql(url, *(f"CREATE DATABASE {name}" for name in databases))
    urls = [with_path(url, name) for name in databases]
    await asyncio.gather(*(migrate(each) for each in urls for _ in range(2)))
    assert [await pending(each) for each in urls] == [[]] * 4
    assert len({await described_at(each) for each in urls}) == 1


@pytest.mark.parametrize("attributes", ["CREATEROLE", "NOCREATEROLE IN ROLE accrue_app"])
async def test_an_owner_who_is_no_superuser_migrates(own_services: Services, attributes: str):
    """Without the right to make roles, an administrator made and granted accrue_app beforehand."""
    url = own_services.postgres.url
    if "IN ROLE" in attributes:
        psql(url, "CREATE ROLE accrue_app NOLOGIN")
    psql(url, f"CREATE ROLE shop LOGIN PASSWORD 'known' {attributes}")
    psql(url, "CREATE DATABASE shop OWNER shop")
    at = credentials(with_path(url, "shop"))
    shop_url = f"postgresql://shop:known@{at['host']}:{at['port']}/shop"
    await migrate(shop_url)
    application = await asyncpg.connect(shop_url, server_settings={"role": "accrue_app"})
    assert await pending(application) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute("DELETE FROM decision")
    await application.close()
