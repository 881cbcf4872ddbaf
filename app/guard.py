"""Is this an HTTP request that GraphQL may see? What isn't gets a 4xx in GraphQL's shape.

The body is read once, within a size and a time, parsed once and handed on as `scope[ASKED]`;
whoever reads it again gets the same bytes. Size is judged before authentication, so what a bearer
claims to be is only a hint: it widens the limit and gives no right.
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASKED = "accrue.graphql"
BODY_BYTES_MAX = 64 * 1024
SERVICE_BODY_BYTES_MAX = 2 * 1024 * 1024
QUERY_STRING_BYTES_MAX = 16 * 1024
BODY_SECONDS_MAX = 10
NESTING_MAX = 32
PARAMETERS_MAX = 16
API_KEY_PREFIX = "ak_"
RESPONSE_JSON = "application/graphql-response+json"

# PostgreSQL's text can't hold it, and neither JSON nor GraphQL writes it without an escape. JSON
# may write the backslash of GraphQL's escape as an escape, so a document is searched as read.
_NUL = re.compile(rb"\\u(?:0000|\{0+\})")
_NUL_OF_DOCUMENT = re.compile(_NUL.pattern.decode())


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks to run; its parts have the right types and `query` isn't empty."""

    query: str
    variables: dict[str, object] | None
    operation_name: str | None
    is_post: bool


class Refused(Exception):
    """The request is no GraphQL request."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


class _Disconnected(Exception):
    """The client left before its body was complete."""


def bad_request(message: str) -> Refused:
    return Refused(400, "BAD_REQUEST", message)


def media_type(accept: str) -> str:
    """The media type of the answer: the GraphQL one where it is asked for, else plain JSON."""
    at = accept.find(RESPONSE_JSON)
    json_at = accept.find("application/json")
    return RESPONSE_JSON if at >= 0 and not 0 <= json_at < at else "application/json"


def error_body(code: str, message: str) -> bytes:
    return orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})


class Guard:
    """Pure ASGI in front of GraphQL. `with_page` lets a browser's GET without a query through."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        with_page: bool = False,
        body_seconds_max: float = BODY_SECONDS_MAX,
        on_refusal: Callable[[str], None] | None = None,
    ) -> None:
        self._app = app
        self._with_page = with_page
        self._body_seconds_max = body_seconds_max
        self._on_refusal = on_refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            scope[ASKED], receive = await self._asked(scope, headers, receive)
        except Refused as refused:
            if self._on_refusal is not None:
                self._on_refusal(refused.code)
            body = error_body(refused.code, refused.message)
            accept = headers.get("accept", "")
            await answer(send, refused.status, body, accept=accept, headers=refused.headers)
        except _Disconnected:
            return
        else:
            await self._app(scope, receive, send)

    async def _asked(
        self, scope: Scope, headers: Headers, receive: Receive
    ) -> tuple[Asked | None, Receive]:
        if scope["method"] == "GET":
            raw = scope["query_string"]
            if not raw and self._with_page and "text/html" in headers.get("accept", ""):
                return None, receive
            return _from_query_string(raw), receive
        if scope["method"] != "POST":
            raise Refused(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", allow="GET, POST")
        _check_content(headers)
        try:
            async with asyncio.timeout(self._body_seconds_max):
                body = await _read(receive, headers)
        except TimeoutError:
            message = f"The body did not arrive within {self._body_seconds_max} seconds."
            raise Refused(408, "REQUEST_TIMEOUT", message, connection="close") from None
        return _from_body(body), _replay(body, receive)


def _check_content(headers: Headers) -> None:
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    if kind.strip() != "application/json" or charset not in {"", "charset=utf-8"}:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8.")
    if headers.get("content-encoding", "identity") != "identity":
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body without content encoding.")


async def _read(receive: Receive, headers: Headers) -> bytes:
    declared = headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit():
        _check_size(int(declared[:19]), headers)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        _check_size(size, headers)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _check_size(size_bytes: int, headers: Headers) -> None:
    if size_bytes > BODY_BYTES_MAX and size_bytes > (limit := _body_limit(headers)):
        message = f"The body is larger than {limit} bytes."
        raise Refused(413, "PAYLOAD_TOO_LARGE", message, connection="close")


def _body_limit(headers: Headers) -> int:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _claims_service(token.strip()):
        return BODY_BYTES_MAX
    return SERVICE_BODY_BYTES_MAX


def _claims_service(token: str) -> bool:
    if token.startswith(API_KEY_PREFIX):
        return True
    payload = token.split(".", 2)[1] if token.count(".") == 2 else ""  # noqa: PLR2004  a JWT has three parts
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return False
    return isinstance(claims, dict) and claims.get("role") == "service"


def _from_body(body: bytes) -> Asked:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"The body is not JSON in UTF-8: {error.msg}.") from None
    if not isinstance(content, dict):
        raise bad_request("The body must be one JSON object.")
    if body.count(b"{") + body.count(b"[") > NESTING_MAX:
        _check_nesting(content)
    if _NUL.search(body):
        raise bad_request("NUL characters are not text.")
    return _checked(content, is_post=True)


def _from_query_string(raw: bytes) -> Asked:
    if len(raw) > QUERY_STRING_BYTES_MAX:
        raise Refused(
            414, "URI_TOO_LONG", f"The query is longer than {QUERY_STRING_BYTES_MAX} bytes."
        )
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
        content: dict[str, object] = dict(pairs)
        for name in ("variables", "extensions"):
            text = content.pop(name, "")
            content[name] = orjson.loads(str(text)) if text else None
    except ValueError:
        message = "The query string is not UTF-8 with JSON variables and extensions."
        raise bad_request(message) from None
    if any("\0" in text for _, text in pairs) or _NUL.search(orjson.dumps(content)):
        raise bad_request("NUL characters are not text.")
    _check_nesting(content)
    return _checked(content, is_post=False)


def _check_nesting(content: dict[str, object]) -> None:
    level: list[object] = [content]
    for _ in range(NESTING_MAX):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)  # pyright: ignore[reportGeneralTypeIssues]
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise bad_request(f"The JSON is nested more than {NESTING_MAX} levels deep.")


def _checked(content: Mapping[str, object], *, is_post: bool) -> Asked:
    query, variables = content.get("query"), content.get("variables")
    operation_name = content.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise bad_request("`query` must be a GraphQL document.")
    if _NUL_OF_DOCUMENT.search(query):
        raise bad_request("NUL characters are not text.")
    if not isinstance(variables, dict | None):
        raise bad_request("`variables` must be an object.")
    if not isinstance(operation_name, str | None):
        raise bad_request("`operationName` must be a string.")
    if not isinstance(content.get("extensions"), dict | None):
        raise bad_request("`extensions` must be an object.")
    return Asked(query, variables, operation_name or None, is_post)


def _replay(body: bytes, receive: Receive) -> Receive:
    is_sent = False

    async def replayed() -> Message:
        nonlocal is_sent
        if is_sent:
            return await receive()
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def answer(
    send: Send, status: int, body: bytes, *, accept: str, headers: Mapping[str, str]
) -> None:
    """Send one GraphQL response in the media type that `accept` asks for."""
    raw = [
        (b"content-type", f"{media_type(accept)}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
