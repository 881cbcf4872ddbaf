"""Does the audit notice when what a round gave isn't what was drawn?"""

import asyncpg
import pytest

from domain.ledger.audit import Invariant
from domain.ledger.operations import audit
from tests.support.lotteries import a_player, draw, in_play, prize
from tests.support.world import NOW

CORRUPTIONS = {
    "a stock": ("UPDATE lottery_stock SET given = given + 1", {Invariant.LOTTERIES}),
    "a budget": ("UPDATE lottery_tally SET spent_minor = spent_minor + 1", {Invariant.LOTTERIES}),
    "a draw's points": ("UPDATE draw SET points = points + 1", {Invariant.DRAWS}),
    "a draw that is gone": (
        "DELETE FROM draw WHERE nonce = 1",
        {Invariant.DRAWS, Invariant.LOTTERIES},
    ),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
async def test_a_corruption_is_found(database, what):
    await in_play(prize("PRIZE", 1, stock=5, cost="1", gives={"points": 10}), prize("NOTHING", 0))
    await draw(await a_player(), 2)
    assert (await audit(now=NOW)).breaches == []
    sql, invariants = CORRUPTIONS[what]
    owner = await asyncpg.connect(database)
    try:
        await owner.execute(sql)
    finally:
        await owner.close()
    assert {breach.invariant for breach in (await audit(now=NOW)).breaches} == invariants
