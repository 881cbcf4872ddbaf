"""Does each limit refuse exactly what is beyond it, in time linear in the document?"""

import pytest
import strawberry
from graphql import get_introspection_query, parse

from schema.limits.catalogue import Catalogue, cap, once
from schema.limits.execution import DOCUMENTS_KEPT_MAX, LimitedSchema
from schema.limits.walk import Limits, Measures, Walk


@strawberry.type
class Entry:
    id: int = 1
    amount: int = 5

    @strawberry.field
    def owner(self) -> "Person":
        return Person()


@strawberry.type
class EntryEdge:
    cursor: str = "c"
    node: Entry = strawberry.field(default_factory=Entry)


@strawberry.type
class PageInfo:
    more: bool = False


@strawberry.type
class EntryConnection:
    nodes: list[Entry] = strawberry.field(default_factory=list)
    edges: list[EntryEdge] = strawberry.field(default_factory=list)
    page_info: PageInfo = strawberry.field(default_factory=PageInfo)


@strawberry.type
class Person:
    name: str = "Ada"
    parts: list[Entry] = strawberry.field(default_factory=list, metadata=cap(5))
    unbounded: list[Entry] = strawberry.field(default_factory=list)
    days: list[int] = strawberry.field(default_factory=list)

    @strawberry.field
    def friend(self) -> "Person":
        return Person()

    @strawberry.field
    def entries(self, first: int = 20, after: str | None = None) -> EntryConnection:
        return EntryConnection(edges=[EntryEdge(cursor=after or "c")][:first])

    @strawberry.field
    def latest(self, first: int | None = None) -> list[Entry]:
        return [Entry()][: first or 1]

    @strawberry.field
    def at(self, day: str) -> int:
        return len(day)


@strawberry.type
class Query:
    @strawberry.field
    def me(self) -> Person:
        return Person()

    @strawberry.field(metadata=once())
    def tries(self, code: str) -> bool:
        return bool(code)


@pytest.fixture
def schema() -> LimitedSchema:
    return LimitedSchema(Query)


def measure(text: str, **variables: object) -> Measures:
    schema = LimitedSchema(Query)
    return Walk(schema.catalogue, parse(text), limits=Limits(), variables=variables).measures


def refusal(schema: LimitedSchema, text: str, **variables: object) -> dict[str, object] | None:
    errors = schema.execute_sync(text, variables).errors
    return None if not errors else {"message": errors[0].message, **(errors[0].extensions or {})}


def nested(levels: int) -> str:
    return "{ me " + "{ friend " * (levels - 2) + "{ name }" + " }" * (levels - 2) + " }"


def test_ten_levels_pass_and_eleven_are_refused(schema: LimitedSchema) -> None:
    assert refusal(schema, nested(10)) is None
    assert refusal(schema, nested(11)) == {
        "message": "The document has 11 levels; at most 10 are allowed.",
        "code": "DEPTH_LIMIT",
        "limit": 10,
        "actual": 11,
    }


def test_a_field_that_tries_a_code_stands_in_a_document_once(schema: LimitedSchema) -> None:
    assert refusal(schema, '{ tries(code: "a") }') is None
    for twice in (
        '{ tries(code: "a") other: tries(code: "b") }',
        '{ tries(code: "a") ...More } fragment More on Query { other: tries(code: "b") }',
    ):
        found = refusal(schema, twice) or {}
        assert (found["code"], found["actual"]) == ("SENSITIVE_FIELD_LIMIT", 2)


def test_depth_counts_through_fragments() -> None:
    fragments = "fragment A on Person { friend { ...B } } fragment B on Person { friend { name } }"
    assert measure("{ me { ...A } } " + fragments).depth == 4


def test_the_introspection_query_is_exempt_from_depth_and_cost(schema: LimitedSchema) -> None:
    result = schema.execute_sync(get_introspection_query())
    assert result.errors is None
    measures = measure(get_introspection_query())
    assert (measures.depth, measures.cost) == (1, 0)


def test_what_stands_beside_introspection_is_not_exempt(schema: LimitedSchema) -> None:
    beside = "{ __schema { queryType { name } } " + nested(11)[1:]
    assert refusal(schema, beside) == {
        "message": "The document has 11 levels; at most 10 are allowed.",
        "code": "DEPTH_LIMIT",
        "limit": 10,
        "actual": 11,
    }


def test_fifteen_aliases_pass_and_sixteen_are_refused(schema: LimitedSchema) -> None:
    def aliased(count: int) -> str:
        return "{ me { " + " ".join(f"a{i}: name" for i in range(count)) + " } }"

    assert refusal(schema, aliased(15)) is None
    assert refusal(schema, aliased(16)) == {
        "message": "The document has 16 aliases; at most 15 are allowed.",
        "code": "ALIAS_LIMIT",
        "limit": 15,
        "actual": 16,
    }


def test_ten_directives_pass_and_eleven_are_refused_before_validation(
    schema: LimitedSchema,
) -> None:
    passing = "{ me " + "@include(if: true) " * 1 + "{ name } }"
    assert refusal(schema, passing) is None
    assert refusal(schema, "query " + "@no " * 11 + "{ me { name } }") == {
        "message": "The document has 11 directives; at most 10 are allowed.",
        "code": "DIRECTIVE_LIMIT",
        "limit": 10,
        "actual": 11,
    }


def test_directives_are_counted_wherever_they_stand() -> None:
    text = """query Q($x: Int @a) @b { me @c { ... @d { name } ...F @e } }
              fragment F on Person @f { name @g }"""
    assert measure(text).directives == 7


def test_twenty_fragments_pass_and_twenty_one_are_refused(schema: LimitedSchema) -> None:
    def fragments(count: int) -> str:
        spreads = " ".join(f"...F{i}" for i in range(count))
        definitions = " ".join(f"fragment F{i} on Person {{ name }}" for i in range(count))
        return f"{{ me {{ {spreads} }} }} {definitions}"

    assert refusal(schema, fragments(20)) is None
    assert refusal(schema, fragments(21)) == {
        "message": "The document has 21 fragments; at most 20 are allowed.",
        "code": "FRAGMENT_LIMIT",
        "limit": 20,
        "actual": 21,
    }


def test_four_argument_sets_of_one_field_pass_and_five_are_refused(schema: LimitedSchema) -> None:
    def days(count: int) -> str:
        return "{ me { " + " ".join(f'd{i}: at(day: "{i}")' for i in range(count)) + " } }"

    assert refusal(schema, days(4)) is None
    message = "The document has 5 different argument sets of one field; at most 4 are allowed."
    assert refusal(schema, days(5)) == {
        "message": message,
        "code": "ARGUMENT_SET_LIMIT",
        "limit": 4,
        "actual": 5,
    }


def test_argument_sets_differ_by_value_not_by_white_space_or_order() -> None:
    assert measure('{ me { a: at(day: "1") b: at( day : "1" ) } }').argument_sets == 1
    assert measure('{ me { a: at(day: "1 2") b: at(day: "12") } }').argument_sets == 2
    both = '{ me { a: entries(first: 1, after: "x") { nodes { id } } '
    assert (
        measure(both + 'b: entries(after: "x", first: 1) { nodes { id } } } }').argument_sets == 1
    )


def test_sixteen_repeats_of_a_field_under_one_name_are_refused(schema: LimitedSchema) -> None:
    assert refusal(schema, "{ me { " + "name " * 16 + "} }") is None
    assert refusal(schema, "{ " + "me { name } " * 10 + "... { " + "me { name } " * 7 + "} }") == {
        "message": (
            "The document has 16 fields written twice under one name; at most 15 are allowed."
        ),
        "code": "REPEAT_LIMIT",
        "limit": 15,
        "actual": 16,
    }


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ me { name } }", 1),
        ("{ me { days } }", 1),
        ("{ me { parts { id amount } } }", 1 + 5),
        ("{ me { parts { owner { name } } } }", 1 + 5 * 2),
        ("{ me { unbounded { id } } }", 1 + 100),
        ("{ me { latest(first: 7) { id } } }", 1 + 7),
        ("{ me { latest { id } } }", 1 + 100),
        ("{ me { entries { nodes { id } pageInfo { more } } } }", 1 + 1 + 20 + 1),
        ("{ me { entries(first: 3) { edges { cursor node { id } } } } }", 1 + 1 + 3 * 2),
        ("{ me { entries(first: 3) { ...C } } } fragment C on EntryConnection { nodes { id } }", 5),
        ("{ me { entries(first: 0) { nodes { owner { name } } } } }", 2),
        ("{ me { entries(first: 9) { nodes { owner { parts { id } } } } } }", 2 + 9 * 7),
    ],
)
def test_cost_is_the_number_of_objects_that_can_be_returned(text: str, cost: int) -> None:
    assert measure(text).cost == cost


def test_cost_reads_page_sizes_from_variables_and_their_defaults() -> None:
    text = "query Q($n: Int = 4) { me { entries(first: $n) { nodes { id } } } }"
    assert measure(text).cost == 2 + 4
    assert measure(text, n=6).cost == 2 + 6
    assert measure(text, n=None).cost == 2 + 100
    undefaulted = "query Q($n: Int!) { me { entries(first: $n) { nodes { id } } } }"
    assert measure(undefaulted).cost == 2 + 20
    assert measure(undefaulted, n="many").cost == 2 + 100


def test_one_fragment_costs_by_the_page_of_each_place_it_is_spread() -> None:
    text = """{ me { a: entries(first: 3) { ...C } b: entries(first: 5) { ...C } } }
              fragment C on EntryConnection { nodes { id } pageInfo { more } }"""
    assert measure(text).cost == 1 + (1 + 3 + 1) + (1 + 5 + 1)


def test_two_thousand_objects_pass_and_more_are_refused(schema: LimitedSchema) -> None:
    text = "query Q($n: Int!) { me { entries(first: $n) { nodes { owner { a: parts { id } } } } } }"
    assert measure(text, n=100).cost == 2 + 100 * 7
    deep = "query Q($n: Int!) { me { latest(first: $n) { owner { latest(first: $n) { id } } } } }"
    assert refusal(schema, deep, n=43) is None  # 1 + 43 * (2 + 43) = 1,936
    assert refusal(schema, deep, n=44) == {
        "message": "The document has 2025 objects; at most 2000 are allowed.",
        "code": "COST_LIMIT",
        "limit": 2000,
        "actual": 2025,
    }


@pytest.mark.parametrize("size", [101, 10_000, -1, 10**30])
def test_a_page_beyond_the_limit_is_refused_as_invalid_input(
    schema: LimitedSchema, size: int
) -> None:
    expected = {
        "message": "`first` must be from 0 to 100.",
        "code": "INVALID_INPUT",
        "path": ["entries", "first"],
        "limit": 100,
    }
    literal = f"{{ me {{ entries(first: {size}) {{ nodes {{ id }} }} }} }}"
    assert refusal(schema, literal) == expected
    variable = "query Q($n: Int) { me { entries(first: $n) { nodes { id } } } }"
    assert refusal(schema, variable, n=size) == expected
    assert refusal(schema, variable, n=100) is None
    assert refusal(schema, variable, n=size) == expected


def test_more_than_two_thousand_tokens_are_refused_by_the_parser(schema: LimitedSchema) -> None:
    found = refusal(schema, "{ me { " + "name " * 2000 + "} }")
    assert found is not None
    assert found["code"] == "TOKEN_LIMIT"
    message = "Syntax Error: Document contains more than 2000 tokens. Parsing aborted."
    assert found["message"] == message


def test_a_document_nested_too_deeply_to_parse_is_refused(schema: LimitedSchema) -> None:
    found = refusal(schema, "{ a" * 600 + " }" * 600)
    assert found is not None
    assert found["code"] == "GRAPHQL_PARSE_FAILED"


def bomb(levels: int) -> str:
    chain = " ".join(
        f"fragment F{i} on Person {{ ...F{i + 1} ...F{i + 1} }}" for i in range(levels)
    )
    return "{ me { ...F0 } } " + chain + f" fragment F{levels} on Person {{ friend {{ name }} }}"


def test_a_bomb_of_chained_fragments_is_walked_in_linear_time() -> None:
    assert [measure(bomb(levels)).visited for levels in (15, 30, 60)] == [34, 64, 124]
    assert measure(bomb(60)).cost == 1 + 2**60


def test_a_bomb_within_the_fragment_limit_is_refused_for_its_cost(schema: LimitedSchema) -> None:
    found = refusal(schema, bomb(19))
    assert found is not None
    assert (found["code"], found["actual"]) == ("COST_LIMIT", 1 + 2**19)


def test_a_cost_beyond_json_numbers_is_shown_capped(schema: LimitedSchema) -> None:
    levels = " ".join(
        f"fragment F{i} on Person {{ {'...F' + str(i + 1) + ' '} {'...F' + str(i + 1) + ' '} "
        f"{('...F' + str(i + 1) + ' ') * 8} }}"
        for i in range(18)
    )
    text = "{ me { ...F0 } } " + levels + " fragment F18 on Person { friend { name } }"
    found = refusal(schema, text)
    assert found is not None
    assert (found["code"], found["actual"]) == ("COST_LIMIT", 2**53 - 1)


def test_fragment_cycles_end_and_are_left_to_validation(schema: LimitedSchema) -> None:
    text = """{ me { ...A } } fragment A on Person { friend { ...B } }
              fragment B on Person { friend { ...A } }"""
    found = refusal(schema, text)
    assert found is not None
    assert found["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert found["message"] == "Cannot spread fragment 'A' within itself via 'B'."


def test_deep_chains_of_deep_fragments_are_refused_not_a_crash(schema: LimitedSchema) -> None:
    levels = 30
    chain = " ".join(
        f"fragment F{i} on Person {{ {'friend { ' * levels} ...F{i + 1} {'}' * levels} }}"
        for i in range(19)
    )
    text = "{ me { ...F0 } } " + chain + " fragment F19 on Person { name }"
    assert refusal(schema, text) == {
        "message": "The document is nested too deeply.",
        "code": "DEPTH_LIMIT",
    }


def test_unknown_names_are_left_to_validation_without_suggestions(schema: LimitedSchema) -> None:
    assert refusal(schema, "{ me { nam } }") == {
        "message": "Cannot query field 'nam' on type 'Person'.",
        "code": "GRAPHQL_VALIDATION_FAILED",
    }
    assert refusal(schema, "{ me { at(dai: 1) } }") == {
        "message": "Unknown argument 'dai' on field 'Person.at'.",
        "code": "GRAPHQL_VALIDATION_FAILED",
    }
    found = refusal(schema, "{ you { they { we } } ...Gone ... on Nobody { x } }")
    assert found is not None
    assert found["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_lists_without_a_declared_cap_are_listed() -> None:
    assert Catalogue(LimitedSchema(Query)._schema).uncapped_lists() == ["Person.unbounded"]


def test_a_document_is_parsed_measured_and_validated_once(schema: LimitedSchema) -> None:
    text = "query Q($n: Int!) { me { entries(first: $n) { nodes { id } } } }"
    for n in (1, 2, 1, 2):
        assert schema.execute_sync(text, {"n": n}).errors is None
    prepared = schema._prepared(text)
    assert prepared is schema._prepared(text)
    assert prepared.paging == ("n",)
    assert prepared.verdicts == {(1,): None, (2,): None}
    assert prepared.errors == []


def test_the_documents_kept_are_bounded(schema: LimitedSchema) -> None:
    first = schema._prepared("{ me { name } }")
    for i in range(DOCUMENTS_KEPT_MAX):
        schema._prepared(f"query Q{i} {{ me {{ name }} }}")
    assert schema._prepared("{ me { name } }") is not first


def test_the_verdicts_kept_are_bounded(schema: LimitedSchema) -> None:
    text = """query Q($a: Int, $b: Int) { me { a: entries(first: $a) { nodes { id } }
              b: entries(first: $b) { nodes { id } } } }"""
    for i in range(300):
        schema.execute_sync(text, {"a": i % 100, "b": i // 100})
    assert len(schema._prepared(text).verdicts) <= 256


async def test_the_limits_hold_for_the_asynchronous_path_too(schema: LimitedSchema) -> None:
    result = await schema.execute(nested(11))
    assert result.data is None
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "DEPTH_LIMIT", "limit": 10, "actual": 11}
