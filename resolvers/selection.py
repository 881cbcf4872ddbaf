"""Which parts of the dashboard does a document ask for? Found by walking it before the read.

Fragments are followed and `@skip` and `@include` passed over: what may be shown is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
    Undefined,
    VariableNode,
    is_non_null_type,
    value_from_ast,
)

from domain.dashboard.model import Part, PartName

Resolving = GraphQLResolveInfo[Any]


class Asked(NamedTuple):
    """What a field below a member asks for, and which of its arguments say how much.

    `mention`: a field that takes more reading if it is asked for anywhere below.
    """

    part: PartName
    arguments: tuple[str, ...] = ()
    mention: str | None = None
    below: Mapping[str, "Asked"] = {}


MEMBER: Mapping[str, Asked] = {
    "tierProgress": Asked(
        "progress",
        below={"retention": Asked("retention"), "retentionScore": Asked("retention")},
    ),
    "points": Asked("points", below={"asOf": Asked("as_of", ("at",))}),
    "credit": Asked("credit", below={"asOf": Asked("credit_as_of", ("at",))}),
    "growth": Asked("growth"),
    "checkInStatus": Asked("check_in", below={"days": Asked("days", ("month",))}),
    "pointsHistory": Asked("history", ("first", "after"), mention="explanation"),
    "creditHistory": Asked("credit_history", ("first", "after"), mention="explanation"),
    "communityHistory": Asked("community_history", ("first", "after"), mention="explanation"),
    "growthHistory": Asked("growth_history", ("first", "after"), mention="explanation"),
    "redemptions": Asked("redemptions", ("first", "after")),
    "referral": Asked("referral"),
}
"""From a field of the type Member to the part that it shows; the only place that knows both."""

_OWNERS = {
    "tierProgress": "TierProgress",
    "points": "PointsSummary",
    "credit": "CreditSummary",
    "checkInStatus": "CheckInStatus",
}


def parts_of(info: Resolving, field: str | None = None) -> frozenset[Part] | None:
    """The parts of the member that this field shows, or of those below its field `field`.

    None where `field` isn't asked for.
    """
    nodes: list[FieldNode] = list(info.field_nodes)
    if field is not None:
        nodes = [found for found in _fields(nodes, info) if found.name.value == field]
        if not nodes:
            return None
    return frozenset(_parts(nodes, "Member", MEMBER, info))


def _parts(
    nodes: Iterable[FieldNode], owner: str, table: Mapping[str, Asked], info: Resolving
) -> Iterator[Part]:
    for node in _fields(nodes, info):
        name = node.name.value
        asked = table.get(name)
        if asked is None:
            continue
        arguments = _arguments(node, owner, asked.arguments, info) if asked.arguments else ()
        if asked.mention is not None:
            arguments = (*arguments, _mentions(node, asked.mention, info))
        yield Part(asked.part, arguments)
        if asked.below:
            yield from _parts([node], _OWNERS[name], asked.below, info)


def _mentions(node: FieldNode, name: str, info: Resolving) -> bool:
    return any(
        found.name.value == name or _mentions(found, name, info) for found in _fields([node], info)
    )


def _fields(nodes: Iterable[FieldNode], info: Resolving) -> Iterator[FieldNode]:
    waiting: list[SelectionSetNode | None] = [node.selection_set for node in nodes]
    spread: set[str] = set()
    while waiting:
        selections = waiting.pop()
        for found in selections.selections if selections is not None else ():
            if isinstance(found, FieldNode):
                yield found
            elif isinstance(found, InlineFragmentNode):
                waiting.append(found.selection_set)
            elif isinstance(found, FragmentSpreadNode) and found.name.value not in spread:
                spread.add(found.name.value)
                waiting.append(info.fragments[found.name.value].selection_set)


def _arguments(
    node: FieldNode, owner: str, names: tuple[str, ...], info: Resolving
) -> tuple[object, ...]:
    """Their values as the field's own resolver gets them; None where there is none."""
    field = _definition(info, owner, node.name.value)
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    return tuple(
        [
            _value(given.get(name), field, name, cast("Mapping[str, Any]", info.variable_values))
            for name in names
        ]
    )


def _definition(info: Resolving, owner: str, name: str) -> GraphQLField:
    return cast("GraphQLObjectType", info.schema.type_map[owner]).fields[name]


def _value(given: object, field: GraphQLField, name: str, variables: Mapping[str, Any]) -> object:
    definition = field.args[name]
    found: object = Undefined
    if isinstance(given, VariableNode):
        found = variables.get(given.name.value, Undefined)
    elif given is not None:
        found = value_from_ast(cast("Any", given), cast("Any", definition.type))
    if found is Undefined or found is None:
        found = definition.default_value
    if is_non_null_type(definition.type):
        return found
    return None if found is Undefined or found == "" else found
