"""How are plain values shown fast? Attributes that are scalars skip the executor's machinery.

Most fields of an answer are attributes of plain data. For these the general path builds a resolve
info, looks for arguments, awaitables and errors, and finds nothing; here they are read and written
in one step. Whatever isn't that plain, or fails, takes the general path, which knows how to say
so: the answers are the same.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, cast

from graphql import GraphQLField, GraphQLNonNull, GraphQLObjectType, GraphQLScalarType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField


class Plain(NamedTuple):
    """An attribute that is shown as `write` says."""

    attribute: str
    write: Callable[[Any], object]
    is_nullable: bool


_Plan = list[tuple[str, Plain | None]]
_Fields = dict[str, Any]
"""By response name, what is asked for there; graphql-core calls it a grouped field set."""

_known: dict[int, tuple[GraphQLField, Plain | None]] = {}
"""By identity; the fields live as long as the process."""


class PlainExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor with a short way for attributes that are scalars."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  the base's own
        super().__init__(*args, **options)
        self._plans: dict[int, tuple[_Fields, _Plan]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: object,
        path: Any,  # noqa: ANN401  the base's own
        grouped_field_set: _Fields,
        position_context: Any,  # noqa: ANN401  the base's own
    ) -> Any:  # noqa: ANN401  a dictionary or what will be one
        results: _Fields = {}
        others: _Fields = {}
        for name, plain in self._plan(parent_type, grouped_field_set):
            value = None if plain is None else _shown(source_value, plain)
            results[name] = value
            if value is None and (plain is None or not _is_null(source_value, plain)):
                others[name] = grouped_field_set[name]
        if not others:
            return results
        found: Any = super().execute_fields(
            parent_type, source_value, path, others, position_context
        )
        if not isinstance(found, dict):
            return _merged(results, found)
        results.update(cast("_Fields", found))
        return results

    def _plan(self, parent_type: GraphQLObjectType, fields: _Fields) -> _Plan:
        """Kept with its fields, whose id could else become another's."""
        found = self._plans.get(id(fields))
        if found is None:
            plan = [
                (name, _plain(parent_type, details[0].node.name.value))
                for name, details in fields.items()
            ]
            found = self._plans[id(fields)] = (fields, plan)
        return found[1]


async def _merged(results: _Fields, others: Awaitable[_Fields]) -> _Fields:
    results.update(await others)
    return results


def _shown(source: object, plain: Plain) -> object:
    """None where there is nothing to show, or where the general path has to say what is wrong."""
    try:
        value = getattr(source, plain.attribute)
        return None if value is None else plain.write(value)
    except Exception:  # noqa: BLE001  it comes up again on the general path
        return None


def _is_null(source: object, plain: Plain) -> bool:
    return plain.is_nullable and getattr(source, plain.attribute, source) is None


def _plain(parent_type: GraphQLObjectType, name: str) -> Plain | None:
    field = parent_type.fields.get(name)
    if field is None:
        return None
    found = _known.get(id(field))
    if found is None:
        found = _known[id(field)] = (field, _described(field))
    return found[1]


def _described(field: GraphQLField) -> Plain | None:
    definition = field.extensions.get("strawberry-definition")
    kind = cast("object", field.type)  # pyright: ignore[reportUnknownMemberType]
    is_nullable = not isinstance(kind, GraphQLNonNull)
    if isinstance(kind, GraphQLNonNull):
        kind = cast("GraphQLNonNull[Any]", kind).of_type
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field:
        return None
    if field.args or not isinstance(kind, GraphQLScalarType):
        return None
    return Plain(definition.python_name, kind.coerce_output_value, is_nullable)
