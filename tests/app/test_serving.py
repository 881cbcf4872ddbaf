"""Does a real process serve, and end when it is told to?"""

import signal
import socket
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from app.access import signing_secret
from app.tokens import TokenIssuer
from db.connection import pool
from kit import clock
from kit.ids import new_id
from kit.settings import Settings
from tests.support.processes import START_SECONDS_MAX, eventually, python
from tests.support.sockets import connected, watching
from tests.support.world import a_member, published

RESTARTS = 1012

SERVE = """
import sys
from pathlib import Path
from app import logging
from app.serving import serve
from kit.settings import Settings
database_url, redis_url, data_dir, port = sys.argv[1:]
logging.configure(json=True)
settings = Settings.model_validate(
    {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "data_dir": Path(data_dir)}
)
serve(settings, host="127.0.0.1", port=int(port))
"""


@pytest.mark.usefixtures("valkey")  # for what it leaves there
async def test_a_process_serves_until_it_is_told_to_stop(
    database: str, redis_url: str, tmp_path: Path
) -> None:
    assert pool() is not None
    await published()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with (
        python(SERVE, database, redis_url, tmp_path, port) as process,
        httpx2.Client(base_url=base, trust_env=False) as client,
    ):
        eventually(lambda: _is_ready(client), START_SECONDS_MAX)
        body = {"query": "query Shelf { programme { version } }"}
        response = client.post("/graphql", json=body, headers={"x-request-id": "shop-request-1"})
        assert response.json() == {"data": {"programme": {"version": 1}}}
        assert response.headers["x-request-id"] == "shop-request-1"
        assert "server" not in response.headers
        refused = [_sign_in(client, forwarded_for="203.0.113.7") for _ in range(60)]
        assert set(refused) == {"INVALID_INPUT", "TOO_MANY_ATTEMPTS"}
        assert _sign_in(client, forwarded_for="203.0.113.8") == "INVALID_INPUT"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
    assert process.returncode in {0, -signal.SIGTERM}
    assert '"operation":"Shelf"' in output
    assert '"request_id":"shop-request-1"' in output
    assert "Traceback" not in output


async def test_a_process_that_stops_has_its_streams_connect_again(
    database: str, redis_url: str, tmp_path: Path
) -> None:
    await published()
    ming = await a_member()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with (
        python(SERVE, database, redis_url, tmp_path, port) as process,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        eventually(lambda: _is_ready(client), START_SECONDS_MAX)
        secret = signing_secret(Settings.model_validate({"data_dir": tmp_path}))
        now, hour = clock.now(), timedelta(hours=1)
        token, _ = TokenIssuer(secret).issue(str(ming.member_id), "member", now=now, ttl=hour)
        url, query = f"ws://127.0.0.1:{port}/graphql", "subscription { meChanged { nickname } }"
        async with watching(url, token, query) as stream, connected(url) as idle:
            assert await stream.value() == {"nickname": ming.nickname}
            process.send_signal(signal.SIGTERM)
            assert (await stream.closed())[0] == (await idle.closed())[0] == RESTARTS
        output, _ = process.communicate(timeout=20)
    assert process.returncode in {0, -signal.SIGTERM}
    assert "Traceback" not in output


def _sign_in(client: httpx2.Client, *, forwarded_for: str) -> str:
    """The code it is refused with: a new contact each time, and a password that can't be."""
    asked = {"email": f"{new_id()}@example.com", "password": "short"}
    query = "mutation($input: SignInInput!) { signIn(input: $input) { refusal { code } } }"
    body = {"query": query, "variables": {"input": asked}}
    response = client.post("/graphql", json=body, headers={"x-forwarded-for": forwarded_for})
    return response.json()["data"]["signIn"]["refusal"]["code"]


def _is_ready(client: httpx2.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx2.TransportError:
        return False
