"""What does a thief get who signs in with a member's password? No more than the limit in a day."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.ledger.operations import audit
from kit import clock
from kit.clock import FrozenClock
from tests.support.api import Asking
from tests.support.thieving import (
    DAY,
    LAPTOP,
    LIMIT,
    PHONE,
    a_shop,
    confirmed,
    left,
    opened,
    redeemed,
    signed_in,
    signed_up,
)
from tests.support.value import give, packet
from tests.support.working import work
from tests.support.world import NOW

pytestmark = pytest.mark.journey
RICH = 20_000


@pytest.fixture
async def ask(database: str, time: FrozenClock) -> AsyncIterator[Asking]:
    del time
    await a_shop()
    asking = Asking(database)
    async with asking.client:
        yield asking


def refused(answers: list[dict[str, Any]]) -> set[tuple[str, str]]:
    found = [one["refusal"] for one in answers if one["refusal"] is not None]
    return {(one["code"], one["reason"]) for one in found}


async def test_a_scripted_sign_in_from_new_devices_moves_no_more_than_the_limit_in_24_hours(
    ask: Asking, time: FrozenClock
) -> None:
    ming, _ = await signed_up(ask)
    await give(ming, RICH)
    await packet(ming, 5_000)
    time.set(NOW + 30 * DAY)
    own = await signed_in(ask, PHONE)
    made = await redeemed(ask, own, "own", on_device=PHONE, quantity=50)
    assert made["refusal"] is None, "an honest member never notices"
    had = await left(ming)
    assert had == RICH - 5_000

    made_up = [f"a-device-made-up-{n:04}" for n in range(7)]
    tokens = [(device, await signed_in(ask, device)) for device in (*made_up, None)]
    answers = await asyncio.gather(
        *(
            redeemed(ask, token, f"{device} {n}", on_device=device)
            for device, token in tokens
            for n in range(3)
        ),
        *(
            opened(ask, token, f"{device}", on_device=device, points=200)
            for device, token in tokens[:3]
        ),
        *(
            opened(ask, token, f"{device} credit", on_device=device, creditMinor=200)
            for device, token in tokens[3:7]
        ),
    )
    assert had - await left(ming) <= LIMIT
    assert had - await left(ming) > LIMIT - 100, "it isn't simply locked"
    assert await left(ming, "CREDIT") == 5_000 - 400
    assert refused(answers) == {("NEW_DEVICE_LIMIT", "NEW_DEVICE")}
    time.set(NOW + 31 * DAY - DAY / 1_000)
    had = await left(ming)
    token = await signed_in(ask, made_up[0])
    late = await redeemed(ask, token, "late", on_device=made_up[0], quantity=2)
    assert late["refusal"]["code"] == "NEW_DEVICE_LIMIT"
    assert await left(ming) == had

    honest = await redeemed(ask, await signed_in(ask, PHONE), "own 2", on_device=PHONE, quantity=10)
    assert honest["refusal"] is None
    await work(clock.now())
    assert (await audit(now=clock.now())).breaches == []


async def test_a_member_with_a_new_phone_takes_what_they_like_after_a_code(
    ask: Asking,
) -> None:
    ming, _ = await signed_up(ask)
    await give(ming, RICH)
    token = await signed_in(ask, LAPTOP)
    made = await redeemed(ask, token, "k", on_device=LAPTOP, quantity=10)
    assert made["refusal"] == {
        "code": "NEW_DEVICE_LIMIT",
        "reason": "NEW_DEVICE",
        "currency": "POINTS",
        "limit": LIMIT,
        "left": LIMIT,
    }
    await confirmed(ask, ming, token, LAPTOP)
    made = await redeemed(ask, token, "k", on_device=LAPTOP, quantity=10)
    assert made == {"redemption": {"pricePoints": 1_000}, "refusal": None}
    assert await left(ming) == RICH - 1_000


async def test_a_dormant_account_that_wakes_gives_the_limit_for_a_day_whatever_the_device(
    ask: Asking, time: FrozenClock
) -> None:
    ming, _ = await signed_up(ask)
    await give(ming, RICH)
    time.set(NOW + 200 * DAY)
    token = await signed_in(ask, PHONE)
    answers = await asyncio.gather(
        *(redeemed(ask, token, str(n), on_device=PHONE) for n in range(10))
    )
    assert await left(ming) == RICH - LIMIT
    assert refused(answers) == {("NEW_DEVICE_LIMIT", "DORMANT")}
    time.set(NOW + 201 * DAY)
    made = await redeemed(ask, await signed_in(ask, PHONE), "k", on_device=PHONE, quantity=10)
    assert made["refusal"] is None, "the owner was told and had a day to object"


async def test_a_dormant_account_wakes_by_a_refusal_as_well_and_for_a_code_at_once(
    ask: Asking, time: FrozenClock
) -> None:
    ming, _ = await signed_up(ask, on_device=None)
    await give(ming, RICH)
    time.set(NOW + 200 * DAY)
    token = ask.member(ming)
    for key in ("a", "b"):
        made = await redeemed(ask, token, key, on_device=None, quantity=6)
        assert made["refusal"]["reason"] == "DORMANT"
    await confirmed(ask, ming, token, None)
    made = await redeemed(ask, token, "a", on_device=None, quantity=6)
    assert made["refusal"] is None
    assert await left(ming) == RICH - 600


async def test_a_shop_whose_app_names_no_devices_notices_nothing(ask: Asking) -> None:
    ming, token = await signed_up(ask, on_device=None)
    await give(ming, RICH)
    made = await redeemed(ask, token, "k", on_device=None, quantity=100)
    assert made["refusal"] is None
    assert await left(ming) == RICH - 10_000
