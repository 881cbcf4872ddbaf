"""Where does a schema break the fixed part of the public contract?

Every type, field, argument, input field and interface of the contract stands in the schema with
the same type and default. The schema may add to it; an addition to arguments or inputs is optional.
"""

from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_required_argument,
    is_required_input_field,
    print_ast,
)

Fielded = GraphQLObjectType | GraphQLInterfaceType
Input = GraphQLArgument | GraphQLInputField


def breaches(contract: GraphQLSchema, schema: GraphQLSchema) -> Iterator[str]:
    for name, wanted in contract.type_map.items():
        if name.startswith("__"):
            continue
        found = schema.type_map.get(name)
        if found is None:
            yield f"{name}: missing"
        elif type(found) is not type(wanted):
            yield f"{name}: {type(found).__name__}, not {type(wanted).__name__}"
        else:
            yield from _of_type(name, wanted, found)


def _of_type(name: str, wanted: GraphQLNamedType, found: GraphQLNamedType) -> Iterator[str]:
    if isinstance(wanted, Fielded) and isinstance(found, Fielded):
        held = {interface.name for interface in found.interfaces}
        yield from (
            f"{name}: does not implement {one.name}"
            for one in wanted.interfaces
            if one.name not in held
        )
        yield from _of_fields(name, wanted, found)
    elif isinstance(wanted, GraphQLInputObjectType) and isinstance(found, GraphQLInputObjectType):
        yield from _of_inputs(name, wanted.fields, found.fields)


def _of_fields(name: str, wanted: Fielded, found: Fielded) -> Iterator[str]:
    for field, want in wanted.fields.items():
        have = found.fields.get(field)
        if have is None:
            yield f"{name}.{field}: missing"
            continue
        if str(have.type) != str(want.type):
            yield f"{name}.{field}: {have.type}, not {want.type}"
        yield from _of_inputs(f"{name}.{field}", want.args, have.args)


def _of_inputs(
    place: str, wanted: Mapping[str, Input], found: Mapping[str, Input]
) -> Iterator[str]:
    for key, want in wanted.items():
        have = found.get(key)
        if have is None:
            yield f"{place}({key}): missing"
        elif str(have.type) != str(want.type):
            yield f"{place}({key}): {have.type}, not {want.type}"
        elif _default(have) != _default(want):
            yield f"{place}({key}): default {_default(have)}, not {_default(want)}"
    for key, have in found.items():
        if key not in wanted and _is_required(have):
            yield f"{place}({key}): required, and not in the contract"


def _is_required(one: Input) -> bool:
    if isinstance(one, GraphQLArgument):
        return is_required_argument(one)
    return is_required_input_field(one)


def _default(one: Input) -> str:
    """Return the default as written; an explicit null is the same as none."""
    node = one.ast_node
    return print_ast(node.default_value) if node and node.default_value else "null"
