"""How does GraphQL answer over HTTP? By the GraphQL-over-HTTP draft's media types and status codes.

A request that reaches execution is answered 200, whatever it refuses. One that doesn't is answered
4xx where the client takes `application/graphql-response+json` and 200 for plain JSON, as the draft
asks, except for one beyond a limit: that is 400 for everyone. While PostgreSQL is away whoever gets
nothing at all is told so by 503 and `Retry-After`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import cast

import orjson
from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from app.guard import ASKED, RESPONSE_JSON, Asked, Guard, answer, media_type
from app.logging import note
from app.masking import broken, operation_not_found, refused, shown_errors
from app.metrics import Metrics
from app.sockets import OTHER_ORIGIN, Connections
from app.subscriptions import OPERATIONS_OPEN_MAX, Carried, SubscriptionHandler, decode_message
from kit.errors import Refusal
from schema.limits.execution import LimitedSchema

ContextFactory = Callable[[HTTPConnection], Awaitable[Carried]]

CONNECTION_INIT_SECONDS_MAX = 10
_READS = frozenset({OperationType.QUERY})
_READS_AND_WRITES = frozenset({OperationType.QUERY, OperationType.MUTATION})
_UNAUTHENTICATED = 401
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response; `status` is what a client of the GraphQL media type gets."""

    payload: dict[str, object]
    status: int = 200
    is_status_for_all: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        errors = self.payload.get("errors")
        assert isinstance(errors, list | None)
        return [str(error.get("extensions", {}).get("code", "ERROR")) for error in errors or ()]


class CountedSocket(ASGIWebSocketAdapter):
    """A WebSocket whose closing by us is counted, whoever of us it is."""

    async def close(self, code: int, reason: str) -> None:
        cast("GraphQLApp", self.view).connections.closed(code, reason)
        await super().close(code, reason)


class GraphQLApp(GraphQL[Carried | None, None]):
    """GraphQL over HTTP and, for subscriptions, WebSocket. It must stand behind a `Guard`."""

    graphql_transport_ws_handler_class = SubscriptionHandler
    websocket_adapter_class = CountedSocket
    schema: LimitedSchema

    def __init__(
        self,
        schema: LimitedSchema,
        context_factory: ContextFactory,
        *,
        metrics: Metrics,
        page: str | None = None,
        allowed_origins: Sequence[str] = (),
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=CONNECTION_INIT_SECONDS_MAX),
            max_subscriptions_per_connection=OPERATIONS_OPEN_MAX,
            allowed_origins=allowed_origins,
        )
        self.context_factory = context_factory
        self.connections = Connections(metrics)
        self._metrics = metrics
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await super().__call__(scope, receive, send)
            return
        asked = scope[ASKED]
        if asked is None:
            await HTMLResponse(self._page or "")(scope, receive, send)
            return
        await self._respond(asked, scope, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Carried | None:
        """Nothing yet: what a WebSocket carries is known from its `connection_init` message."""
        del request, response

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        """Of a page elsewhere: only where the settings name it."""
        is_allowed = super().is_websocket_origin_allowed(request, origin)
        if not is_allowed:
            self.connections.refused(OTHER_ORIGIN)
        return is_allowed

    def decode_json(self, data: str | bytes) -> object:
        return decode_message(data)

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()

    async def _respond(self, asked: Asked, scope: Scope, send: Send) -> None:
        started = perf_counter()
        headers = Headers(scope=scope)
        found = await self._answered(asked, HTTPConnection(scope), _locale(headers))
        body, found = _encoded(found, _locale(headers))
        operation = self.schema.operation_name(asked.query, asked.operation_name)
        note(scope, operation=operation)
        self._metrics.answered(
            operation, "error" if found.codes else "ok", perf_counter() - started
        )
        for code in found.codes:
            self._metrics.refused(code)
        accept = headers.get("accept", "")
        is_exact = found.is_status_for_all or media_type(accept) == RESPONSE_JSON
        status = found.status if is_exact else 200
        await answer(send, status, body, accept=accept, headers=found.headers)

    async def _answered(self, asked: Asked, connection: HTTPConnection, locale: str) -> Answer:
        try:
            context = await self.context_factory(connection)
            locale = context.locale
            result = await self.schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=_READS_AND_WRITES if asked.is_post else _READS,
            )
        except Refusal as refusal:
            status = _UNAUTHENTICATED if refusal.code == "UNAUTHENTICATED" else 403
            return _not_run([refused(refusal, locale)], status)
        except InvalidOperationTypeError as error:
            return _not_allowed(error)
        except CannotGetOperationTypeError as error:
            return _not_run([operation_not_found(error)])
        except Exception as error:  # noqa: BLE001  the client gets an id, the log the cause
            return _failed(error, locale)
        return _from_result(result, locale)


def guarded(app: GraphQLApp, metrics: Metrics, *, with_page: bool = False) -> Guard:
    """The application as it is served: nothing reaches it but well-formed requests."""
    return Guard(app, with_page=with_page, on_refusal=metrics.refused)


def _from_result(result: ExecutionResult, locale: str) -> Answer:
    if not result.errors:
        return Answer({"data": result.data})
    errors = shown_errors(result.errors, locale)
    is_run = not isinstance(result, PreExecutionError) and (
        result.data is not None or any(error.path for error in result.errors)
    )
    if not is_run:
        return _not_run(errors)
    payload: dict[str, object] = {
        "errors": [error.formatted for error in errors],
        "data": result.data,
    }
    has_data = any(value is not None for value in (result.data or {}).values())
    if not has_data and "UNAVAILABLE" in _codes(errors):
        return _away(payload)
    return Answer(payload)


def _not_run(errors: list[GraphQLError], status: int = 400) -> Answer:
    codes = _codes(errors)
    payload: dict[str, object] = {"errors": [error.formatted for error in errors]}
    if "UNAVAILABLE" in codes:
        return _away(payload)
    if "INTERNAL" in codes:
        status = 500
    is_limited = any(
        "limit" in (error.extensions or {}) or code.endswith("_LIMIT")
        for error, code in zip(errors, codes, strict=True)
    )
    is_for_all = is_limited or status >= 500  # noqa: PLR2004  the class of HTTP statuses
    return Answer(payload, status, is_status_for_all=is_for_all)


def _not_allowed(error: InvalidOperationTypeError) -> Answer:
    extensions = {"code": "OPERATION_NOT_ALLOWED"}
    if error.operation_type is OperationType.SUBSCRIPTION:
        problem = GraphQLError("Subscriptions run over WebSocket.", extensions=extensions)
        return _not_run([problem])
    problem = GraphQLError("Mutations must be sent by POST.", extensions=extensions)
    payload: dict[str, object] = {"errors": [problem.formatted]}
    return Answer(payload, 405, is_status_for_all=True, headers={"allow": "POST"})


def _failed(cause: Exception, locale: str) -> Answer:
    return _not_run([broken(cause, locale)])


def _away(payload: dict[str, object]) -> Answer:
    headers = {"retry-after": str(RETRY_AFTER_SECONDS)}
    return Answer(payload, 503, is_status_for_all=True, headers=headers)


def _codes(errors: Sequence[GraphQLError]) -> list[str]:
    return [str((error.extensions or {}).get("code", "")) for error in errors]


def _encoded(found: Answer, locale: str) -> tuple[bytes, Answer]:
    try:
        return orjson.dumps(found.payload), found
    except TypeError as error:
        failed = _failed(error, locale)
        return orjson.dumps(failed.payload), failed


def _locale(headers: Headers) -> str:
    return "zh-CN" if headers.get("accept-language", "").startswith("zh") else "en"
