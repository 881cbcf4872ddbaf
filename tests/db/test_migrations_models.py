"""Do the models, the migrations and the tables say the same?"""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

import db.models
from db.config import APP, tortoise_config

MODELS = {getattr(db.models, name) for name in db.models.__all__}
RECORDS = "tortoise_migrations"
COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum"""
KEYS = """
    SELECT conrelid::regclass::text, a.attname
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid
        AND a.attnum = c.conkey[array_length(c.conkey, 1)]
    WHERE c.connamespace = 'public'::regnamespace AND c.contype = 'p'"""
TYPES = {
    "BIGINT": "bigint",
    "BOOL": "boolean",
    "DATE": "date",
    "INT": "integer",
    "JSONB": "jsonb",
    "TEXT": "text",
    "TEXT[]": "text[]",
    "TIMESTAMPTZ": "timestamp with time zone",
    "UUID": "uuid",
}
Columns = dict[str, list[tuple[str, str, bool]]]


@pytest.fixture
async def context(migrated_database: str) -> AsyncIterator[TortoiseContext]:
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(migrated_database, maxsize=1))
        yield context


async def test_makemigrations_finds_nothing_to_do(context: TortoiseContext):
    assert context.apps is not None
    changes = await MigrationAutodetector(
        context.apps, tortoise_config("postgres:///_")["apps"]
    ).changes()
    assert [writer.as_string() for writer in changes] == []


async def test_makemigrations_notices_a_table_that_no_migration_makes(context: TortoiseContext):
    class Forgotten(Model):
        class Meta(Model.Meta):
            table = "forgotten"

    assert context.apps is not None
    context.apps.apps[APP]["Forgotten"] = Forgotten
    config = tortoise_config("postgres:///_")["apps"]
    (change,) = await MigrationAutodetector(context.apps, config).changes()
    assert [operation.describe() for operation in change.operations] == ["Create model Forgotten"]


async def test_every_column_has_its_field_in_the_same_order_and_of_the_same_type(
    owner: asyncpg.Connection,
):
    in_database: Columns = {}
    for table, *column in await owner.fetch(COLUMNS):
        in_database.setdefault(table, []).append(tuple(column))
    del in_database[RECORDS]
    assert {model._meta.db_table: _columns(model) for model in MODELS} == in_database


async def test_the_key_of_a_model_is_the_last_column_of_the_key_of_its_table(
    owner: asyncpg.Connection,
):
    keys = dict(await owner.fetch(KEYS))
    del keys[RECORDS]
    assert {model._meta.db_table: model._meta.pk_attr for model in MODELS} == keys


@pytest.mark.usefixtures("context")
async def test_every_model_reads_its_table():
    empty = MODELS - {db.models.Movable}
    assert [await model.all().limit(1) for model in empty] == [[]] * len(empty)
    assert await db.models.Movable.filter(name="purchase").count() == 1


def _columns(model: type[Model]) -> list[tuple[str, str, bool]]:
    fields = model._meta.fields_map
    return [
        (name, TYPES[field.get_for_dialect("postgres", "SQL_TYPE")], not field.null)
        for name, field in fields.items()
        if name != "pk"
    ]
