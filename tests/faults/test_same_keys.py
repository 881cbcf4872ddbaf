"""Has a key one effect and one answer, however often it is sent and whoever dies meanwhile?"""

import asyncio
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest

from kit import clock
from tests.faults.state import require_sound_books
from tests.support.faults import Client, rows_of, token, value_of
from tests.support.value import give
from tests.support.world import a_member

pytestmark = pytest.mark.fault
MEMBERS = 20
KEYS_EACH = 10
SENDS = 20
ALTERED = SENDS // 10
AT_ONCE = 40
PRICE_POINTS = 800
SECONDS_MAX = 120
REDEEM = """
mutation Redeem($key: String!, $quantity: Int!) {
  redeemReward(input: {rewardCode: "COUPON_10", quantity: $quantity, idempotencyKey: $key}) {
    redemption { id quantity pricePoints state codes createdAt reward { code } }
    refusal { code message }
  }
}
"""

Key = tuple[UUID, str]


class Storm:
    """Sends of keys in any order, 40 at a time; an altered one once its key has an answer."""

    def __init__(self, clients: dict[UUID, Client]) -> None:
        self.answers: defaultdict[Key, list[dict[str, Any]]] = defaultdict(list)
        self.altered: Counter[str] = Counter()
        self.half = asyncio.Event()
        self._clients = clients
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._answered: defaultdict[Key, asyncio.Event] = defaultdict(asyncio.Event)
        self._half_count = len(clients) * KEYS_EACH * SENDS // 2
        self._count = 0

    async def send(self, key: Key) -> None:
        self.answers[key].append(await self._ask(key, 1))
        self._answered[key].set()

    async def send_altered(self, key: Key) -> None:
        await self._answered[key].wait()
        answer = await self._ask(key, 2)
        assert answer["redemption"] is None
        self.altered[answer["refusal"]["code"]] += 1

    async def _ask(self, key: Key, quantity: int):
        member_id, name = key
        async with self._slots:
            asked = self._clients[member_id].ask(REDEEM, key=name, quantity=quantity)
            answer = (await asked)["redeemReward"]
        self._count += 1
        if self._count >= self._half_count:
            self.half.set()
        return answer


async def test_200_keys_sent_20_times_each_redeem_200_times(fleet, api, chance):
    rich = [(await a_member(now=clock.now())).member_id for _ in range(MEMBERS)]
    for member_id in rich:
        await give(member_id, KEYS_EACH * PRICE_POINTS, now=clock.now())
    members = [*rich, (await a_member(now=clock.now())).member_id]
    keys = [(member_id, f"k{n}") for member_id in members for n in range(KEYS_EACH)]
    async with AsyncExitStack() as stack, asyncio.timeout(SECONDS_MAX):
        storm = Storm({one: await stack.enter_async_context(a_client(api, one)) for one in members})
        sends = [storm.send(key) for key in keys for _ in range(SENDS - ALTERED)]
        sends += [storm.send_altered(key) for key in keys for _ in range(ALTERED)]
        chance.shuffle(sends)
        await asyncio.gather(kill_midway(storm, fleet), *sends)
    first = {key: answers[0] for key, answers in storm.answers.items()}
    assert storm.answers == {key: [answer] * (SENDS - ALTERED) for key, answer in first.items()}
    assert storm.altered == {"IDEMPOTENCY_KEY_REUSED": len(keys) * ALTERED}
    refused = {key for key, answer in first.items() if answer["refusal"]}
    assert refused == {key for key in keys if key[0] not in rich}
    await require_one_effect_each(len(rich) * KEYS_EACH)


async def kill_midway(storm, fleet) -> None:
    await storm.half.wait()
    fleet.kill("api")
    fleet.restart("api")


def a_client(api, member_id) -> Client:
    return Client(api, token("member", str(member_id)))


async def require_one_effect_each(keys: int) -> None:
    assert await value_of("SELECT count(*) FROM redemption") == keys
    assert await value_of("SELECT count(*) FROM transfer WHERE kind = 'spend'") == keys
    left = await rows_of("SELECT DISTINCT available FROM wallet WHERE currency = 'POINTS'")
    assert [row["available"] for row in left] == [0]
    await require_sound_books(clock.now())
