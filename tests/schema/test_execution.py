"""Does the short way of the executor answer exactly what the general way does?"""

import gc
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry

from schema import execution
from schema.execution import PlainExecutor
from schema.limits.execution import DOCUMENTS_KEPT_MAX, LimitedSchema
from schema.scalars import POINTS_MAX, Points, config


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    points: Points
    nothing: str | None
    missing: str
    at: datetime | None
    words: list[str]
    inner: "Leaf | None"
    many: list["Leaf"]
    some: list["Leaf | None"] | None
    one_named: Named | None

    @strawberry.field
    def twice(self, times: int = 2) -> str:
        return self.name * times

    @strawberry.field
    async def late(self) -> str:
        return f"late {self.name}"


AT = datetime(2026, 3, 2, 4, tzinfo=UTC)


def leaf(name: str, inner: Leaf | None = None, **facts: Any) -> Leaf:
    given = {"points": 1, "nothing": None, "missing": "here", "at": AT, "words": ["a", "b"]}
    given |= {"many": [], "some": None, "one_named": None}
    return Leaf(name=name, inner=inner, **{**given, **facts})


@dataclass
class NoAttributes:
    """What a field's type promises and this doesn't have."""


@strawberry.type
class Query:
    @strawberry.field
    def leaf(self) -> Leaf:
        return leaf("a", leaf("b", leaf("c")))

    @strawberry.field
    def leaves(self) -> list[Leaf]:
        return [leaf("a"), leaf("b", points=POINTS_MAX), leaf("c")]

    @strawberry.field
    def named(self) -> Named:
        return leaf("a")

    @strawberry.field
    def broken(self) -> Leaf | None:
        return leaf("a", missing=None, points=POINTS_MAX + 1)

    @strawberry.field
    def half_broken(self) -> list[Leaf | None]:
        return [leaf("a", missing=None), leaf("b", leaf("c", points="many"))]

    @strawberry.field
    def tree(self) -> Leaf:
        inner = leaf("b", leaf("c"), words=[], one_named=leaf("d"))
        return leaf("a", inner, many=[inner, leaf("e")], some=[None, inner])

    @strawberry.field
    def broken_tree(self) -> Leaf | None:
        broken = leaf("b", points="many")
        return leaf(
            "a", broken, many=[broken, leaf("e")], some=[broken, None, leaf("f", missing=None)]
        )

    @strawberry.field
    async def later(self) -> Leaf:
        return leaf("a", leaf("b"))


GENERAL = LimitedSchema(Query, types=[Leaf], config=config())
SHORT = LimitedSchema(Query, types=[Leaf], config=config(), execution_context_class=PlainExecutor)


@pytest.mark.parametrize(
    "query",
    [
        "{ leaf { name points nothing missing at } }",
        "{ leaf { __typename nothing name inner { name inner { points inner { name } } } } }",
        "{ leaf { b: name a: name twice words c: points thrice: twice(times: 3) late at } }",
        "{ leaves { name points late } }",
        "{ leaves { inner { name } points } named { __typename ... on Leaf { points } } }",
        "query($all: Boolean = false) { leaf { name @skip(if: true) points @include(if: $all) } }",
        (
            "{ leaf { ...A ... on Leaf { at } } } fragment A on Leaf { name inner { ...B } }"
            " fragment B on Leaf { name late }"
        ),
        "{ broken { name missing points } }",
        "{ broken { points name } leaf { name } }",
        "{ halfBroken { missing late } }",
        "{ halfBroken { name inner { name points } late } }",
        "{ tree { name words many { name inner { name points } __typename } some { name } } }",
        "{ tree { oneNamed { __typename name } inner { oneNamed { name ... on Leaf { at } } } } }",
        "{ tree { many { late } inner { words late many { name } } } }",
        "{ brokenTree { name inner { name points } } }",
        "{ brokenTree { some { name points missing } name } }",
        "{ brokenTree { name many { points } } leaf { name } }",
        (
            "{ tree { ...T inner { ...T } many { ...T } } } fragment T on Leaf { some { ..."
            " on Named { name } at } }"
        ),
        "{ later { name inner { name late } } leaves { name } }",
        '{ __schema { queryType { name } } __type(name: "Leaf") { name kind } __typename }',
    ],
)
async def test_the_answers_are_the_same(query: str) -> None:
    await SHORT.execute(query)
    general, short = await GENERAL.execute(query), await SHORT.execute(query)
    assert short.data == general.data
    assert _written(short.data) == _written(general.data)
    assert [error.formatted for error in short.errors or ()] == [
        error.formatted for error in general.errors or ()
    ]


async def test_a_condition_is_judged_anew_for_each_request() -> None:
    query = """query($all: Boolean!) {
      tree { inner { name ...Points } many { name at @skip(if: $all) } } }
    fragment Points on Leaf { points @include(if: $all) }"""
    for is_all in (True, False, True):
        general = await GENERAL.execute(query, {"all": is_all})
        short = await SHORT.execute(query, {"all": is_all})
        assert short.data == general.data
        assert short.data is not None
        assert ("points" in short.data["tree"]["inner"]) is is_all


def _written(data: object) -> str:
    """With the keys in their order."""
    return repr(data)


async def test_what_is_known_of_a_document_goes_with_it() -> None:
    schema = LimitedSchema(
        Query, types=[Leaf], config=config(), execution_context_class=PlainExecutor
    )
    gc.collect()
    before = len(execution._kept)
    for number in range(DOCUMENTS_KEPT_MAX + 50):
        await schema.execute(f"query Q{number} {{ tree {{ inner {{ name }} }} }}")
    gc.collect()
    assert len(execution._kept) - before == DOCUMENTS_KEPT_MAX
