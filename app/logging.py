"""What is written down about a request? One line of JSON: ids, operation, status, time; no content.

Every line of a request carries its id, whoever writes it, through structlog's context variables.
Neither headers nor query strings nor bodies are logged: tokens and personal data are in them. Of a
path only what the route says: what stands in it for a name may be a token, and one that isn't ours
may be anything. Of an error only where
it was raised and of which kind: its text is about somebody.
"""

import logging
import re
import sys
from time import perf_counter

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import Processor

from app import tracebacks
from kit.ids import new_id

REQUEST_ID_HEADER = "x-request-id"
_NOTES = "accrue.notes"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
UNKNOWN_PATH = "unknown"
_NOT_FOUND = 404
_SERVER_ERROR = 500
# They write down whole addresses: those of requests, of webhook endpoints, and members' phones.
_TOO_TALKATIVE = ("uvicorn.access", "httpx2", "apprise")
_CUT_SHORT = ("asyncio", "uvicorn.error")


def configure(*, json: bool) -> None:
    """Send the logs of structlog and of the standard library to stderr, as JSON or for people.

    Tracebacks are without local variables and without the errors' texts, which hold passwords and
    tokens, names and contacts.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering = _json() if json else _console()
    structlog.configure(
        processors=[*shared, *rendering],
        logger_factory=(
            structlog.BytesLoggerFactory(sys.stderr.buffer)
            if json
            else structlog.PrintLoggerFactory(sys.stderr)
        ),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    _configure_standard_library([*shared, structlog.stdlib.add_logger_name], rendering, json=json)


def _json() -> list[Processor]:
    return [
        structlog.processors.ExceptionRenderer(tracebacks.as_rows),
        structlog.processors.JSONRenderer(serializer=_dumps),
    ]


def _console() -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(exception_formatter=tracebacks.as_text)]


def _dumps(event: object, **options: object) -> bytes:
    del options
    return orjson.dumps(event, default=str)


def _configure_standard_library(
    shared: list[Processor], rendering: list[Processor], *, json: bool
) -> None:
    finish: list[Processor] = [_decoded] if json else []
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *rendering,
            *finish,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).disabled = True
    for name in _CUT_SHORT:
        logging.getLogger(name).addFilter(_cut_short)


def _cut_short(record: logging.LogRecord) -> bool:
    """A lost error's text is asyncio's to write, and uvicorn's the query of a WebSocket."""
    record.msg, record.args = record.getMessage().partition("\n")[0], None
    return '"WebSocket ' not in record.msg


def _decoded(logger: object, method: str, event: object) -> str:
    del logger, method
    assert isinstance(event, bytes)
    return event.decode()


def note(scope: Scope, **facts: object) -> None:
    """Add facts to the access line of this request."""
    notes = scope.get(_NOTES)
    if notes is not None:
        notes.update(facts)


class AccessLog:
    """Pure ASGI: gives each request an id, answers with it, and writes the line when it is done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger(component="access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        notes: dict[str, object] = {}
        scope[_NOTES] = notes
        status = _SERVER_ERROR
        started = perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sending)
            finally:
                if scope["path"] not in _PROBES:
                    self._log.info(
                        "request",
                        method=scope.get("method", "WEBSOCKET"),
                        path=_path(scope, status),
                        status=status,
                        duration_ms=round((perf_counter() - started) * 1000, 2),
                        **notes,
                    )


def _path(scope: Scope, status: int) -> str:
    if status == _NOT_FOUND:
        return UNKNOWN_PATH
    path: str = scope["path"]
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(part, part) for part in path.split("/"))


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID_HEADER, "")
    return given if _SANE_ID.fullmatch(given) else new_id().hex
