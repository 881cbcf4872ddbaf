"""How often may passwords be tried and members be made, and what if Valkey doesn't count?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from redis.asyncio import Redis

from app import throttle
from app.throttle import ADDRESS_SIGN_IN, CONTACT_SIGN_IN, Limit, Throttle, network
from domain.members.model import Registration
from domain.referrals import operations as referrals
from kit.clock import FrozenClock
from kit.errors import TooManyAttempts
from tests.support.api import SECRET, Asking
from tests.support.world import NOW, nothing_changed, published

ADDRESS = "203.0.113.7"
PASSWORD = "correct horse"
# Refused as INVALID_INPUT, before anything is hashed: an attempt all the same, and a quick one.
TOO_SHORT = "short"
SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) { accessToken
  refusal { __typename code message ... on TooManyAttempts { retryAfterSeconds } } } }"""
REGISTER = """mutation($input: RegisterInput!) { register(input: $input) { accessToken
  refusal { __typename code message ... on TooManyAttempts { retryAfterSeconds } } } }"""


class Shop:
    """The API of one process, asked from addresses of the test's choice."""

    def __init__(self, database_url: str, valkey: Redis | None) -> None:
        self.asking = Asking(database_url)
        self.asking.api._valkey = valkey

    async def sign_in(
        self,
        contact: str,
        password: str = TOO_SHORT,
        *,
        address: str = ADDRESS,
        locale: str = "en",
    ) -> dict[str, Any]:
        asked = {"phone" if contact.startswith("+") else "email": contact, "password": password}
        return (await self._ask(SIGN_IN, asked, address, locale))["data"]["signIn"]

    async def register(self, email: str, *, address: str = ADDRESS) -> dict[str, Any]:
        asked = {"nickname": "Ann", "email": email, "password": TOO_SHORT}
        return (await self._ask(REGISTER, asked, address, "en"))["data"]["register"]

    async def _ask(self, query: str, asked: object, address: str, locale: str) -> dict[str, Any]:
        transport = httpx2.ASGITransport(self.asking.api.app, client=(address, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://accrue.test") as client:
            body = {"query": query, "variables": {"input": asked}}
            headers = {"accept-language": locale}
            return (await client.post("/graphql", json=body, headers=headers)).json()


@pytest.fixture(params=["valkey answers", "valkey refuses", "valkey is silent"])
async def counting(request: pytest.FixtureRequest, valkey: Redis) -> AsyncIterator[Redis]:
    """A client of a server that counts, of none, and of one that never answers."""
    if request.param == "valkey answers":
        yield valkey
        return
    async with _silent() as (server, client):
        if request.param == "valkey refuses":
            server.close()
        yield client


@pytest.fixture
async def shop(database: str, time: FrozenClock, counting: Redis) -> Shop:
    del time
    await published()
    return Shop(database, counting)


@pytest.fixture
async def counted(database: str, time: FrozenClock, valkey: Redis) -> Shop:
    """The shop whose Valkey answers."""
    del time
    await published()
    return Shop(database, valkey)


async def test_the_eleventh_sign_in_with_a_contact_is_refused_before_its_password_is_looked_at(
    counted: Shop,
) -> None:
    await _a_member("ann@example.com")
    async with nothing_changed():
        for _ in range(9):
            assert await _code(counted.sign_in("ann@example.com")) == "INVALID_INPUT"
        wrong = await counted.sign_in("Ann@Example.com ", "wrong horse")
        assert wrong["refusal"]["code"] == "SIGN_IN_FAILED"
        assert await counted.sign_in("ann@example.com", PASSWORD) == {
            "accessToken": None,
            "refusal": {
                "__typename": "TooManyAttempts",
                "code": "TOO_MANY_ATTEMPTS",
                "message": "Too many attempts: try again in 90 seconds.",
                "retryAfterSeconds": 90,
            },
        }
        chinese = await counted.sign_in("ann@example.com", PASSWORD, locale="zh-CN")
        assert chinese["refusal"]["message"] == "尝试次数过多，请在 90 秒后重试。"
        assert (await counted.sign_in("+8613800138000"))["refusal"]["code"] == "INVALID_INPUT"
    assert 'accrue_refusals_total{code="TOO_MANY_ATTEMPTS"} 2.0' in (
        counted.asking.api.metrics.render().decode()
    )


async def test_a_contact_is_limited_from_all_addresses_together_be_it_a_member_or_nobody(
    shop: Shop,
) -> None:
    await _a_member("ann@example.com")
    for number in range(10):
        address = f"198.51.100.{number}"
        for email in ("ann@example.com", "nobody@example.com"):
            assert await _code(shop.sign_in(email, address=address)) == "INVALID_INPUT"
    async with nothing_changed():
        known = await shop.sign_in("ann@example.com", PASSWORD)
        unknown = await shop.sign_in("nobody@example.com", PASSWORD)
    assert known == unknown
    assert known["refusal"]["code"] == "TOO_MANY_ATTEMPTS"


async def test_one_more_attempt_comes_with_every_ninety_seconds(
    shop: Shop, time: FrozenClock
) -> None:
    for _ in range(10):
        await shop.sign_in("ann@example.com")
    time.advance(timedelta(seconds=88.5))
    assert (await shop.sign_in("ann@example.com"))["refusal"]["retryAfterSeconds"] == 2
    time.advance(timedelta(seconds=1.5))
    assert await _code(shop.sign_in("ann@example.com")) == "INVALID_INPUT"
    assert (await shop.sign_in("ann@example.com"))["refusal"]["retryAfterSeconds"] == 90


async def test_a_sign_in_that_succeeds_clears_the_failures_before_it(shop: Shop) -> None:
    await _a_member("ann@example.com")
    for _ in range(9):
        await shop.sign_in("ann@example.com")
    signed_in = await shop.sign_in("ann@example.com", PASSWORD)
    assert signed_in["accessToken"] is not None
    codes = [await _code(shop.sign_in("ann@example.com")) for _ in range(11)]
    assert codes == ["INVALID_INPUT"] * 10 + ["TOO_MANY_ATTEMPTS"]


async def test_the_thirty_first_sign_in_of_an_address_in_a_minute_is_refused(shop: Shop) -> None:
    codes = [await _code(shop.sign_in(f"ann{number}@example.com")) for number in range(31)]
    assert codes == ["INVALID_INPUT"] * 30 + ["TOO_MANY_ATTEMPTS"]
    refused = await shop.sign_in("ann@example.com")
    assert refused["refusal"]["retryAfterSeconds"] == 2
    assert await _code(shop.sign_in("ann@example.com", address="203.0.113.8")) == "INVALID_INPUT"


async def test_an_address_that_is_stopped_does_not_use_up_a_contact(counted: Shop) -> None:
    for number in range(30):
        await counted.sign_in(f"ann{number}@example.com")
    for _ in range(10):
        assert await _code(counted.sign_in("bo@example.com")) == "TOO_MANY_ATTEMPTS"
    codes = [
        await _code(counted.sign_in("bo@example.com", address="203.0.113.8")) for _ in range(10)
    ]
    assert codes == ["INVALID_INPUT"] * 10


async def test_the_eleventh_registration_of_an_address_is_refused(shop: Shop) -> None:
    async with nothing_changed():
        codes = [await _code(shop.register(f"ann{number}@example.com")) for number in range(11)]
        assert codes == ["INVALID_INPUT"] * 10 + ["TOO_MANY_ATTEMPTS"]
        refused = await shop.register("ann@example.com")
    assert refused == {
        "accessToken": None,
        "refusal": {
            "__typename": "TooManyAttempts",
            "code": "TOO_MANY_ATTEMPTS",
            "message": "Too many attempts: try again in 60 seconds.",
            "retryAfterSeconds": 60,
        },
    }
    assert await _code(shop.register("ann@example.com", address="203.0.113.8")) == "INVALID_INPUT"
    assert await _code(shop.sign_in("ann@example.com")) == "INVALID_INPUT"


async def test_processes_count_together(counted: Shop, database: str, valkey: Redis) -> None:
    other = Shop(database, valkey)
    codes = [await _code(shop.sign_in("ann@example.com")) for shop in [counted, other] * 6]
    assert codes == ["INVALID_INPUT"] * 10 + ["TOO_MANY_ATTEMPTS"] * 2


async def test_of_many_guesses_at_once_ten_are_let_through(
    time: FrozenClock, valkey: Redis, monkeypatch: pytest.MonkeyPatch
):
    del time
    monkeypatch.setattr(throttle, "ANSWER_SECONDS_MAX", 30)
    limits = Throttle(SECRET, lambda: valkey)
    guesses = [limits.take(CONTACT_SIGN_IN, "email:ann", NOW) for _ in range(50)]
    found = await asyncio.gather(*guesses, return_exceptions=True)
    assert [answer for answer in found if answer is None] == [None] * 10
    assert sum(isinstance(answer, TooManyAttempts) for answer in found) == 40


async def test_valkey_keeps_hashes_for_as_long_as_they_matter(counted: Shop, valkey: Redis) -> None:
    await counted.sign_in("ann@example.com")
    await counted.register("ann@example.com")
    keys = await _keys(valkey)
    assert [key.rpartition(":")[0] for key in keys] == [
        "accrue:throttle:address",
        "accrue:throttle:contact",
        "accrue:throttle:registration",
    ]
    assert {len(key.rpartition(":")[2]) for key in keys} == {64}
    lives = [await valkey.pttl(key) for key in keys]
    assert all(
        0 < life <= most for life, most in zip(lives, [60_000, 900_000, 600_000], strict=True)
    )
    other = Throttle(b"another secret of thirty-two bytes", lambda: valkey)
    await other.of(ADDRESS, NOW).register()
    assert len(await _keys(valkey)) == 4


async def test_links_may_be_opened_300_times_a_minute_from_one_address(valkey: Redis) -> None:
    limits = Throttle(SECRET, lambda: valkey).of(ADDRESS, NOW)
    for _ in range(300):
        await limits.landing()
    with pytest.raises(TooManyAttempts):
        await limits.landing()
    await limits.register()


async def test_a_silent_valkey_is_asked_again_after_five_seconds(valkey: Redis) -> None:
    async with _silent() as (_, silent):
        clients = [silent]
        limits = Throttle(SECRET, lambda: clients[0])
        await limits.take(CONTACT_SIGN_IN, "email:ann", NOW)
        clients[0] = valkey
        await limits.take(CONTACT_SIGN_IN, "email:ann", NOW + timedelta(seconds=4.9))
        assert await _keys(valkey) == []
        await limits.take(CONTACT_SIGN_IN, "email:ann", NOW + timedelta(seconds=5))
        assert len(await _keys(valkey)) == 1


async def test_a_clock_that_was_ahead_locks_nobody_out(counting: Redis) -> None:
    limits = Throttle(SECRET, lambda: counting)
    for _ in range(30):
        await limits.take(ADDRESS_SIGN_IN, ADDRESS, NOW + timedelta(hours=1))
    with pytest.raises(TooManyAttempts) as refusal:
        await limits.take(ADDRESS_SIGN_IN, ADDRESS, NOW)
    assert refusal.value.facts == {"retry_after_seconds": 2}


async def test_a_flood_takes_no_room_and_drops_nobody() -> None:
    limits = Throttle(SECRET, lambda: None)
    limit = Limit("flood", 1, timedelta(minutes=1))
    await limits.take(limit, "ann", NOW)
    for number in range(2000):
        with_room = limits._local(limit)
        with_room.take(limits._digest(limit, f"stranger {number}"), limit, 0)
    assert len(limits._local(limit)._full_at) == throttle.SLOTS
    with pytest.raises(TooManyAttempts):
        await limits.take(limit, "ann", NOW)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_of_ipv6_stands_for_its_network(address: str, expected: str) -> None:
    assert network(address) == expected


async def _code(answer) -> str:
    return (await answer)["refusal"]["code"]


async def _keys(valkey: Redis) -> list[str]:
    return sorted([key.decode() async for key in valkey.scan_iter("accrue:throttle:*")])


async def _a_member(email: str) -> None:
    asked = Registration(nickname="Ann", email=email, password=PASSWORD)
    await referrals.register(asked, referral_code=None, now=NOW, secret=SECRET)


@asynccontextmanager
async def _silent() -> AsyncIterator[tuple[asyncio.Server, Redis]]:
    over = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        await over.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Redis(port=port) as client:
        yield server, client
        over.set()
