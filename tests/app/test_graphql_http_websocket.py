"""Does a WebSocket carry subscriptions only, within its limits and as long as its token lasts?"""

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from app.subscriptions import OPERATIONS_OPEN_MAX, OPERATIONS_PER_MINUTE_MAX
from kit import clock
from tests.support.graphql_edge import GONE, Served

PROTOCOL = "graphql-transport-ws"
Message = dict[str, Any]


@pytest.fixture
def served() -> Served:
    return Served()


def connect(served: Served, **options: Any) -> WebSocketTestSession:
    return served.client.websocket_connect("/graphql", subprotocols=[PROTOCOL], **options)


def init(socket: WebSocketTestSession, **payload: object) -> None:
    socket.send_json({"type": "connection_init", "payload": payload})
    assert socket.receive_json() == {"type": "connection_ack"}


def subscribe(socket: WebSocketTestSession, query: str, id_: str = "1") -> None:
    socket.send_json({"type": "subscribe", "id": id_, "payload": {"query": query}})


def closed(socket: WebSocketTestSession) -> tuple[int, str]:
    with pytest.raises(WebSocketDisconnect) as raised:
        socket.receive_json()
    return raised.value.code, raised.value.reason


def test_a_subscription_streams_and_completes(served: Served) -> None:
    with connect(served) as socket:
        init(socket)
        subscribe(socket, "subscription { count(to: 2) }")
        assert [socket.receive_json() for _ in range(3)] == [
            {"id": "1", "type": "next", "payload": {"data": {"count": 0}}},
            {"id": "1", "type": "next", "payload": {"data": {"count": 1}}},
            {"id": "1", "type": "complete"},
        ]


@pytest.mark.parametrize("query", ["{ hello }", 'mutation { rename(name: "x") { name } }'])
def test_queries_and_mutations_are_refused_and_the_connection_goes_on(
    served: Served, query: str
) -> None:
    with connect(served) as socket:
        init(socket)
        subscribe(socket, query)
        message = "Only subscriptions run over WebSocket; send queries and mutations over HTTP."
        extensions = {"code": "OPERATION_NOT_ALLOWED"}
        assert socket.receive_json() == {
            "id": "1",
            "type": "error",
            "payload": [{"message": message, "extensions": extensions}],
        }
        subscribe(socket, "subscription { count(to: 0) }")
        assert socket.receive_json() == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription A { count(to: 1) } subscription B { count(to: 1) }", "OPERATION_NOT_FOUND"),
        ("subscription @a @a @a @a @a @a @a @a @a @a @a { count(to: 1) }", "DIRECTIVE_LIMIT"),
    ],
)
def test_a_document_that_cannot_run_fails_its_operation_only(
    served: Served, query: str, code: str
) -> None:
    with connect(served) as socket:
        init(socket)
        subscribe(socket, query)
        found = socket.receive_json()
        assert (found["id"], found["type"]) == ("1", "error")
        assert found["payload"][0]["extensions"]["code"] == code
        subscribe(socket, "subscription { count(to: 0) }", "2")
        assert socket.receive_json() == {"id": "2", "type": "complete"}


def test_a_refusal_while_streaming_ends_the_operation_with_its_code(served: Served) -> None:
    with connect(served) as socket:
        init(socket)
        subscribe(socket, "subscription { secret }")
        found = socket.receive_json()
        assert found["payload"]["data"] is None
        assert found["payload"]["errors"][0]["message"] == "Sign in first."
        assert found["payload"]["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert socket.receive_json() == {"id": "1", "type": "complete"}


def test_a_fault_of_ours_is_masked(served: Served) -> None:
    with connect(served) as socket:
        init(socket)
        subscribe(socket, "subscription { fails }")
        assert socket.receive_json()["payload"] == {"data": {"fails": 1}}
        failed = socket.receive_json()
        assert GONE not in str(failed)
        assert "INTERNAL" in str(failed)


def test_the_token_comes_in_the_first_message_or_in_the_handshake(served: Served) -> None:
    with connect(served) as socket:
        init(socket, Authorization="Bearer ada")
        subscribe(socket, "subscription { who }")
        assert socket.receive_json()["payload"] == {"data": {"who": "ada"}}
    with connect(served, headers={"authorization": "Bearer ada"}) as socket:
        init(socket)
        subscribe(socket, "subscription { who }")
        assert socket.receive_json()["payload"] == {"data": {"who": "ada"}}
    with connect(served, headers={"authorization": "Bearer zh"}) as socket:
        init(socket, authorization="Bearer ada")
        subscribe(socket, "subscription { who }")
        assert socket.receive_json()["payload"] == {"data": {"who": "ada"}}


@pytest.mark.parametrize("token", ["Bearer forged", "Bearer 令牌"])
def test_a_bad_token_ends_the_connection(served: Served, token: str) -> None:
    with connect(served) as socket:
        socket.send_json({"type": "connection_init", "payload": {"Authorization": token}})
        assert closed(socket) == (4403, "UNAUTHENTICATED")


def test_the_connection_ends_when_its_token_does(served: Served) -> None:
    served.expires_at = clock.now() + timedelta(seconds=2)  # enough for the first message
    with connect(served) as socket:
        init(socket, Authorization="Bearer ada")
        subscribe(socket, "subscription { forever }")
        assert socket.receive_json()["payload"] == {"data": {"forever": 1}}
        assert closed(socket) == (4403, "Token expired")


def test_a_token_that_is_revoked_in_between_begins_nothing_more(served: Served) -> None:
    with connect(served) as socket:
        init(socket, Authorization="Bearer ada")
        served.tokens.remove("ada")
        subscribe(socket, "subscription { who }")
        found = socket.receive_json()
        assert found["type"] == "error"
        assert found["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_one_connection_holds_a_hundred_operations(served: Served) -> None:
    with connect(served) as socket:
        init(socket)
        for i in range(OPERATIONS_OPEN_MAX):
            subscribe(socket, "subscription { forever }", str(i))
            assert socket.receive_json()["type"] == "next"
        subscribe(socket, "subscription { forever }", "more")
        assert socket.receive_json() == {
            "id": "more",
            "type": "error",
            "payload": [{"message": "Subscription limit reached"}],
        }


def test_one_connection_may_begin_two_hundred_operations_a_minute(served: Served) -> None:
    with connect(served) as socket:
        init(socket)
        for i in range(OPERATIONS_PER_MINUTE_MAX):
            subscribe(socket, "subscription { count(to: 0) }", str(i))
            assert socket.receive_json()["type"] == "complete"
        subscribe(socket, "subscription { count(to: 0) }", "more")
        assert closed(socket) == (4429, "Too many operations")


@pytest.mark.parametrize(
    "message",
    [
        [],
        1,
        {},
        {"type": 1},
        {"type": "no"},
        {"type": "subscribe"},
        {"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}},
        {"type": "subscribe", "id": "1", "payload": {"query": ""}},
        {"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}},
        {"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": 1}},
        {"type": "connection_init", "payload": []},
        {"type": "complete"},
        {"type": "complete", "id": []},
    ],
)
def test_a_message_of_the_wrong_shape_ends_the_connection(served: Served, message: object) -> None:
    with connect(served) as socket:
        socket.send_json(message)
        code, _ = closed(socket)
        assert code == 4400


@pytest.mark.parametrize("text", ["{", "[" * 10_000, '"' + "a" * 65_536 + '"'])
def test_a_message_that_is_no_json_or_too_large_ends_the_connection(
    served: Served, text: str
) -> None:
    with connect(served) as socket:
        socket.send_text(text)
        assert closed(socket) == (4400, "WebSocket message must be valid JSON")


def test_a_subscription_before_the_first_message_is_refused(served: Served) -> None:
    with connect(served) as socket:
        subscribe(socket, "subscription { count(to: 1) }")
        assert closed(socket) == (4401, "Unauthorized")


def test_the_legacy_protocol_is_not_spoken(served: Served) -> None:
    with served.client.websocket_connect("/graphql", subprotocols=["graphql-ws"]) as socket:
        assert closed(socket) == (4406, "Subprotocol not acceptable")


def test_a_page_of_another_origin_may_not_connect(served: Served) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        connect(served, headers={"origin": "https://evil.example"}),
    ):
        pass
