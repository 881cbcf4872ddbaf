"""Do the clients that shops use get along with a running server, over HTTP and WebSocket?

They come from the npm registry: `make clients` installs them. Without them, or without Node, these
tests are skipped and say so.
"""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kit import clock
from tests.support.api import Asking, member_global_id
from tests.support.sockets import served
from tests.support.value import give
from tests.support.world import a_member, published
from workers.broker import make_client

HERE = Path(__file__).parent
DASHBOARD = HERE.parents[1] / "benchmarks" / "dashboard.graphql"
NODE_MAJOR_MIN = 20
SECONDS_MAX = 60
SHORT = timedelta(seconds=4)


@cache
def missing() -> str | None:
    """What a run lacks; None where all is there."""
    node = shutil.which("node")
    if node is None:
        return "Node isn't installed"
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = found.stdout.strip().lstrip("v")
    if found.returncode or int(version.partition(".")[0] or 0) < NODE_MAJOR_MIN:
        return f"Node is {version or 'broken'}, and the clients need {NODE_MAJOR_MIN} or newer"
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    for name, version in wanted.items():
        package = HERE / "node_modules" / name / "package.json"
        if not package.exists() or json.loads(package.read_text())["version"] != version:
            return f"{name} {version} isn't installed: make clients"
    return None


pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


class Shop:
    """A server, a member with 1,000 points, and clients that act for them."""

    def __init__(self, ask: Asking, url: str, member_id: Any) -> None:
        self.member_id = member_id
        self._ask = ask
        self._url = url

    async def tells(self, script: str) -> dict[str, Any]:
        """What a client saw, by step."""
        short, _ = self._ask.issuer.issue(str(self.member_id), "member", now=clock.now(), ttl=SHORT)
        environment = {
            "PATH": os.environ["PATH"],
            "ACCRUE_HTTP": self._url.replace("ws://", "http://"),
            "ACCRUE_SOCKET": self._url,
            "ACCRUE_TOKEN": self._ask.member(self.member_id),
            "ACCRUE_SHORT_TOKEN": short,
            "ACCRUE_DASHBOARD": str(DASHBOARD),
        }
        child = await asyncio.create_subprocess_exec(
            "node",
            str(HERE / script),
            cwd=HERE,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await asyncio.wait_for(child.communicate(), SECONDS_MAX)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        assert child.returncode == 0, f"{out.decode()}\n{err.decode()}"
        return dict(json.loads(line) for line in out.splitlines())


@pytest.fixture
async def shop(database: str, redis_url: str) -> AsyncIterator[Shop]:
    await published()
    ask = Asking(database)
    member = await a_member(now=clock.now())
    await give(member.member_id, 1_000, now=clock.now())
    async with ask.client, make_client(redis_url) as valkey, served(ask, valkey) as url:
        yield Shop(ask, url, member.member_id)


@pytest.mark.parametrize("script", ["apollo.mjs", "urql.mjs"])
async def test_a_client_shows_checks_in_redeems_and_is_told(shop: Shop, script: str) -> None:
    told = await shop.tells(script)
    me = told.pop("dashboard")
    assert (me["id"], me["points"]["available"]) == (member_global_id(shop.member_id), 1_000)
    assert (me["tier"]["code"], me["checkInStatus"]["checkedInToday"]) == ("NORMAL", False)
    refused = told.pop("refused")
    assert (refused["code"], refused["available"], refused["required"]) == (
        "INSUFFICIENT_POINTS",
        210,
        800,
    )
    made = told.pop("checkIn")
    assert made["checkIn"]["pointsAwarded"] == 10
    assert made["checkIn"]["streakDays"] == 1
    assert made["refusal"] is None
    cached = {"cached": 1_010} if script == "apollo.mjs" else {}
    assert told == {
        "first": 1_000,
        "changed": 1_010,
        **cached,
        "redeemed": [800, 210],
        "again": True,
        "left": 210,
    }


async def test_a_stream_comes_back_with_a_new_token(shop: Shop) -> None:
    told = await shop.tells("graphql_ws.mjs")
    assert told.pop("checkIn")["refusal"] is None
    assert told == {
        "first": 1_000,
        "again": 1_000,
        "closed": [4403, "Token expired"],
        "changed": 1_010,
        "denied": [4403, "UNAUTHENTICATED"],
    }
