"""Is who was erased without anything, whatever happens to them at the same moment?"""

import asyncio

import pytest

from domain.intake.operations import record
from domain.members.errors import MemberErased
from domain.privacy.operations import erase
from domain.rewards.model import Adjustment
from domain.rewards.operations import adjust
from kit.errors import Refusal
from tests.support.forgetting import asked, holding, worked
from tests.support.merging import STAFF, column, sound
from tests.support.shop import paid
from tests.support.value import wallet
from tests.support.world import NOW, a_member, published

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
ROUNDS = 5


async def tried(call):
    """What it gave, or the class of its refusal."""
    try:
        return await call
    except Refusal as refusal:
        return type(refusal)


async def test_points_given_at_the_moment_of_an_erasure_end_with_it_or_are_refused():
    await published()
    for _ in range(ROUNDS):
        ming = await a_member()
        gifts = [
            tried(adjust(STAFF, Adjustment(ming.member_id, 10, "sorry", str(key)), now=NOW))
            for key in range(6)
        ]
        erasures = [tried(erase(ming.member_id, asked(), now=NOW)) for _ in range(3)]
        answers = await asyncio.gather(*gifts, *erasures)
        given = sum(answer is not MemberErased for answer in answers[:6])
        assert len({str(answer) for answer in answers[6:]}) == 1
        kept = await wallet(ming.member_id)
        assert (kept.available, kept.lifetime_earned) == (0, 0)
        gone = "SELECT coalesce(sum(amount), 0) FROM transfer WHERE member_id = $1 AND kind = $2"
        assert await column(gone, ming.member_id, "adjust") == [10 * given]
        assert await column(gone, ming.member_id, "expire") == [10 * given]
    await sound(NOW)


async def test_what_the_shop_tells_at_the_moment_of_an_erasure_is_nowhere_after_it():
    await published()
    for number in range(ROUNDS):
        ming = await a_member(nickname="Canary", external_id=f"canary-{number}")
        facts = [
            record([paid(ming, f"{number}-{order}", 1_000, data={"note": "canary"})], now=NOW)
            for order in range(4)
        ]
        told, _ = await asyncio.gather(
            asyncio.gather(*facts), erase(ming.member_id, asked(), now=NOW)
        )
        assert {refusal.code for one in told for _, refusal in one.refused} <= {"NOT_FOUND"}
        await worked(NOW)
    assert await holding("canary", "Canary") == {}
    assert await column("SELECT count(*) FROM purchase") == [0]
    await sound(NOW)
