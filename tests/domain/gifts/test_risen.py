"""Do tier gifts follow from an order that is certain, and from nothing before?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.ledger.operations import settle_members
from tests.support.shop import done, paid, refunded, tier
from tests.support.value import kinds
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("giving")
WINDOW = timedelta(days=15)


async def gifts():
    async with reader() as tx:
        return [row["code"] for row in await tx.fetch("SELECT code FROM gift ORDER BY code")]


async def test_the_gifts_of_an_upgrade_come_when_its_order_cannot_go_back_any_more():
    member = await a_member()
    await done(paid(member, "o1", 1_200_000))
    assert await tier(member.member_id) == ("GOLD", True)
    await work(NOW + WINDOW - timedelta(seconds=1))
    assert await gifts() == []
    await settle_members(as_of=NOW + WINDOW)
    await work(NOW + WINDOW)
    assert await tier(member.member_id) == ("GOLD", False)
    assert await gifts() == ["GOLD", "SILVER"]
    assert (await kinds(member.member_id))[-2:] == [("earn", 50), ("earn", 200)]


async def test_an_upgrade_that_is_sent_back_gives_nothing():
    member = await a_member()
    await done(paid(member, "o1", 1_200_000))
    await done(refunded(member, "o1", "r1", at=NOW + timedelta(days=1)))
    await work(NOW + WINDOW)
    assert await gifts() == []
