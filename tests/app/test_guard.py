"""Is whatever isn't a GraphQL request answered with its 4xx in GraphQL's shape?"""

import asyncio
import base64

import orjson
import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.guard import (
    ASKED,
    BODY_BYTES_MAX,
    QUERY_STRING_BYTES_MAX,
    SERVICE_BODY_BYTES_MAX,
    Asked,
    Guard,
    media_type,
)

JSON = {"content-type": "application/json"}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """What the guard hands on: the request that it parsed, and the body as it can be read again."""
    message = await receive()
    asked = scope[ASKED]
    seen = {
        "query": asked.query,
        "variables": asked.variables,
        "name": asked.operation_name,
        "isPost": asked.is_post,
        "body": message.get("body", b"").decode(),
    }
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": orjson.dumps(seen)})


@pytest.fixture
def refusals() -> list[str]:
    return []


@pytest.fixture
def client(refusals: list[str]) -> TestClient:
    return TestClient(Guard(echo, on_refusal=refusals.append))


def error(code: str, message: str) -> dict[str, object]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def test_a_post_is_handed_on_parsed_and_with_its_body(client: TestClient) -> None:
    body = b'{"query": "{ me }", "variables": {"a": 1}, "operationName": "Q"}'
    response = client.post("/", content=body, headers=JSON)
    assert response.json() == {
        "query": "{ me }",
        "variables": {"a": 1},
        "name": "Q",
        "isPost": True,
        "body": body.decode(),
    }


def test_a_get_is_handed_on_parsed(client: TestClient) -> None:
    response = client.get("/", params={"query": "{ me }", "variables": '{"a": 1}'})
    assert response.json() == {
        "query": "{ me }",
        "variables": {"a": 1},
        "name": None,
        "isPost": False,
        "body": "",
    }


NOT_JSON = "The body is not JSON in UTF-8: "
NOT_QUERY = "`query` must be a GraphQL document."
NUL = "NUL characters are not text."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", NOT_JSON + "Input is a zero-length, empty document."),
        (b"{", None),
        (b"1", "The body must be one JSON object."),
        (b'"x"', "The body must be one JSON object."),
        (b"null", "The body must be one JSON object."),
        (b"[]", "The body must be one JSON object."),
        (b'[{"query": "{ me }"}]', "The body must be one JSON object."),
        (b'{"query": "\xff"}', None),
        (b'{"query": "{ me }", "operationName": "\\ud800"}', None),
        (b"\xef\xbb\xbf{}", None),
        (b'{"query": NaN}', None),
        (b"[" * 60_000, None),
        (b"{}", NOT_QUERY),
        (b'{"query": null}', NOT_QUERY),
        (b'{"query": 1}', NOT_QUERY),
        (b'{"query": " "}', NOT_QUERY),
        (b'{"query": ["{ me }"]}', NOT_QUERY),
        (b'{"query": "{ me }", "variables": []}', "`variables` must be an object."),
        (b'{"query": "{ me }", "variables": "{}"}', "`variables` must be an object."),
        (b'{"query": "{ me }", "operationName": 1}', "`operationName` must be a string."),
        (b'{"query": "{ me }", "extensions": 1}', "`extensions` must be an object."),
        (b'{"query": "{ me }", "variables": {"a": "\\u0000"}}', NUL),
        (b'{"query": "{ me(a: \\"\\\\u{0}\\") }"}', NUL),
        (b'{"query": "{ me(a: \\"\\u005cu0000\\") }"}', NUL),
        (b'{"query": "{ me(a: \\"\\\\u\\u00300\\u00300\\") }"}', NUL),
    ],
)
def test_a_body_of_the_wrong_shape_is_a_bad_request(
    client: TestClient, refusals: list[str], body: bytes, message: str | None
) -> None:
    response = client.post("/", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    found = response.json()
    assert found["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    if message is None:
        assert found["errors"][0]["message"].startswith(NOT_JSON)
    else:
        assert found == error("BAD_REQUEST", message)
    assert refusals == ["BAD_REQUEST"]


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a":', "}")])
def test_thirty_two_levels_of_json_pass_and_thirty_three_are_refused(
    client: TestClient, open_: str, close: str
) -> None:
    def nested(levels: int) -> str:
        inner = open_ * (levels - 2) + "1" + close * (levels - 2)
        return f'{{"query": "{{ me }}", "variables": {{"a": {inner}}}}}'

    assert client.post("/", content=nested(32), headers=JSON).status_code == 200
    response = client.post("/", content=nested(33), headers=JSON)
    assert response.status_code == 400
    message = "The JSON is nested more than 32 levels deep."
    assert response.json() == error("BAD_REQUEST", message)


def test_many_brackets_side_by_side_are_not_nesting(client: TestClient) -> None:
    body = orjson.dumps({"query": "{ me }", "variables": {"a": [[] for _ in range(100)]}})
    assert client.post("/", content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("", NOT_QUERY),
        ("query=", NOT_QUERY),
        ("query=%FF", "The query string is not UTF-8 with JSON variables and extensions."),
        (
            "query={me}&variables=no",
            "The query string is not UTF-8 with JSON variables and extensions.",
        ),
        ("query={me}&variables=[]", "`variables` must be an object."),
        ("query={me}&variables=1", "`variables` must be an object."),
        ("query={me}&extensions=1", "`extensions` must be an object."),
        ("query=%00", NUL),
        (
            "query={me}" + "&a=1" * 20,
            "The query string is not UTF-8 with JSON variables and extensions.",
        ),
    ],
)
def test_a_query_string_of_the_wrong_shape_is_a_bad_request(
    client: TestClient, query_string: str, message: str
) -> None:
    response = client.get("/?" + query_string)
    assert response.status_code == 400
    assert response.json() == error("BAD_REQUEST", message)


def test_a_query_string_beyond_the_limit_is_refused(client: TestClient) -> None:
    response = client.get("/?query=" + "a" * QUERY_STRING_BYTES_MAX)
    assert response.status_code == 414
    message = "The query is longer than 16384 bytes."
    assert response.json() == error("URI_TOO_LONG", message)


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk"],
)
def test_a_post_that_is_not_json_in_utf_8_is_unsupported(
    client: TestClient, content_type: str
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = client.post("/", content=b'{"query": "{ me }"}', headers=headers)
    assert response.status_code == 415
    message = "Send application/json in UTF-8."
    assert response.json() == error("UNSUPPORTED_MEDIA_TYPE", message)


def test_the_charset_utf_8_is_fine_in_any_spelling(client: TestClient) -> None:
    for content_type in ('application/json; charset="utf-8"', "Application/JSON;charset=UTF-8"):
        headers = {"content-type": content_type}
        response = client.post("/", content=b'{"query": "{ me }"}', headers=headers)
        assert response.status_code == 200


def test_a_compressed_body_is_unsupported(client: TestClient) -> None:
    response = client.post("/", content=b"x", headers={**JSON, "content-encoding": "gzip"})
    assert response.status_code == 415
    message = "Send the body without content encoding."
    assert response.json() == error("UNSUPPORTED_MEDIA_TYPE", message)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    response = client.request(method, "/")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert response.json() == error("METHOD_NOT_ALLOWED", "Use GET or POST.")


def of_size(size: int) -> bytes:
    frame = b'{"query": "{ me }", "variables": {"a": ""}}'
    return frame.replace(b'""', b'"' + b"a" * (size - len(frame)) + b'"')


def jwt_claiming(role: str) -> str:
    claims = base64.urlsafe_b64encode(orjson.dumps({"role": role})).decode().rstrip("=")
    return f"e30.{claims}.signature"


def test_64_kib_pass_and_one_byte_more_is_too_large(client: TestClient) -> None:
    assert client.post("/", content=of_size(BODY_BYTES_MAX), headers=JSON).status_code == 200
    response = client.post("/", content=of_size(BODY_BYTES_MAX + 1), headers=JSON)
    assert response.status_code == 413
    message = "The body is larger than 65536 bytes."
    assert response.json() == error("PAYLOAD_TOO_LARGE", message)


@pytest.mark.parametrize("token", ["ak_12345678_secret", jwt_claiming("service")])
def test_a_service_may_send_2_mib_and_not_a_byte_more(client: TestClient, token: str) -> None:
    headers = {**JSON, "authorization": f"Bearer {token}"}
    response = client.post("/", content=of_size(SERVICE_BODY_BYTES_MAX), headers=headers)
    assert response.status_code == 200
    response = client.post("/", content=of_size(SERVICE_BODY_BYTES_MAX + 1), headers=headers)
    assert response.status_code == 413
    message = "The body is larger than 2097152 bytes."
    assert response.json() == error("PAYLOAD_TOO_LARGE", message)


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer {jwt_claiming('member')}",
        "Bearer a.%%%.c",
        "Bearer a.e30",
        "Bearer a.W10.c",
        "Basic ak_12345678_secret",
    ],
)
def test_anyone_else_may_send_64_kib(client: TestClient, authorization: str) -> None:
    headers = {**JSON, "authorization": authorization}
    response = client.post("/", content=of_size(BODY_BYTES_MAX + 1), headers=headers)
    assert response.status_code == 413


def test_the_media_type_follows_the_order_of_accept() -> None:
    graphql = "application/graphql-response+json"
    assert media_type("") == "application/json"
    assert media_type("*/*") == "application/json"
    assert media_type("application/json") == "application/json"
    assert media_type(graphql) == graphql
    assert media_type(f"{graphql}, application/json;q=0.9") == graphql
    assert media_type(f"application/json, {graphql}") == "application/json"


def test_refusals_use_the_media_type_that_is_asked_for(client: TestClient) -> None:
    headers = {**JSON, "accept": "application/graphql-response+json"}
    response = client.post("/", content=b"1", headers=headers)
    assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"


async def call(guard: Guard, messages: list[Message]) -> list[Message]:
    """Drive the guard as a server does that has these messages and then nothing more."""
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    await guard(scope, receive, send)
    return sent


async def test_a_body_in_chunks_is_put_together() -> None:
    chunks: list[Message] = [
        {"type": "http.request", "body": b'{"query": ', "more_body": True},
        {"type": "http.request", "body": b'"{ me }"}', "more_body": False},
    ]
    sent = await call(Guard(echo), chunks)
    assert orjson.loads(sent[1]["body"])["body"] == '{"query": "{ me }"}'


async def test_chunks_beyond_the_limit_are_refused_before_the_rest_arrives() -> None:
    chunk: Message = {"type": "http.request", "body": b" " * 40_000, "more_body": True}
    messages: list[Message] = [chunk, chunk, chunk]
    sent = await call(Guard(echo), messages)
    assert sent[0]["status"] == 413
    assert messages == [chunk]


async def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    first: Message = {"type": "http.request", "body": b"{", "more_body": True}
    sent = await call(Guard(echo, body_seconds_max=0.01), [first])
    assert sent[0]["status"] == 408
    message = "The body did not arrive within 0.01 seconds."
    assert orjson.loads(sent[1]["body"]) == error("REQUEST_TIMEOUT", message)


async def test_a_client_that_leaves_is_answered_nothing() -> None:
    assert await call(Guard(echo), [{"type": "http.disconnect"}]) == []


async def test_what_follows_the_replayed_body_is_the_connection() -> None:
    seen: list[Message] = []

    async def twice(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        seen.extend([await receive(), await receive()])

    body: Message = {"type": "http.request", "body": b'{"query": "{ me }"}', "more_body": False}
    await call(Guard(twice), [body, {"type": "http.disconnect"}])
    assert [message["type"] for message in seen] == ["http.request", "http.disconnect"]


async def test_only_a_browser_asking_for_a_page_passes_without_a_query() -> None:
    seen: list[Asked | None] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        seen.append(scope[ASKED])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    html = {"accept": "text/html"}
    in_development, in_production = TestClient(Guard(page, with_page=True)), TestClient(Guard(page))
    assert in_development.get("/", headers=html).status_code == 200
    assert in_development.get("/").status_code == 400
    assert in_production.get("/", headers=html).status_code == 400
    assert seen == [None]
