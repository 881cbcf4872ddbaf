"""Is credit given and held exactly, when many do it at the same moment?"""

import asyncio
from collections import Counter

import pytest

from domain.ledger.errors import InsufficientCredit
from domain.ledger.model import Currency
from domain.ledger.operations import Source, audit, hold
from domain.rewards.model import Adjustment, Operation
from domain.rewards.operations import adjust
from tests.support.programmes import in_force
from tests.support.value import packet, wallet
from tests.support.world import NOW, a_member, counts

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
LATER = NOW.replace(year=NOW.year + 1)
PARALLEL = 12


async def test_many_first_packets_at_once_make_one_wallet_and_each_is_in_it():
    await in_force()
    member_id = (await a_member()).member_id
    asked = [
        Adjustment(member_id, 100, "r", f"k{number % 6}", None, Operation.GRANT_CREDIT)
        for number in range(PARALLEL)
    ]
    made = await asyncio.gather(*(adjust("staff:1", one, now=NOW) for one in asked))
    assert sorted({one.seq for one in made}) == [1, 2, 3, 4, 5, 6]
    assert (await wallet(member_id, "CREDIT")).available == 600
    assert await counts("wallet", "notification") == [4, 6]
    assert (await audit(now=NOW)).breaches == []


async def test_the_same_credit_is_held_by_as_many_checkouts_as_it_suffices_for():
    await in_force()
    member_id = (await a_member()).member_id
    await packet(member_id, 500)
    verbs = (
        hold(
            member_id,
            200,
            source=Source("checkout", str(number)),
            expires_at=LATER,
            now=NOW,
            currency=Currency.CREDIT,
        )
        for number in range(PARALLEL)
    )
    answers = await asyncio.gather(*verbs, return_exceptions=True)
    assert Counter(type(answer) for answer in answers)[InsufficientCredit] == PARALLEL - 2
    found = await wallet(member_id, "CREDIT")
    assert (found.available, found.held) == (100, 400)
    assert (await audit(now=NOW)).breaches == []
