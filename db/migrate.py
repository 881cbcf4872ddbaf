"""How do the tables come up to date? By Tortoise's migrations, one process at a time, each whole.

Tortoise takes no lock and writes "applied" after the transaction that changed the tables, so that a
crash in between would leave a database that can't be migrated. Here a migration and its row are one
transaction, under an advisory lock that other processes wait for. The lock belongs to a connection
of its own: it is freed when the process dies, however it dies.
"""

from pkgutil import iter_modules
from typing import Protocol

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.transactions import in_transaction

from db import migrations
from db.config import APP, credentials, tortoise_config

LOCK = 4_922_370_015_183_211_009  # any number, the same in every release
_APPLIED = "SELECT name FROM tortoise_migrations WHERE app = $1"
_RECORDED = "SELECT to_regclass('tortoise_migrations') IS NOT NULL"
# A table that stays busy for longer fails the migration, which can be run again; it must not queue
# every reader behind it.
_SESSION = {"lock_timeout": "10000", "statement_timeout": "0", "timezone": "UTC"}


class Source(Protocol):
    """What `pending` asks of a transaction or connection."""

    async def fetch(self, sql: str, /, *args: object) -> list[asyncpg.Record]: ...


def names() -> list[str]:
    """Every migration of this release, in order."""
    return sorted(
        module.name for module in iter_modules(migrations.__path__) if module.name[:1].isdigit()
    )


def head() -> str:
    """The migration that this release needs."""
    return names()[-1]


async def pending(source: str | Source) -> list[str]:
    """Migrations of this release that the database (its URL, or a connection to it) lacks."""
    if isinstance(source, str):
        connection = await asyncpg.connect(**credentials(source))
        try:
            return await pending(connection)
        finally:
            await connection.close()
    recorded = (await source.fetch(_RECORDED))[0][0]
    applied = {row["name"] for row in await source.fetch(_APPLIED, APP)} if recorded else set()
    return [name for name in names() if name not in applied]


async def migrate(database_url: str) -> None:
    """Apply what is pending, as the owner of the tables; several processes may run it at once."""
    lock = await _locked(database_url)
    try:
        await _run(database_url, await pending(lock))
    finally:
        await lock.close()


async def unmigrate(database_url: str) -> None:
    """Undo every migration and with it drop every row; for development."""
    lock = await _locked(database_url)
    try:
        await _run(database_url, ["__first__"])
    finally:
        await lock.close()


async def _locked(database_url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(**credentials(database_url))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _run(database_url: str, targets: list[str]) -> None:
    """Go from one target to the next, each in a transaction."""
    config = tortoise_config(database_url, minsize=1, maxsize=1, server_settings=_SESSION)
    state: State | None = None
    async with TortoiseContext() as context:
        await context.init(config=config)
        for target in targets:
            async with in_transaction("default") as transaction:
                await _prepare(transaction)
                executor = _Executor(transaction, config["apps"], state)
                await executor.migrate([MigrationTarget(APP, target)])
                state = executor.state


async def _prepare(transaction: BaseDBAsyncClient) -> None:
    editor = AsyncpgSchemaEditor(transaction, atomic=False)
    await MigrationRecorder(transaction).ensure_schema(editor)


class _Executor(MigrationExecutor):
    """Goes on with the models as the migration before it left them.

    Tortoise's own works them out of all earlier migrations again for each one.
    """

    def __init__(
        self, connection: BaseDBAsyncClient, apps: dict[str, dict], state: State | None
    ) -> None:
        super().__init__(connection, apps)
        self.state = state

    async def _project_state(
        self, applied: set[MigrationKey], *, upto: MigrationKey | None = None
    ) -> State:
        if self.state is None:
            self.state = await super()._project_state(applied, upto=upto)
        return self.state
