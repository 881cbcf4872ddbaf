"""Is each log line one JSON object that carries the request's id and nothing secret?"""

import subprocess
import sys

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from app.logging import AccessLog

PROGRAM = """
import logging
import structlog
from app.logging import configure

configure(json={json})
log = structlog.get_logger(component="test")
with structlog.contextvars.bound_contextvars(request_id="r-1", job_id="j-1"):
    log.info("said", amount_points=5, name="积分")
    logging.getLogger("library").warning("heard %s", "it")
    log.debug("not said")

def fail(password):
    try:
        raise ValueError("no " + password)
    except ValueError as error:
        broken = ExceptionGroup("with " + password, [KeyError(password)])
        broken.add_note(password)
        raise broken from error

try:
    fail("hunter2")
except ExceptionGroup as error:
    log.error("failed", exc_info=error)
    logging.getLogger("library").exception("failed too")
"""


def lines(*, json: bool) -> list[str]:
    command = [sys.executable, "-c", PROGRAM.format(json=json)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_is_json_with_the_ids_of_its_context() -> None:
    said, heard, failed, failed_too = (orjson.loads(line) for line in lines(json=True))
    for line in (said, heard, failed, failed_too):
        assert line.pop("timestamp").endswith("Z")
    assert said == {
        "component": "test",
        "event": "said",
        "level": "info",
        "amount_points": 5,
        "name": "积分",
        "request_id": "r-1",
        "job_id": "j-1",
    }
    assert heard == {
        "event": "heard it",
        "level": "warning",
        "logger": "library",
        "request_id": "r-1",
        "job_id": "j-1",
    }
    for line in (failed, failed_too):
        group, cause = line["exception"]
        assert (group["exc_type"], group["exc_value"]) == ("ExceptionGroup", "")
        assert [frame["name"] for frame in group["frames"]] == ["<module>", "fail"]
        assert (cause["exc_type"], cause["exc_value"]) == ("ValueError", "")
        assert cause["is_cause"]
        assert group["exceptions"][0][0]["exc_type"] == "KeyError"


@pytest.mark.parametrize("json", [True, False])
def test_tracebacks_are_without_values(json: bool) -> None:  # noqa: FBT001
    text = "\n".join(lines(json=json))
    for name in ("ExceptionGroup", "ValueError", "KeyError"):
        assert name in text
    assert text.count("hunter2") == text.count('fail("hunter2")')


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    if scope["path"] == "/breaks":
        raise RuntimeError("broken")
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def client() -> TestClient:
    return TestClient(AccessLog(answers), raise_server_exceptions=False)


@pytest.mark.parametrize("given", ["short", "with space 1", "x" * 65, "new\tline-12", ""])
def test_a_request_id_that_is_not_sane_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/", headers={"x-request-id": given})
    assert len(response.headers["x-request-id"]) == 32
    assert response.headers["x-request-id"] != given


def test_probes_are_not_logged_and_queries_are_left_out(client: TestClient) -> None:
    with capture_logs() as logs:
        for path in ("/livez", "/readyz", "/metrics", "/page?token=hunter2"):
            client.get(path)
    assert [entry["path"] for entry in logs] == ["/page"]
    assert "hunter2" not in str(logs)


def test_a_token_in_a_path_is_left_out() -> None:
    routes = [Route("/unsubscribe/{token}", PlainTextResponse("done"))]
    client = TestClient(AccessLog(Starlette(routes=routes)))
    with capture_logs() as logs:
        for method in ("GET", "HEAD", "POST"):
            client.request(method, "/unsubscribe/hunter2")
    assert {entry["path"] for entry in logs} == {"/unsubscribe/{token}"}


def test_a_path_that_is_not_ours_is_not_written_down() -> None:
    client = TestClient(AccessLog(Starlette()))
    with capture_logs() as logs:
        client.get("/members/hunter2@example.com")
    assert [(entry["path"], entry["status"]) for entry in logs] == [("unknown", 404)]


LOST = """
import asyncio
import gc
import logging
from app.logging import configure

configure(json=True)

async def fail(word):
    raise ValueError(word)

async def main():
    task = asyncio.create_task(fail("hunter" + str(2)))
    await asyncio.wait({task})
    del task
    gc.collect()

asyncio.run(main())
accepted = '%s - "WebSocket %s" [accepted]'
logging.getLogger("uvicorn.error").info(accepted, "203.0.113.7", "/graphql?token=hunter2")
"""


def test_neither_a_lost_error_nor_the_query_of_a_websocket_is_written_down() -> None:
    command = [sys.executable, "-c", LOST]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (line,) = [orjson.loads(line) for line in done.stderr.splitlines()]
    assert line["event"] == "Task exception was never retrieved"
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert "hunter2" not in done.stderr


LIBRARIES = """
import logging
import apprise
from app.logging import configure

configure(json=True)
apprise.logger.warning("Failed to send to +8613800138000")
logging.getLogger("httpx2").info("HTTP Request: POST https://shop.example/?token=hunter2")
"""


def test_libraries_do_not_write_down_whom_they_call() -> None:
    command = [sys.executable, "-W", "ignore", "-c", LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_a_request_that_breaks_is_logged_as_500(client: TestClient) -> None:
    with capture_logs() as logs:
        client.get("/breaks")
    assert [(entry["path"], entry["status"]) for entry in logs] == [("/breaks", 500)]
