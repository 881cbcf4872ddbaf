"""A small schema and its application, for the tests of the HTTP edge."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import strawberry
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from app.graphiql import Example, page
from app.graphql import GraphQLApp, guarded
from app.logging import AccessLog
from app.metrics import Metrics
from kit.errors import Forbidden, InvalidInput, Unauthenticated
from resolvers.context import NOBODY, Viewer
from schema.limits.execution import LimitedSchema


@dataclass
class Context:
    """What the tests' requests carry."""

    viewer: Viewer
    locale: str
    expires_at: datetime | None

    @property
    def caller(self) -> str:
        return self.viewer.subject


Info = strawberry.Info[Context, None]
GONE = "password=hunter2"
FLOOD_CHARACTERS = 60_000
FLOODS_ENDED = asyncio.Event()


@strawberry.type
class Person:
    name: str


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world", times: int = 1) -> str:
        return " ".join([f"hello {name}"] * times)

    @strawberry.field
    def me(self, info: Info) -> Person:
        info.context.viewer.require("member")
        return Person(name=info.context.viewer.subject)

    @strawberry.field
    def staff(self) -> Person | None:
        raise Forbidden

    @strawberry.field
    def picky(self) -> str | None:
        raise InvalidInput(["input", "time"], "must have a zone", "必须带时区")

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(GONE)

    @strawberry.field
    def away(self) -> str | None:
        raise ConnectionRefusedError(GONE)

    @strawberry.field
    def not_a_number(self) -> int | None:
        return GONE  # pyright: ignore[reportReturnType]  a bug of ours that serialising finds

    @strawberry.field
    def unencodable(self) -> str | None:
        return "\ud800"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, name: str) -> Person:
        return Person(name=name)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number

    @strawberry.subscription
    async def who(self, info: Info) -> AsyncIterator[str]:
        yield info.context.viewer.subject or "nobody"

    @strawberry.subscription
    async def forever(self) -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    @strawberry.subscription
    async def flood(self) -> AsyncIterator[str]:
        try:
            while True:
                yield "x" * FLOOD_CHARACTERS
        finally:
            FLOODS_ENDED.set()

    @strawberry.subscription
    async def fails(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError(GONE)

    @strawberry.subscription
    async def secret(self) -> AsyncIterator[int]:
        raise Unauthenticated
        yield 1


TOKENS = {"ada", "zh"}


class Served:
    """One application as a client sees it, with its metrics."""

    def __init__(self, *, is_development: bool = False) -> None:
        self.expires_at: datetime | None = None
        self.fails_with: Exception | None = None
        self.tokens = set(TOKENS)
        self.metrics = Metrics()
        schema = LimitedSchema(Query, Mutation, Subscription)
        example = Example("Hello </script>", "{ hello }", "{}", "token")
        app = GraphQLApp(
            schema,
            self.context,
            metrics=self.metrics,
            page=page([example]) if is_development else None,
        )
        self.connections = app.connections
        self.app = AccessLog(guarded(app, self.metrics, with_page=is_development))
        self.client = TestClient(self.app)

    async def context(self, connection: HTTPConnection) -> Context:
        if self.fails_with is not None:
            raise self.fails_with
        token = connection.headers.get("authorization", "").removeprefix("Bearer ")
        if token and token not in self.tokens:
            raise Unauthenticated
        viewer = Viewer("member", token) if token else NOBODY
        return Context(viewer, "zh-CN" if token == "zh" else "en", self.expires_at)
