"""Does guessing the codes of coupons pay, and what if Valkey doesn't count the guesses?"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from redis.asyncio import Redis

from app import throttle
from app.throttle import ACCOUNT_CODES, ADDRESS_CODES, ALL_CODES, Throttle
from domain.coupons.errors import CodesUnavailable
from domain.coupons.model import VouchersAsked
from domain.coupons.operations import make_vouchers
from kit import clock
from kit.clock import FrozenClock
from kit.errors import TooManyAttempts
from tests.domain.coupons.test_claiming import PRINTED
from tests.domain.coupons.test_issuing import in_force
from tests.support.api import SECRET, Asking
from tests.support.world import NOW, a_member, counts, nothing_changed

REDEEM = """mutation($code: String!, $key: String!) {
  redeemCouponCode(input: {code: $code, idempotencyKey: $key}) { coupon { state }
    refusal { __typename code message ... on TooManyAttempts { retryAfterSeconds } } } }"""


class Shop:
    """The API of one process, asked by one member from an address of the test's choice."""

    def __init__(self, database_url: str, valkey: Redis | None) -> None:
        self.asking = Asking(database_url)
        self.asking.api._valkey = valkey

    async def redeem(self, member, code: str, address: str = "203.0.113.7") -> dict[str, Any]:
        transport = httpx2.ASGITransport(self.asking.api.app, client=(address, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://accrue.test") as client:
            token = self.asking.member(member.member_id)
            headers = {"accept-language": "en", "authorization": f"Bearer {token}"}
            body = {"query": REDEEM, "variables": {"code": code, "key": code or "none"}}
            answer = (await client.post("/graphql", json=body, headers=headers)).json()
        return answer["data"]["redeemCouponCode"]


@pytest.fixture
async def time() -> AsyncIterator[FrozenClock]:
    with clock.frozen(NOW) as frozen:
        yield frozen


@pytest.fixture
async def shop(database: str, time: FrozenClock, valkey: Redis) -> Shop:
    del time
    await in_force(PRINTED)
    return Shop(database, valkey)


async def vouchers(quantity: int) -> tuple[str, ...]:
    asked = VouchersAsked("PRINTED", quantity, "k")
    return (await make_vouchers(asked, actor="ada", secret=SECRET, now=NOW)).codes


async def test_after_ten_codes_that_do_not_work_an_account_has_to_wait(
    shop: Shop, time: FrozenClock
) -> None:
    member = await a_member()
    (code,) = await vouchers(1)
    async with nothing_changed():
        answers = [await shop.redeem(member, f"WRONG{number}") for number in range(10)]
        assert answers == [answers[0]] * 10
        assert answers[0]["refusal"] == {
            "__typename": "GenericRefusal",
            "code": "COUPON_CODE_INVALID",
            "message": "This code isn't valid.",
        }
        right = await shop.redeem(member, code, address="198.51.100.1")
        assert right["refusal"]["code"] == "TOO_MANY_ATTEMPTS"
        assert right["refusal"]["retryAfterSeconds"] == 360
    time.advance(timedelta(minutes=6))
    assert (await shop.redeem(member, code))["coupon"] == {"state": "ISSUED"}


async def test_codes_that_work_use_up_nothing(shop: Shop) -> None:
    member = await a_member()
    for code in await vouchers(12):
        assert (await shop.redeem(member, code))["refusal"] is None
    assert await counts("coupon") == [12]
    codes = [(await shop.redeem(member, "WRONG"))["refusal"]["code"] for _ in range(11)]
    assert codes == ["COUPON_CODE_INVALID"] * 10 + ["TOO_MANY_ATTEMPTS"]


async def test_many_accounts_of_one_address_share_its_tries(shop: Shop) -> None:
    members = [await a_member() for _ in range(7)]
    tries = [await shop.redeem(members[number // 10], "WRONG") for number in range(61)]
    assert Counter(answer["refusal"]["code"] for answer in tries) == {
        "COUPON_CODE_INVALID": 60,
        "TOO_MANY_ATTEMPTS": 1,
    }
    elsewhere = await shop.redeem(members[6], "WRONG", address="198.51.100.1")
    assert elsewhere["refusal"]["code"] == "COUPON_CODE_INVALID"


async def test_of_many_guesses_at_once_ten_are_looked_at(
    valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ANSWER_SECONDS_MAX", 30)
    limits = Throttle(SECRET, lambda: valkey).of("203.0.113.7", NOW)
    found = await asyncio.gather(
        *(limits.coupon_code("ann") for _ in range(40)), return_exceptions=True
    )
    assert Counter(type(answer) for answer in found) == {type(None): 10, TooManyAttempts: 30}


async def test_all_guesses_together_have_a_limit_of_their_own(valkey: Redis) -> None:
    limits = Throttle(SECRET, lambda: valkey)
    assert ALL_CODES.count / ALL_CODES.period.total_seconds() < 3
    assert ACCOUNT_CODES.count <= 10 < ADDRESS_CODES.count
    full = Throttle(SECRET, lambda: valkey)
    key = throttle._key(ALL_CODES, full._digest(ALL_CODES, "all"))
    at = throttle._milliseconds(NOW) + ALL_CODES.period_milliseconds
    await valkey.set(key, at)
    with pytest.raises(TooManyAttempts):
        await limits.of("203.0.113.7", NOW).coupon_code("ann")


async def test_while_valkey_does_not_answer_no_code_is_looked_at(
    database: str, time: FrozenClock
) -> None:
    del time
    await in_force(PRINTED)
    member, (code,) = await a_member(), await vouchers(1)
    closed = Redis.from_url("redis://127.0.0.1:1")
    async with closed, nothing_changed():
        refused = await Shop(database, closed).redeem(member, code)
        assert refused["refusal"]["code"] == CodesUnavailable.code


async def test_a_document_tries_one_code(database: str) -> None:
    asking, member = Asking(database), await _of(await in_force(PRINTED))
    tries = " ".join(
        f'a{number}: redeemCouponCode(input: {{code: "{number}", idempotencyKey: "k"}})'
        " { refusal { code } }"
        for number in range(2)
    )
    async with nothing_changed():
        answer = await asking("mutation { " + tries + " }", asking.member(member.member_id))
    assert answer["errors"][0]["extensions"] == {
        "code": "SENSITIVE_FIELD_LIMIT",
        "limit": 1,
        "actual": 2,
    }


async def _of(_programme):
    return await a_member()
