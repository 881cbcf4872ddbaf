"""How does Tortoise learn of tables that SQL made? It reads them from the migration's own SQL.

Tortoise can't say composite keys, checks, partial indexes or triggers, and drops what it can't say
without a word. So a migration's SQL is what runs, and the models that `makemigrations` compares
with are taken from its CREATE TABLE statements, one column a line, and from each
`ALTER TABLE … ADD COLUMN …;` and `… ALTER COLUMN … DROP NOT NULL;` on a line of its own.
"""

import re
from collections.abc import Callable, Iterator

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import Field
from tortoise.migrations.operations import CreateModel, RunSQL
from tortoise.migrations.schema_generator.state import ModelState, State

from db.models.fields import TextKey

_TABLE = re.compile(r"^CREATE TABLE (\w+) \(\n(.*?)^\);", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^ {4}([a-z]\w*) ([a-z]+(?:\[\])?)(.*)$", re.MULTILINE)
_ADDED = re.compile(
    r"^ALTER TABLE (\w+) ADD COLUMN ([a-z]\w*) ([a-z]+(?:\[\])?)(.*);$", re.MULTILINE
)
_FREED = re.compile(r"^ALTER TABLE (\w+) ALTER COLUMN ([a-z]\w*) DROP NOT NULL;$", re.MULTILINE)
_KEY = re.compile(r"^ {4}PRIMARY KEY \((?:\w+, )*(\w+)\)", re.MULTILINE)
_FIELDS: dict[str, Callable[..., Field]] = {
    "bigint": fields.BigIntField,
    "boolean": fields.BooleanField,
    "date": fields.DateField,
    "integer": fields.IntField,
    "jsonb": fields.JSONField,
    "text": fields.TextField,
    "text[]": lambda **options: ArrayField("text", **options),
    "timestamptz": fields.DatetimeField,
    "uuid": fields.UUIDField,
}


class RunTables(RunSQL):
    """Runs a script, and tells the state of the models which tables it makes."""

    def state_forward(self, app_label: str, state: State) -> None:
        """Tortoise's own operations would build every model anew for each table and column."""
        changed: set[tuple[str, str]] = set()
        for table, body in _TABLE.findall(self.sql):
            key = (app_label, _model(table))
            assert key not in state.models, f"{table} is made twice"
            options = {"table": table, "app": app_label}
            made = CreateModel(_model(table), list(_columns(body)), options).model
            state.models[key] = ModelState.make_from_model(app_label, made)
            changed.add(key)
        for table, name, kind, rest in _ADDED.findall(self.sql):
            key = (app_label, _model(table))
            assert name not in state.models[key].fields, f"{table}.{name} is added twice"
            state.models[key].fields[name] = _field(kind, rest)
            changed.add(key)
        for table, name in _FREED.findall(self.sql):
            key = (app_label, _model(table))
            state.models[key].fields[name] = type(state.models[key].fields[name])(null=True)
            changed.add(key)
        if changed:
            state.reload_models(changed)


def _model(table: str) -> str:
    return table.title().replace("_", "")


def _columns(body: str) -> Iterator[tuple[str, Field]]:
    """The field of each column; the last one of the key stands for the whole key."""
    named = _KEY.search(body)
    for name, kind, rest in _COLUMN.findall(body):
        if "PRIMARY KEY" in rest or (named and name == named[1]):
            yield name, _key(kind)
        else:
            yield name, _field(kind, rest)


def _field(kind: str, rest: str) -> Field:
    return _FIELDS[kind](**({} if "NOT NULL" in rest else {"null": True}))


def _key(kind: str) -> Field:
    if kind == "text":
        return TextKey(primary_key=True)
    if kind in {"integer", "bigint"}:
        return _FIELDS[kind](primary_key=True, generated=False)
    return _FIELDS[kind](primary_key=True, default=None)
