"""How much does one document ask for? One memoised walk answers, before validation and execution.

Every fragment definition is walked once, however often it is spread, so the walk is linear in the
document. Some measures count what is written (aliases, directives, fragments, repeats, argument
sets), two what can come back: depth, and cost, which is the number of objects.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from schema.limits.catalogue import INTROSPECTION, PAGE_ARGUMENTS, Catalogue, FieldFacts

_DIGITS_MAX = 9


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts per document; `tokens` is checked by the parser, `page` is the largest `first`."""

    depth: int = 10
    aliases: int = 15
    directives: int = 10
    fragments: int = 20
    repeats: int = 15
    argument_sets: int = 4
    once: int = 1
    cost: int = 2_000
    page: int = 100
    tokens: int = 2_000


class Weight(NamedTuple):
    """What a selection set can return below one object: levels, objects, objects per page entry."""

    depth: int = 0
    fixed: int = 0
    per_entry: int = 0

    def objects(self, page: int) -> int:
        return self.fixed + self.per_entry * page


@dataclass(slots=True)
class Measures:
    """What a walk found; `visited` counts selections, `paging` names variables that size pages."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fragments: int = 0
    repeats: int = 0
    argument_sets: int = 0
    once: int = 0
    cost: int = 0
    visited: int = 0
    paging: tuple[str, ...] = ()


def refusal(code: str, message: str, **facts: object) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code, **facts})


class Walk:
    """One pass over a document; `measures` has the result."""

    def __init__(
        self,
        catalogue: Catalogue,
        document: DocumentNode,
        *,
        limits: Limits,
        variables: Mapping[str, object],
    ) -> None:
        self._catalogue = catalogue
        self._limits = limits
        self._variables = variables
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        self._defaults: dict[str, int] = {}
        self._weights: dict[str, Weight] = {}
        self._open: set[str] = set()
        self._argument_sets: defaultdict[tuple[str, str], set[object]] = defaultdict(set)
        self._paging: set[str] = set()
        self.measures = Measures()
        self._run(document)

    def _run(self, document: DocumentNode) -> None:
        operations: list[OperationDefinitionNode] = []
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self._fragments[definition.name.value] = definition
                self.measures.fragments += 1
            elif isinstance(definition, OperationDefinitionNode):
                operations.append(definition)
                self._read_variables(definition)
        for operation in operations:
            root = self._catalogue.schema.get_root_type(operation.operation)
            weight = self._selections(root, operation.selection_set, set())
            self.measures.directives += len(operation.directives or ())
            self.measures.depth = max(self.measures.depth, weight.depth)
            self.measures.cost = max(self.measures.cost, weight.objects(self._limits.page))
        for name in self._fragments:
            self._fragment(name)
        self.measures.argument_sets = max(map(len, self._argument_sets.values()), default=0)
        self.measures.paging = tuple(sorted(self._paging))

    def _read_variables(self, operation: OperationDefinitionNode) -> None:
        for variable in operation.variable_definitions or ():
            self.measures.directives += len(variable.directives or ())
            if isinstance(variable.default_value, IntValueNode):
                name = variable.variable.name.value
                default = _int(variable.default_value)
                self._defaults[name] = max(default, self._defaults.get(name, default))

    def _selections(
        self,
        owner: GraphQLNamedType | None,
        selections: SelectionSetNode,
        seen: set[tuple[str, str]],
    ) -> Weight:
        depth = fixed = per_entry = 0
        for node in selections.selections:
            self.measures.visited += 1
            self.measures.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                weight = self._field(owner, node, seen)
            elif isinstance(node, FragmentSpreadNode):
                weight = self._fragment(node.name.value)
            else:
                assert isinstance(node, InlineFragmentNode)
                on = node.type_condition
                inner = self._catalogue.schema.type_map.get(on.name.value) if on else owner
                weight = self._selections(inner, node.selection_set, seen)
            depth = max(depth, weight.depth)
            fixed += weight.fixed
            per_entry += weight.per_entry
        return Weight(depth, fixed, per_entry)

    def _fragment(self, name: str) -> Weight:
        known = self._weights.get(name)
        if known is not None:
            return known
        node = self._fragments.get(name)
        if node is None or name in self._open:
            return Weight()  # unknown or a cycle: validation says so
        self._open.add(name)
        owner = self._catalogue.schema.type_map.get(node.type_condition.name.value)
        weight = self._selections(owner, node.selection_set, set())
        self.measures.directives += len(node.directives or ())
        self._open.discard(name)
        self._weights[name] = weight
        return weight

    def _field(
        self, owner: GraphQLNamedType | None, node: FieldNode, seen: set[tuple[str, str]]
    ) -> Weight:
        name = node.name.value
        self._count(owner, node, seen)
        facts = self._catalogue.facts(owner, name)
        self.measures.once += facts is not None and facts.once
        page = self._page(node, facts) if facts is not None and facts.pages else self._limits.page
        if node.selection_set is None:
            return Weight(depth=1)
        inner = self._selections(facts.returns if facts else None, node.selection_set, set())
        if facts is None or name in INTROSPECTION:
            return Weight(depth=1 if facts else 1 + inner.depth)
        return self._weight(facts, inner, page)

    def _weight(self, facts: FieldFacts, inner: Weight, page: int) -> Weight:
        depth, one = 1 + inner.depth, 1 + inner.objects(page)
        if facts.is_page_list:
            return Weight(depth, 0, one)
        if not facts.is_list:
            return Weight(depth, one)
        if facts.pages:
            return Weight(depth, page * one)
        return Weight(depth, (self._limits.page if facts.cap is None else facts.cap) * one)

    def _count(
        self, owner: GraphQLNamedType | None, node: FieldNode, seen: set[tuple[str, str]]
    ) -> None:
        owner_name = owner.name if owner is not None else ""
        key = (owner_name, (node.alias or node.name).value)
        if key in seen:
            self.measures.repeats += 1
        seen.add(key)
        self.measures.aliases += node.alias is not None
        if node.arguments:
            written = tuple(sorted(_tokens(argument) for argument in node.arguments))
            self._argument_sets[owner_name, node.name.value].add(written)

    def _page(self, node: FieldNode, facts: FieldFacts) -> int:
        sizes = [
            self._page_size(argument.value, node, argument.name.value)
            for argument in node.arguments or ()
            if argument.name.value in PAGE_ARGUMENTS
        ]
        asked = [size for size in sizes if size is not None]
        if asked:
            return max(asked)
        return self._limits.page if facts.page_default is None else facts.page_default

    def _page_size(self, value: object, node: FieldNode, argument: str) -> int | None:
        size: object = None
        if isinstance(value, IntValueNode):
            size = _int(value)
        elif isinstance(value, VariableNode):
            name = value.name.value
            self._paging.add(name)
            if name not in self._variables and name not in self._defaults:
                return None
            size = self._variables.get(name, self._defaults.get(name))
        if not isinstance(size, int) or isinstance(size, bool):
            return (
                self._limits.page
            )  # null leaves the size to the resolver, the rest fails coercion
        if not 0 <= size <= self._limits.page:
            path = [(node.alias or node.name).value, argument]
            message = f"`{argument}` must be from 0 to {self._limits.page}."
            raise refusal("INVALID_INPUT", message, path=path, limit=self._limits.page)
        return size


def _int(value: IntValueNode) -> int:
    return int(value.value[:_DIGITS_MAX])  # enough digits to be out of every range


def _tokens(argument: object) -> tuple[str, ...]:
    location = getattr(argument, "loc", None)
    assert location is not None
    written: list[str] = []
    token = location.start_token
    while token is not None:
        written.append(f"{token.kind.name}:{token.value}")
        if token is location.end_token:
            break
        token = token.next
    return tuple(written)


_CHECKS = (
    ("fragments", "FRAGMENT_LIMIT", "fragments"),
    ("directives", "DIRECTIVE_LIMIT", "directives"),
    ("aliases", "ALIAS_LIMIT", "aliases"),
    ("repeats", "REPEAT_LIMIT", "fields written twice under one name"),
    ("argument_sets", "ARGUMENT_SET_LIMIT", "different argument sets of one field"),
    ("once", "SENSITIVE_FIELD_LIMIT", "fields that try a code"),
    ("depth", "DEPTH_LIMIT", "levels"),
    ("cost", "COST_LIMIT", "objects"),
)


def check(measures: Measures, limits: Limits) -> GraphQLError | None:
    """The first limit that is passed, in a fixed order, as an error with a code; else None."""
    for name, code, noun in _CHECKS:
        actual, limit = getattr(measures, name), getattr(limits, name)
        if actual > limit:
            shown = min(actual, 2**53 - 1)
            message = f"The document has {shown} {noun}; at most {limit} are allowed."
            return refusal(code, message, limit=limit, actual=shown)
    return None
