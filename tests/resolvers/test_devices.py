"""What does an app send and see of devices, and what do staff?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.devices import operations
from domain.devices.model import Visit
from domain.devices.rules import device_of
from domain.members.model import Member
from domain.members.operations import suspend
from kit.clock import FrozenClock
from kit.ids import derived_id, global_id
from tests.support.api import ADA, SECRET, Asking, member_global_id
from tests.support.thieving import (
    ASK,
    CONFIRM,
    DAY,
    FORGET,
    LAPTOP,
    MINE,
    PHONE,
    a_shop,
    confirmed,
    opened,
    redeemed,
    signed_in,
    signed_up,
    the_code,
)
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed


@pytest.fixture
async def ask(database: str, time: FrozenClock) -> AsyncIterator[Asking]:
    """With a reward for 100 points."""
    del time
    await a_shop()
    asking = Asking(database)
    async with asking.client:
        yield asking


async def mine(ask: Asking, token: str, on_device: str | None) -> list[dict[str, Any]]:
    return (await ask(MINE, token, on_device=on_device))["data"]["myDevices"]


async def refusal(ask: Asking, query: str, token: str, on_device: str | None, **given: Any):
    (found,) = (await ask(query, token, on_device=on_device, **given))["data"].values()
    return found["refusal"]


async def test_a_member_sees_their_devices_and_staff_see_them_without_names(
    ask: Asking, time: FrozenClock
) -> None:
    ming, _ = await signed_up(ask)
    time.set(NOW + 2 * DAY)
    token = await signed_in(ask, LAPTOP)
    laptop, phone = await mine(ask, token, LAPTOP)
    own = device_of(PHONE, SECRET)
    assert own is not None
    assert phone == {
        "id": global_id("Device", ming, own),
        "isTrusted": True,
        "isCurrent": False,
        "firstSeenAt": "2026-03-02T04:00:00Z",
        "lastSeenAt": "2026-03-02T04:00:00Z",
        "confirmedAt": "2026-03-02T04:00:00Z",
        "forgottenAt": None,
    }
    assert (laptop["isTrusted"], laptop["isCurrent"], laptop["confirmedAt"]) == (False, True, None)
    query = "query($id: ID!) { memberDevices(memberId: $id) { id isTrusted isCurrent } }"
    seen = await ask(query, ask.staff(), id=member_global_id(ming))
    assert [one["isTrusted"] for one in seen["data"]["memberDevices"]] == [False, True]
    assert LAPTOP not in str(seen)


async def test_a_device_is_forgotten_from_a_trusted_one_and_nothing_leaves_any_more(
    ask: Asking,
) -> None:
    ming, _ = await signed_up(ask)
    await give(ming, 5_000)
    thief, own = await signed_in(ask, LAPTOP), await signed_in(ask, PHONE)
    ids = {one["isCurrent"]: one["id"] for one in await mine(ask, own, PHONE)}
    async with nothing_changed():
        asked = {"id": ids[True], "wasNotMe": True}
        code = await refusal(ask, FORGET, thief, LAPTOP, **asked)
        assert code["code"] == "DEVICE_NOT_TRUSTED"
        foreign = global_id("Device", derived_id("another"), derived_id("device"))
        code = await refusal(ask, FORGET, own, PHONE, id=foreign, wasNotMe=True)
        assert code["code"] == "NOT_FOUND"
    made = await ask(FORGET, own, on_device=PHONE, id=ids[False], wasNotMe=True)
    shown = {one["id"]: one["forgottenAt"] for one in made["data"]["forgetDevice"]["devices"]}
    assert shown == {ids[True]: None, ids[False]: "2026-03-02T04:00:00Z"}
    made = await redeemed(ask, thief, "k", on_device=LAPTOP)
    assert made["refusal"]["reason"] == "ALARM"


async def test_a_code_is_asked_for_on_a_device_five_times_an_hour(
    ask: Asking, valkey: Redis, time: FrozenClock
) -> None:
    ask.api._valkey = valkey
    ming, token = await signed_up(ask)
    made = await ask(ASK, token, on_device=LAPTOP)
    assert made["data"]["requestDeviceCode"] == {
        "expiresAt": "2026-03-02T04:10:00Z",
        "refusal": None,
    }
    right = await the_code(ming)
    wrong = f"{(int(right) + 1) % 10**8:08d}"
    tried = await refusal(ask, CONFIRM, token, LAPTOP, code=wrong)
    assert tried == {"code": "CODE_WRONG", "triesLeft": 4}
    async with nothing_changed():
        assert (await refusal(ask, ASK, token, None))["code"] == "DEVICE_UNNAMED"
        elsewhere = await refusal(ask, CONFIRM, token, PHONE, code=right)
        assert elsewhere["code"] == "CODE_EXPIRED"
    for _ in range(3):
        assert await refusal(ask, ASK, token, LAPTOP) is None
    async with nothing_changed():
        assert (await refusal(ask, ASK, token, LAPTOP))["code"] == "TOO_MANY_ATTEMPTS"
    time.advance(timedelta(minutes=12))
    await confirmed(ask, ming, token, LAPTOP)


async def test_what_opens_a_checkout_for_a_customer_vouches_for_them(
    ask: Asking, ming: Member
) -> None:
    await give(ming.member_id, 5_000)
    await operations.arrive(ming.member_id, Visit(derived_id("phone")), now=NOW)
    own, shop = ask.member(ming.member_id), await ask.service("checkouts:write")
    made = await opened(ask, own, "k", on_device=None, points=600)
    assert made["refusal"]["code"] == "NEW_DEVICE_LIMIT"
    quote = "query($input: QuoteCartInput!) { quoteCart(input: $input) { quote { digest } } }"
    cart = {"lines": [{"lineId": "1", "sku": "tea", "amountMinor": 10_000}], "shippingMinor": 0}
    wanted = {"cart": cart, "points": 600, "externalId": "customer-1"}
    digest = (await ask(quote, shop, input=wanted))["data"]["quoteCart"]["quote"]["digest"]
    query = (
        "mutation($input: OpenCheckoutInput!) { openCheckout(input: $input) { refusal { code } } }"
    )
    asked = {**wanted, "digest": digest, "idempotencyKey": "k"}
    made = await ask(query, shop, on_device=LAPTOP, input=asked)
    assert made["data"]["openCheckout"] == {"refusal": None}


async def test_a_suspended_member_confirms_and_forgets_nothing(ask: Asking) -> None:
    ming, token = await signed_up(ask)
    (own,) = await mine(ask, token, PHONE)
    await suspend(ming, actor=ADA, reason="r", now=NOW)
    async with nothing_changed():
        for query, given in (
            (ASK, {}),
            (CONFIRM, {"code": "1"}),
            (FORGET, {"id": own["id"], "wasNotMe": False}),
        ):
            assert (await refusal(ask, query, token, PHONE, **given))["code"] == "MEMBER_SUSPENDED"
    assert len(await mine(ask, token, PHONE)) == 1


async def test_what_is_another_s_is_not_forgotten(ask: Asking) -> None:
    _, token = await signed_up(ask)
    other = await a_member()
    await operations.arrive(other.member_id, Visit(derived_id("x")), now=NOW)
    foreign = global_id("Device", other.member_id, derived_id("x"))
    async with nothing_changed():
        made = await refusal(ask, FORGET, token, PHONE, id=foreign, wasNotMe=False)
    assert made["code"] == "NOT_FOUND"


async def test_a_switched_off_defence_keeps_no_devices(ask: Asking) -> None:
    await a_shop(enabled=False)
    ming, _ = await signed_up(ask)
    await give(ming, 5_000)
    token = await signed_in(ask, LAPTOP)
    assert (await redeemed(ask, token, "k", on_device=LAPTOP, quantity=20))["refusal"] is None
    assert await mine(ask, token, LAPTOP) == []
