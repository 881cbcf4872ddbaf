"""Does a draw stay what was rolled, whoever its member is now?"""

import pytest

from domain.lottery import views
from domain.lottery.operations import close_round
from domain.members.views import members
from domain.rewards.operations import fail_prize
from tests.support.lotteries import NOTHING, a_player, draw, draws, in_play, prize
from tests.support.merging import balance, merged, parted, sound
from tests.support.world import NOW

pytestmark = pytest.mark.usefixtures("database")
STAFF = {"staff": "ada", "now": NOW}


async def two(*prizes):
    await in_play(*prizes)
    found = [await a_player(), await a_player()]
    known = await members(found)
    return [known[member_id] for member_id in found]


async def test_draws_of_both_are_the_survivors_and_are_verified_as_they_were_rolled():
    ming, hong = await two(prize("SMALL", 50, gives={"points": 1}), NOTHING)
    (theirs,) = await draw(hong.member_id, client_seed="a")
    (own,) = await draw(ming.member_id, client_seed="b")
    assert (theirs.draw.nonce, own.draw.nonce) == (1, 1)
    await merged(ming, hong)
    (after,) = await draw(ming.member_id, client_seed="c")
    assert after.draw.nonce == 2
    await close_round("SPRING", **STAFF)
    for made in (theirs, own, after):
        verified = await views.verify(ming.member_id, made.draw.id)
        assert (verified.problems, verified.is_revealed) == ([], True)
    assert (await views.verify(ming.member_id, theirs.draw.id)).evidence.member == str(
        hong.member_id
    )
    await parted(ming, hong)
    verified = await views.verify(hong.member_id, theirs.draw.id)
    assert verified.problems == []
    assert len(await draws()) == 3


async def test_a_prize_that_fails_after_the_merge_is_the_survivors_affair():
    lamp = prize("LAMP", 1, value="20", stock=100, delivered=True, gives={"points": 500})
    ming, hong = await two(lamp, prize("NOTHING", 0))
    (made,) = await draw(hong.member_id)
    await merged(ming, hong)
    _, available, _ = await balance(ming)
    await fail_prize(ming.member_id, made.draw.id, reason="lost", **STAFF)
    assert await balance(ming) == (0, available + 500, 0)
    await sound(NOW)
