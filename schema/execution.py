"""How is plain data shown fast? Attributes skip the executor's machinery, whole trees of them too.

Most fields of an answer are attributes of plain data. For these the general path builds a resolve
info, looks for arguments, awaitables and errors, and finds nothing; here they are read and written
in one step. Whatever isn't that plain, or fails, takes the general path, which knows how to say
so: the answers are the same.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast
from weakref import finalize

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField

_Write = Callable[[Any], object]


class Shape(NamedTuple):
    """A field that is an attribute: what it holds, and whether there may be none or several."""

    attribute: str
    kind: GraphQLScalarType | GraphQLObjectType
    is_nullable: bool
    is_list: bool


class Plain(NamedTuple):
    """An attribute that is shown as `write` says."""

    attribute: str
    write: _Write
    is_nullable: bool


class _NotPlain(Exception):
    """The general path has to say what is wrong."""


_Fields = dict[str, Any]
"""By response name, what is asked for there; graphql-core calls it a grouped field set."""
_Plan = list[tuple[str, Plain | None]]

_Kept = dict[tuple[object, ...], tuple[tuple[FieldNode, ...], _Write | None]]
_kept: dict[int, _Kept] = {}
"""By an operation's identity: how objects are written that are asked for by these nodes of it.

The schema keeps its documents, so that the next request comes with the same nodes; what is kept
here goes with them. Variables matter to directives only, and what has one isn't kept.
"""
_shapes: dict[int, tuple[GraphQLField, Shape | None]] = {}
"""By the field's identity; fields live as long as the process."""


class PlainExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor with a short way for plain data."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  the base's own
        super().__init__(*args, **options)
        self._plans: dict[int, tuple[_Fields, _Plan]] = {}
        self._kept = _kept_of(self.operation)

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
            results[name] = None
            try:
                if plain is None:
                    others[name] = grouped_field_set[name]
                else:
                    results[name] = _shown(source_value, plain)
            except Exception:  # noqa: BLE001  it comes up again on the general path
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
            plan = [(name, self._plain(parent_type, asked)) for name, asked in fields.items()]
            found = self._plans[id(fields)] = (fields, plan)
        return found[1]

    def _plain(
        self,
        parent_type: GraphQLObjectType,
        asked: Any,  # noqa: ANN401  the base's own
    ) -> Plain | None:
        name = asked[0].node.name.value
        if name == "__typename":
            return Plain("__class__", partial(_constant, parent_type.name), is_nullable=False)
        shape = _shape(parent_type, name)
        if shape is None:
            return None
        write = self._write(shape.kind, asked)
        if write is not None and shape.is_list:
            write = partial(_all, write)
        return write and Plain(shape.attribute, write, shape.is_nullable)

    def _write(
        self,
        kind: GraphQLScalarType | GraphQLObjectType,
        asked: Any,  # noqa: ANN401  the base's own
    ) -> _Write | None:
        """How a value of that kind is written; None where something below it isn't plain."""
        if isinstance(kind, GraphQLScalarType):
            return kind.coerce_output_value
        nodes = tuple([details.node for details in asked])
        key = (id(self.schema), kind.name, *map(id, nodes))
        found = self._kept.get(key)
        if found is not None:
            return found[1]
        fields = cast("_Fields", self.collect_subfields(kind, asked)[0])
        plan = [(name, plain) for name, plain in self._plan(kind, fields) if plain is not None]
        write = partial(_object, plan) if len(plan) == len(fields) else None
        if not _has_directives(nodes, self.fragment_definitions):
            self._kept[key] = (nodes, write)
        return write


def _kept_of(operation: OperationDefinitionNode) -> _Kept:
    found = _kept.get(id(operation))
    if found is None:
        found = _kept[id(operation)] = {}
        finalize(operation, _kept.pop, id(operation))
    return found


def _has_directives(
    nodes: Sequence[SelectionNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    waiting = [*nodes]
    spread: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node.directives:
            return True
        inner: FieldNode | InlineFragmentNode | FragmentDefinitionNode
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in spread:
                continue
            spread.add(node.name.value)
            inner = fragments[node.name.value]
        else:
            inner = cast("FieldNode | InlineFragmentNode", node)
        if inner.selection_set is not None:
            waiting += inner.selection_set.selections
    return False


async def _merged(results: _Fields, others: Awaitable[_Fields]) -> _Fields:
    results.update(await others)
    return results


def _shown(source: object, plain: Plain) -> object:
    value = getattr(source, plain.attribute)
    if value is None:
        if plain.is_nullable:
            return None
        raise _NotPlain
    written = plain.write(value)
    if written is None:
        raise _NotPlain
    return written


def _object(plan: list[tuple[str, Plain]], source: object) -> _Fields:
    return {name: _shown(source, plain) for name, plain in plan}


def _all(write: _Write, values: list[object]) -> list[object]:
    if any(value is None for value in values):
        raise _NotPlain
    return [write(value) for value in values]


def _constant(value: object, _source: object) -> object:
    return value


def _shape(parent_type: GraphQLObjectType, name: str) -> Shape | None:
    field = parent_type.fields.get(name)
    if field is None:
        return None
    found = _shapes.get(id(field))
    if found is None:
        found = _shapes[id(field)] = (field, _described(field))
    return found[1]


def _described(field: GraphQLField) -> Shape | None:
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field or field.args:
        return None
    outer = cast("Any", field.type)  # pyright: ignore[reportUnknownMemberType]
    kind = _nullable(outer)
    is_list = isinstance(kind, GraphQLList)
    if is_list:
        kind = _nullable(cast("Any", kind).of_type)
    if not isinstance(kind, GraphQLScalarType | GraphQLObjectType):
        return None
    is_nullable = not isinstance(outer, GraphQLNonNull)
    return Shape(definition.python_name, kind, is_nullable=is_nullable, is_list=is_list)


def _nullable(kind: Any) -> object:  # noqa: ANN401  any of GraphQL's types
    if not isinstance(kind, GraphQLNonNull):
        return kind
    return cast("GraphQLNonNull[Any]", kind).of_type
