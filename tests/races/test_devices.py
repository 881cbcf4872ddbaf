"""Do limits of new devices and tries of a code hold when many ask at the same moment?"""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from db.connection import reader
from domain.devices import operations
from domain.devices.model import Visit
from domain.devices.rules import code_text
from domain.ledger.operations import audit
from domain.rewards.operations import redeem
from kit.ids import derived_id
from tests.support.racing import together
from tests.support.thieving import LIMIT, a_shop
from tests.support.value import give, wallet
from tests.support.world import NOW, a_member

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
SECRET = b"a secret of thirty-two bytes, or more"
HOUR = timedelta(hours=1)


async def a_victim() -> UUID:
    await a_shop()
    member_id = (await a_member(email="ming@example.com")).member_id
    await give(member_id, 20_000)
    await operations.arrive(member_id, Visit(derived_id("phone")), now=NOW)
    return member_id


async def test_of_100_redemptions_from_100_new_devices_at_once_exactly_the_limit_leaves():
    ming = await a_victim()
    answers = await together(
        *(
            redeem(
                *(ming, "TEA", 1),
                idempotency_key=str(n),
                now=NOW,
                visit=Visit(derived_id("device", n) if n % 3 else None),
            )
            for n in range(100)
        )
    )
    assert Counter(type(answer).__name__ for answer in answers) == {
        "Redeemed": 5,
        "NewDeviceLimit": 95,
    }
    assert (await wallet(ming)).available == 20_000 - LIMIT
    async with reader() as tx:
        left = await tx.fetchval("SELECT sum(amount)::int FROM device_taking")
    assert left == LIMIT
    assert (await audit(now=NOW)).breaches == []


async def test_of_40_devices_that_arrive_at_once_one_is_first_and_twenty_are_kept_beside_it():
    await a_shop()
    member_id = (await a_member(email="ming@example.com")).member_id
    await together(
        *(
            operations.arrive(member_id, Visit(derived_id("device", n)), now=NOW + HOUR)
            for n in range(40)
        )
    )
    async with reader() as tx:
        rows = await tx.fetch("SELECT trusted_by, count(*) FROM device GROUP BY 1")
    assert {row["trusted_by"]: row["count"] for row in rows} == {"FIRST": 1, None: 20}


async def test_of_40_guesses_at_once_five_are_looked_at():
    ming, laptop = await a_victim(), Visit(derived_id("laptop"))
    code = await operations.ask_for_code(ming, laptop, now=NOW)
    right = int(code_text(ming, code.id, SECRET))
    answers = await together(
        *(
            operations.confirm(
                ming, laptop, f"{(right + 1 + n) % 10**8:08d}", secret=SECRET, now=NOW
            )
            for n in range(40)
        )
    )
    assert Counter(type(answer).__name__ for answer in answers) == {
        "CodeWrong": 5,
        "CodeExpired": 35,
    }


async def test_a_code_that_is_entered_ten_times_at_once_is_used_once():
    ming, laptop = await a_victim(), Visit(derived_id("laptop"))
    code = await operations.ask_for_code(ming, laptop, now=NOW)
    right = code_text(ming, code.id, SECRET)
    answers = await together(
        *(operations.confirm(ming, laptop, right, secret=SECRET, now=NOW) for _ in range(10))
    )
    assert Counter(type(answer).__name__ for answer in answers) == {"Device": 1, "CodeExpired": 9}
