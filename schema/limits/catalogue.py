"""What does each field cost? The schema's fields as the limits see them, worked out once."""

from collections.abc import Mapping
from typing import NamedTuple, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    get_named_type,
    is_composite_type,
)

PAGE_ARGUMENTS = ("first", "last")
INTROSPECTION = {"__schema": "__Schema", "__type": "__Type"}


def cap(entries_max: int) -> dict[str, int]:
    """Metadata of a list field without paging: `strawberry.field(metadata=cap(20))`."""
    return {"cap": entries_max}


def once() -> dict[str, bool]:
    """Metadata of a field that a document may have once: a batch of them would be one request."""
    return {"once": True}


class FieldFacts(NamedTuple):
    """What the walk needs to know of a field; `cap` is None where nothing bounds a list."""

    returns: GraphQLNamedType | None
    is_list: bool = False
    cap: int | None = None
    is_page_list: bool = False
    page_default: int | None = None
    pages: bool = False
    once: bool = False


class Catalogue:
    """The schema's fields as the walk sees them, worked out once."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        owners = [
            named
            for named in schema.type_map.values()
            if isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
            and not named.name.startswith("__")
        ]
        paged = {
            get_named_type(_type(field)).name
            for owner in owners
            for field in owner.fields.values()
            if _pages(field) and not _is_list(field)
        }
        self._facts = {
            (owner.name, name): _facts(field, in_page=owner.name in paged)
            for owner in owners
            for name, field in owner.fields.items()
        }

    def facts(self, owner: GraphQLNamedType | None, name: str) -> FieldFacts | None:
        if owner is None:
            return None
        if name in INTROSPECTION:
            returns = self.schema.type_map[INTROSPECTION[name]]
            return FieldFacts(returns=returns)
        return self._facts.get((owner.name, name))

    def uncapped_lists(self) -> list[str]:
        """Every list of objects that neither pages nor declares a cap, as `Type.field`."""
        return sorted(
            f"{owner}.{name}"
            for (owner, name), facts in self._facts.items()
            if facts.returns is not None
            and facts.is_list
            and facts.cap is None
            and not facts.is_page_list
            and not facts.pages
        )


def _pages(field: GraphQLField) -> bool:
    return any(name in field.args for name in PAGE_ARGUMENTS)


def _type(field: GraphQLField) -> GraphQLType:
    return cast("GraphQLType", field.type)  # pyright: ignore[reportUnknownMemberType]


def _is_list(field: GraphQLField) -> bool:
    outer = _type(field)
    if isinstance(outer, GraphQLNonNull):
        outer = cast("GraphQLNonNull[GraphQLList[GraphQLType]]", outer).of_type
    return isinstance(outer, GraphQLList)


def _declared_cap(field: GraphQLField) -> int | None:
    declared = _metadata(field).get("cap")
    return declared if isinstance(declared, int) else None


def _metadata(field: GraphQLField) -> Mapping[str, object]:
    definition = field.extensions.get("strawberry-definition")
    return getattr(definition, "metadata", {})


def _facts(field: GraphQLField, *, in_page: bool) -> FieldFacts:
    named = get_named_type(_type(field))
    is_list = _is_list(field)
    declared = _declared_cap(field)
    first = field.args.get("first")
    default = first.default_value if first is not None else None
    return FieldFacts(
        returns=named if is_composite_type(named) else None,
        is_list=is_list,
        cap=declared,
        is_page_list=in_page and is_list and declared is None,
        page_default=default if isinstance(default, int) else None,
        pages=_pages(field),
        once=_metadata(field).get("once") is True,
    )
