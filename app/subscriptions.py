"""What may a WebSocket do? Subscribe, within a rate, until its token ends; nothing else.

A token comes in the `connection_init` payload as `{"Authorization": "Bearer …"}`, because browsers
can't set headers on a WebSocket, or in the handshake's own header.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from hashlib import blake2b
from time import monotonic
from typing import Any, Protocol, cast

import orjson
from starlette.requests import HTTPConnection
from strawberry.schema.schema import StreamResult
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from app.masking import refused, shown_errors
from app.sockets import TRY_AGAIN_LATER, Connections
from kit import clock
from kit.errors import Refusal
from schema.limits.execution import LimitedSchema

OPERATIONS_OPEN_MAX = 100
OPERATIONS_PER_MINUTE_MAX = 200
MESSAGE_CHARACTERS_MAX = 64 * 1024
_FORBIDDEN = 4403
_TOO_MANY = 4429
_MINUTE_SECONDS = 60


def decode_message(text: str | bytes) -> object:
    """A message's JSON; too large is treated as not JSON, which ends the connection with 4400."""
    if len(text) > MESSAGE_CHARACTERS_MAX:
        raise orjson.JSONDecodeError("the message is too large", "", 0)
    return orjson.loads(text)


class Carried(Protocol):
    """What the edge needs of a request's context; `expires_at`, where it has one, ends a socket.

    `repeats_nothing`, where it is true, leaves out an answer that is as the one before.
    """

    @property
    def locale(self) -> str: ...
    @property
    def caller(self) -> str:
        """Whose connections are counted together; "": nobody's in particular."""
        ...


class SubscriptionsOnly:
    """The part of a schema that a WebSocket may reach. Each operation has a context of its own."""

    def __init__(self, schema: LimitedSchema, handler: "SubscriptionHandler") -> None:
        self._schema = schema
        self._handler = handler

    async def stream(self, query: str, **options: Any) -> AsyncIterator[ExecutionResult]:  # noqa: ANN401  passed on
        try:
            context = await self._handler.new_context()
        except Refusal as refusal:
            return _only(PreExecutionError(None, [refused(refusal, self._handler.locale)]))
        options["context_value"] = context
        only = {OperationType.SUBSCRIPTION}
        results = await self._schema.stream(query, allowed_operation_types=only, **options)
        return _shown(results, context, self._handler.connections)


async def _only(result: ExecutionResult) -> AsyncIterator[ExecutionResult]:
    yield result


async def _shown(
    results: StreamResult, context: Carried, connections: Connections
) -> AsyncIterator[ExecutionResult]:
    sent: bytes | None = None
    with connections.streaming():
        async with aclosing(results):
            async for result in results:
                assert isinstance(result, ExecutionResult)
                if result.errors:
                    result.errors = shown_errors(result.errors, context.locale)
                    sent = None
                elif getattr(context, "repeats_nothing", False):
                    before, sent = sent, _digest(result.data)
                    if sent == before:
                        continue
                yield result


def _digest(data: object) -> bytes:
    """Stands for an answer that was sent, which may be large and kept for hours."""
    return blake2b(orjson.dumps(data), digest_size=16).digest()


class SubscriptionHandler(BaseGraphQLTransportWSHandler[Carried | None, None]):
    """One connection of the graphql-transport-ws protocol."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  the base's own
        super().__init__(**options)
        self.schema = cast("Any", SubscriptionsOnly(options["schema"], self))
        self._scope = dict(cast("Any", self.websocket).ws.scope)
        self._began: list[float] = []
        self._expiry: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self._entered: str | None = None

    @property
    def locale(self) -> str:
        return self.context.locale if self.context is not None else "en"

    async def new_context(self) -> Carried:
        """What the next operation carries; refuses a token that isn't good any more."""
        return await cast("Any", self.view).context_factory(HTTPConnection(self._scope))

    async def handle_message(self, message: Message) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            await self.handle_invalid_message("A message is an object with a type")
        elif message["type"] == "complete" and not isinstance(message.get("id"), str):
            await self.handle_invalid_message("A complete message has an id")
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        payload = message.get("payload", {})
        if isinstance(payload, dict) and not self.connection_init_received:
            try:
                self._take_token(payload)
                self.context = await self.new_context()
            except Refusal as refusal:
                await self.websocket.close(_FORBIDDEN, refusal.code)
                return
            if not await self._entered_in():
                return
            self._end_with_token()
        await super().handle_connection_init(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if not _is_subscribe(cast("dict[str, object]", message)):
            await self.handle_invalid_message("A subscribe message has an id and a query")
        elif not self._has_room(monotonic()):
            await self.websocket.close(_TOO_MANY, "Too many operations")
        else:
            await super().handle_subscribe(message)

    async def shutdown(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if self._entered is not None:
            self.connections.leave(self._entered)
            self._entered = None
        await super().shutdown()

    @staticmethod
    def _get_pre_execution_close_reason(error: object) -> None:
        """None: a document that can't run fails its own operation, not the connection."""

    @property
    def connections(self) -> Connections:
        return cast("Any", self.view).connections

    async def _entered_in(self) -> bool:
        """Whether there is room for one more; closed where there isn't."""
        assert self.context is not None
        client = self._scope.get("client")
        caller = self.context.caller or f"from:{client[0] if client else ''}"
        if self.connections.is_full():
            await self.websocket.close(TRY_AGAIN_LATER, "No room")
            return False
        if not self.connections.has_room_for(caller):
            await self.websocket.close(_TOO_MANY, "Too many connections")
            return False
        self.connections.enter(caller)
        self._entered = caller
        return True

    def _take_token(self, payload: dict[str, object]) -> None:
        token = payload.get("Authorization", payload.get("authorization"))
        if isinstance(token, str):
            kept = [pair for pair in self._scope["headers"] if pair[0] != b"authorization"]
            header = (b"authorization", token.encode("ascii", "replace"))
            self._scope = {**self._scope, "headers": [*kept, header]}

    def _has_room(self, at_seconds: float) -> bool:
        self._began = [began for began in self._began if began > at_seconds - _MINUTE_SECONDS]
        self._began.append(at_seconds)
        return len(self._began) <= OPERATIONS_PER_MINUTE_MAX

    def _end_with_token(self) -> None:
        expires_at = getattr(self.context, "expires_at", None)
        if isinstance(expires_at, datetime):
            seconds = max(0.0, (expires_at - clock.now()).total_seconds())
            self._expiry = asyncio.get_running_loop().call_later(seconds, self._close_expired)

    def _close_expired(self) -> None:
        self._closing = asyncio.create_task(self.websocket.close(_FORBIDDEN, "Token expired"))


def _is_subscribe(message: dict[str, object]) -> bool:
    payload = message.get("payload")
    if not isinstance(message.get("id"), str) or not isinstance(payload, dict):
        return False
    query, variables = payload.get("query"), payload.get("variables")
    return (
        isinstance(query, str)
        and bool(query.strip())
        and isinstance(variables, dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
