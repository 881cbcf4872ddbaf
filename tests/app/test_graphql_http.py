"""Does GraphQL over HTTP answer with the right status and words, and hide our faults?"""

import re
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from tests.support.graphql_edge import GONE, Served

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@pytest.fixture
def served() -> Served:
    return Served()


def post(served: Served, query: str, accept: str = GRAPHQL, **more: Any) -> Any:
    headers = {"accept": accept, **more.pop("headers", {})}
    return served.client.post("/graphql", json={"query": query, **more}, headers=headers)


def test_a_query_is_answered_in_the_media_type_that_is_accepted(served: Served) -> None:
    for accept in (GRAPHQL, JSON):
        response = post(served, "{ hello }", accept)
        assert response.status_code == 200
        assert response.headers["content-type"] == f"{accept}; charset=utf-8"
        assert response.content == b'{"data":{"hello":"hello world"}}'


def test_variables_and_the_operation_name_are_used(served: Served) -> None:
    text = "query A($n: String!) { hello(name: $n) } query B { hello }"
    response = post(served, text, variables={"n": "Ada"}, operationName="A")
    assert response.json() == {"data": {"hello": "hello Ada"}}


NOT_RUN = [
    (
        "{",
        "GRAPHQL_PARSE_FAILED",
        "Syntax Error: Expected Name, found <EOF>.",
    ),
    (
        "{ helo }",
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'helo' on type 'Query'.",
    ),
    ("query A { hello } query B { hello }", "OPERATION_NOT_FOUND", "Name the operation to run."),
    ("fragment F on Query { hello }", "OPERATION_NOT_FOUND", "Name the operation to run."),
    (
        "subscription { count(to: 1) }",
        "OPERATION_NOT_ALLOWED",
        "Subscriptions run over WebSocket.",
    ),
]


@pytest.mark.parametrize(("query", "code", "message"), NOT_RUN)
@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
def test_what_cannot_run_is_400_and_200_for_plain_json_and_has_no_data(
    served: Served, query: str, code: str, message: str, accept: str, status: int
) -> None:
    response = post(served, query, accept)
    assert response.status_code == status
    assert list(response.json()) == ["errors"]
    (error,) = response.json()["errors"]
    assert (error["message"], error["extensions"]) == (message, {"code": code})


def test_an_unknown_operation_name_is_not_found(served: Served) -> None:
    response = post(served, "query A { hello }", operationName="B")
    assert response.status_code == 400
    extensions = {"code": "OPERATION_NOT_FOUND"}
    expected = {"message": "There is no operation `B`.", "extensions": extensions}
    assert response.json() == {"errors": [expected]}


def test_a_variable_of_the_wrong_type_is_400_and_says_which(served: Served) -> None:
    response = post(served, "query Q($n: Int!) { hello(times: $n) }", variables={"n": "x"})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["message"].startswith("Variable '$n' has invalid value: Int cannot represent")
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["n"]}


def test_an_argument_left_null_by_its_variable_is_the_clients_fault(served: Served) -> None:
    query = "query Q($n: Int = 1) { hello(times: $n) }"
    response = post(served, query, variables={"n": None})
    (error,) = response.json()["errors"]
    assert error["message"].startswith("Argument 'times'")
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["times"]}


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_document_beyond_a_limit_is_400_for_everyone(served: Served, accept: str) -> None:
    aliases = " ".join(f"a{i}: hello" for i in range(16))
    response = post(served, f"{{ {aliases} }}", accept)
    assert response.status_code == 400
    assert response.json() == {
        "errors": [
            {
                "message": "The document has 16 aliases; at most 15 are allowed.",
                "extensions": {"code": "ALIAS_LIMIT", "limit": 15, "actual": 16},
            }
        ]
    }


def test_unauthenticated_and_forbidden_are_top_level_errors_with_their_codes(
    served: Served,
) -> None:
    response = post(served, "{ me { name } }")
    assert response.status_code == 200
    assert response.json() == {
        "errors": [
            {
                "message": "Sign in first.",
                "locations": [{"line": 1, "column": 3}],
                "path": ["me"],
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ],
        "data": None,
    }
    response = post(served, "{ staff { name } hello }")
    assert response.json()["data"] == {"staff": None, "hello": "hello world"}
    assert response.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


def test_refusals_speak_the_viewers_language(served: Served) -> None:
    response = post(served, "{ staff { name } }", headers={"authorization": "Bearer zh"})
    assert response.json()["errors"][0]["message"] == "您无权执行此操作。"


def test_invalid_input_says_where(served: Served) -> None:
    response = post(served, "{ picky }")
    (error,) = response.json()["errors"]
    assert error["message"] == "Invalid input (input.time): must have a zone"
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["input", "time"]}


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 401), (JSON, 200)])
def test_a_bad_token_is_unauthenticated_before_anything_runs(
    served: Served, accept: str, status: int
) -> None:
    response = post(served, "{ hello }", accept, headers={"authorization": "Bearer forged"})
    assert response.status_code == status
    extensions = {"code": "UNAUTHENTICATED"}
    expected = {"message": "Sign in first.", "extensions": extensions}
    assert response.json() == {"errors": [expected]}


@pytest.mark.parametrize("field", ["broken", "notANumber"])
def test_our_own_faults_are_masked_with_an_id_that_the_log_explains(
    served: Served, field: str
) -> None:
    with capture_logs() as logs:
        response = post(served, f"{{ {field} hello }}")
    assert response.status_code == 200
    assert GONE not in response.text
    (error,) = response.json()["errors"]
    assert error["message"] == "Something went wrong on our side."
    assert error["path"] == [field]
    assert error["extensions"]["code"] == "INTERNAL"
    error_id = error["extensions"]["errorId"]
    assert re.fullmatch(r"[0-9a-f]{32}", error_id)
    assert response.json()["data"] == {field: None, "hello": "hello world"}
    logged = [entry for entry in logs if entry["event"] == "graphql.failed"]
    assert [entry["error_id"] for entry in logged] == [error_id]
    assert GONE in str(logged[0]["exc_info"])


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_fault_before_execution_is_500_masked(served: Served, accept: str) -> None:
    served.fails_with = RuntimeError(GONE)
    response = post(served, "{ hello }", accept, headers={"accept-language": "zh-CN"})
    assert response.status_code == 500
    (error,) = response.json()["errors"]
    assert error["message"] == "服务器出错了，请稍后再试。"
    assert error["extensions"]["code"] == "INTERNAL"
    assert GONE not in response.text


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize("query", ["{ away }", "{ hello }"])
def test_while_postgresql_is_away_the_answer_is_503_and_when_to_try_again(
    served: Served, query: str, accept: str
) -> None:
    served.fails_with = ConnectionRefusedError(GONE) if query == "{ hello }" else None
    response = post(served, query, accept)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    (error,) = response.json()["errors"]
    assert error["message"] == "The service is away for a moment; try again."
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert re.fullmatch(r"[0-9a-f]{32}", error["extensions"]["errorId"])
    assert GONE not in response.text


def test_what_could_be_read_before_postgresql_was_away_is_shown(served: Served) -> None:
    response = post(served, "{ hello away }")
    assert (response.status_code, "retry-after" in response.headers) == (200, False)
    assert response.json()["data"] == {"hello": "hello world", "away": None}
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


def test_an_answer_that_cannot_be_encoded_is_500_masked(served: Served) -> None:
    response = post(served, "{ unencodable }")
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL"


def test_a_get_runs_queries_and_refuses_mutations(served: Served) -> None:
    response = served.client.get("/graphql", params={"query": "{ hello }"})
    assert response.json() == {"data": {"hello": "hello world"}}
    for accept in (GRAPHQL, JSON):
        response = served.client.get(
            "/graphql",
            params={"query": 'mutation { rename(name: "x") { name } }'},
            headers={"accept": accept},
        )
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        extensions = {"code": "OPERATION_NOT_ALLOWED"}
        expected = {"message": "Mutations must be sent by POST.", "extensions": extensions}
        assert response.json() == {"errors": [expected]}


def test_a_post_runs_mutations(served: Served) -> None:
    response = post(served, 'mutation { rename(name: "Ada") { name } }')
    assert response.json() == {"data": {"rename": {"name": "Ada"}}}


def test_the_guard_stands_in_front(served: Served) -> None:
    response = served.client.post("/graphql", content=b"1", headers={"content-type": JSON})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert b'accrue_refusals_total{code="BAD_REQUEST"} 1.0' in served.metrics.render()


def test_the_page_is_for_development_only() -> None:
    html = {"accept": "text/html"}
    response = Served(is_development=True).client.get("/graphql", headers=html)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    embedded = response.text.partition('id="examples">')[2].partition("</script>")[0]
    assert orjson.loads(embedded) == [
        {"title": "Hello </script>", "query": "{ hello }", "variables": "{}", "token": "token"}
    ]
    assert Served().client.get("/graphql", headers=html).status_code == 400


def test_introspection_is_answered(served: Served) -> None:
    response = post(served, "{ __schema { queryType { name } } __typename }")
    expected = {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}
    assert response.json() == {"data": expected}


def test_the_access_line_names_the_operation_and_no_content(served: Served) -> None:
    query = 'query Greet { hello(name: "hunter2") }'
    headers = {"authorization": "Bearer ada", "x-request-id": "req-12345678"}
    with capture_logs() as logs:
        response = post(served, query, headers=headers)
    assert response.headers["x-request-id"] == "req-12345678"
    (line,) = logs
    assert line.pop("duration_ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "component": "access",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Greet",
    }


@pytest.mark.parametrize(
    ("query", "asked", "logged"),
    [
        ("query Greet { hello }", "hunter2\n" * 1_000, None),
        ("query " + "a" * 1_000 + " { hello }", None, "a" * 64),
        ("query A { hello } query B { hello }", "B", "B"),
    ],
)
def test_the_access_line_has_no_name_but_the_documents_own_and_not_much_of_it(
    served: Served, query: str, asked: str | None, logged: str | None
) -> None:
    with capture_logs() as logs:
        post(served, query, operationName=asked)
    (line,) = logs
    assert line["operation"] == logged


def test_requests_are_counted_by_operation_and_outcome(served: Served) -> None:
    post(served, "query Greet { hello }")
    post(served, "query Greet { broken }")
    post(served, "{ hello }")
    post(served, "query Unknown { nothing }")
    text = served.metrics.render().decode()
    assert 'accrue_graphql_requests_total{operation="Greet",status="ok"} 1.0' in text
    assert 'accrue_graphql_requests_total{operation="Greet",status="error"} 1.0' in text
    assert 'accrue_graphql_requests_total{operation="anonymous",status="ok"} 1.0' in text
    assert 'accrue_graphql_requests_total{operation="other",status="error"} 1.0' in text
    assert 'accrue_graphql_request_seconds_count{operation="Greet"} 2.0' in text
    assert 'accrue_refusals_total{code="INTERNAL"} 1.0' in text
    assert 'accrue_refusals_total{code="GRAPHQL_VALIDATION_FAILED"} 1.0' in text
