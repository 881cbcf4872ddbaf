"""Do clients that hang up in the middle of a request cost the API something for good?"""

import asyncio
import json
from urllib.parse import urlsplit

import pytest
import websockets

from kit import clock
from tests.faults.state import require_sound_books
from tests.support.faults import Client, locked, pause, ready, token, until, waiting
from tests.support.value import give
from tests.support.world import a_member

pytestmark = pytest.mark.fault
MEMBERS = 50
WARMING = 1_000
CANCELLED = 5_000
AT_ONCE = 50
HANGS_UP_SECONDS_MAX = 0.05
SOCKETS = 10
OPERATIONS_EACH = 100
POOL_SIZE = 20
CALM_SECONDS_MAX = 20
GROWTH_BYTES_MAX = 20 * 1024 * 1024
READ = "{ me { nickname points { available } } }"
REDEEM = """
mutation Redeem($key: String!) {
  redeemReward(input: {rewardCode: "COUPON_10", idempotencyKey: $key}) {
    redemption { id } member { points { available } } refusal { code }
  }
}
"""


class Storm:
    """Clients that send a request, or a part of it, and are gone before the answer."""

    def __init__(self, api, bearers, chance) -> None:
        self._port = urlsplit(api).port
        self._bearers = bearers
        self._chance = chance
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._count = 0

    async def blow(self, requests: int) -> None:
        await asyncio.gather(*(self._hang_up() for _ in range(requests)))

    async def _hang_up(self) -> None:
        async with self._gate:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            request = self._request()
            is_whole = self._chance.random() < 0.9
            writer.write(request if is_whole else request[: len(request) - 20])
            await pause(self._chance.random() * HANGS_UP_SECONDS_MAX)
            writer.transport.abort()

    def _request(self) -> bytes:
        self._count += 1
        asked = {"query": READ}
        if self._chance.random() < 0.5:
            asked = {"query": REDEEM, "variables": {"key": f"storm {self._count}"}}
        body = json.dumps(asked).encode()
        head = (
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._chance.choice(self._bearers)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


async def test_5000_requests_whose_clients_hang_up_leak_nothing(shop, fleet, api, chance, measured):
    members = [(await a_member(now=clock.now())).member_id for _ in range(MEMBERS)]
    for member_id in members:
        await give(member_id, 800_000, now=clock.now())
    bearers = [token("member", str(member_id)) for member_id in members]
    storm = Storm(api, bearers, chance)
    async with Client(api, bearers[0], timeout_seconds=60) as client:
        await storm.blow(WARMING)
        await until(lambda: ready(client), CALM_SECONDS_MAX, what="the API has warmed up")
        before = fleet.rss_bytes("api")
        await storm.blow(CANCELLED)
        await asyncio.gather(*(give_up_operations(api, bearer) for bearer in bearers[:SOCKETS]))
        calm = await until(lambda: ready(client), CALM_SECONDS_MAX, what="the API is calm again")
        growth = fleet.rss_bytes("api") - before
        measured |= {"calm after s": calm, "RSS grew by MiB": growth / 1024**2}
        assert growth < GROWTH_BYTES_MAX
        await require_a_whole_pool(client, shop.postgres.url, members[0])
    await require_sound_books(clock.now())


async def require_a_whole_pool(client, database_url, member_id) -> None:
    """As many requests as the pool has connections are at work at the same moment."""
    async with locked(database_url, member_id):
        asks = [client.try_once(REDEEM, key=f"all {n}") for n in range(POOL_SIZE)]
        answers = asyncio.gather(*asks)

        async def all_at_work() -> bool:
            return await waiting() == POOL_SIZE

        await until(all_at_work, 4, what="every connection of the pool works")
    found = [answer["redeemReward"]["refusal"] for answer in await answers]
    assert found == [None] * POOL_SIZE


async def give_up_operations(api, bearer) -> None:
    """Ask for mutations over a WebSocket, which refuses them, and complete each at once."""
    url = api.replace("http://", "ws://") + "/graphql"
    async with websockets.connect(
        url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")], open_timeout=60
    ) as socket:
        hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {bearer}"}}
        await socket.send(json.dumps(hello))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        for number in range(OPERATIONS_EACH):
            asked = {"query": REDEEM, "variables": {"key": f"socket {number}"}}
            told = {"type": "subscribe", "id": f"{number}", "payload": asked}
            await socket.send(json.dumps(told))
            await socket.send(json.dumps({"type": "complete", "id": f"{number}"}))
