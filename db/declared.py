"""How does Tortoise learn of tables that SQL made? It reads them from the migration's own SQL.

Tortoise can't say composite keys, checks, partial indexes or triggers, and drops what it can't say
without a word. So a migration's SQL is what runs, and the models that `makemigrations` compares
with are taken from its CREATE TABLE statements, one column a line, and from each
`ALTER TABLE … ADD COLUMN …;` on a line of its own.
"""

import re
from collections.abc import Callable, Iterator

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import Field
from tortoise.migrations.operations import AddField, CreateModel, RunSQL
from tortoise.migrations.schema_generator.state import State

from db.models.fields import TextKey

_TABLE = re.compile(r"^CREATE TABLE (\w+) \(\n(.*?)^\);", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^ {4}([a-z]\w*) ([a-z]+(?:\[\])?)(.*)$", re.MULTILINE)
_ADDED = re.compile(
    r"^ALTER TABLE (\w+) ADD COLUMN ([a-z]\w*) ([a-z]+(?:\[\])?)(.*);$", re.MULTILINE
)
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
        for table, body in _TABLE.findall(self.sql):
            options = {"table": table, "app": app_label}
            model = CreateModel(_model(table), list(_columns(body)), options)
            model.state_forward(app_label, state)
        for table, name, kind, rest in _ADDED.findall(self.sql):
            column = AddField(_model(table), name, _field(kind, rest))
            column.state_forward(app_label, state)


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
