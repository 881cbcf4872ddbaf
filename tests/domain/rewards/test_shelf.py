"""What does each tier see on the shelf, and what of it can a viewer choose?"""

import pytest

from db.connection import reader
from domain.programme import operations as programmes
from domain.rewards import views
from domain.rewards.errors import TierTooLow
from domain.rewards.operations import redeem
from domain.rewards.views import Wanted
from tests.domain.rewards.conftest import reward, with_rewards
from tests.support.lotteries import NOTHING, a_lottery, in_play, prize
from tests.support.value import give
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
LAYERS = (
    reward("HIDDEN", visible_from="GOLD", tier_min="PLATINUM"),
    reward("SECRET", visible_from="GOLD"),
    reward("SPA", kind="SERVICE"),
)


@pytest.fixture
async def layered(database) -> None:  # noqa: ARG001  the rows go into it
    await programmes.publish(with_rewards(*LAYERS), now=NOW, published_by="tests")


async def seen(member_id=None, **facts):
    page = await views.rewards(member_id, now=NOW, first=100, **facts)
    assert page.total == len(page.items)
    return {shown.reward.code: shown for shown in page.items}


async def a_member_on(tier, points=0):
    member_id = (await a_member()).member_id
    if points:
        await give(member_id, points)
    async with reader() as tx:
        await tx.execute("UPDATE standing SET tier_code = $2 WHERE member_id = $1", member_id, tier)
    return member_id


@pytest.mark.usefixtures("layered")
async def test_below_a_reward_s_tier_it_is_hidden_or_shown_as_locked():
    for member_id in (None, await a_member_on("NORMAL", 5_000)):
        shelf = await seen(member_id)
        assert shelf.keys() & {"HIDDEN", "SECRET"} == set()
        locked = shelf["FOR_GOLD"]
        assert (locked.locked, locked.required_tier, locked.redeemable) == (True, "GOLD", False)


@pytest.mark.usefixtures("layered")
async def test_from_its_tier_on_a_reward_is_seen_and_from_another_had():
    gold = await seen(await a_member_on("GOLD", 5_000))
    assert (gold["HIDDEN"].locked, gold["HIDDEN"].required_tier) == (True, "PLATINUM")
    assert (gold["SECRET"].locked, gold["SECRET"].redeemable) == (False, True)
    platinum = await seen(await a_member_on("PLATINUM", 5_000))
    assert platinum["HIDDEN"].redeemable is True


@pytest.mark.usefixtures("layered")
async def test_who_does_not_see_a_reward_can_not_have_it_either():
    member_id = await a_member_on("SILVER", 5_000)
    for code, required in (("SECRET", "GOLD"), ("HIDDEN", "PLATINUM")):
        with pytest.raises(TierTooLow) as refused:
            await redeem(member_id, code, 1, idempotency_key=code, now=NOW)
        assert refused.value.facts == {"required": required}
    async with reader() as tx:
        assert await tx.fetchval("SELECT count(*) FROM redemption") == 0


@pytest.mark.usefixtures("layered")
async def test_the_shelf_can_be_asked_for_kinds_and_for_what_is_affordable():
    member_id = await a_member_on("NORMAL", 900)
    services = await seen(member_id, wanted=Wanted(frozenset({"SERVICE", "VIRTUAL"})))
    assert services.keys() == {"SPA", "MUSIC_MONTH", "CODES"}
    affordable = await seen(member_id, wanted=Wanted(affordable=True))
    assert affordable.keys() & {"COUPON_10", "MUG", "FOR_GOLD", "MUSIC_MONTH"} == {
        *("COUPON_10", "MUSIC_MONTH")
    }
    assert await seen(member_id, wanted=Wanted(frozenset())) == {}
    assert await seen(None, wanted=Wanted(affordable=True)) == {}


@pytest.mark.usefixtures("layered")
async def test_a_filtered_shelf_is_read_page_by_page():
    wanted = Wanted(frozenset({"VIRTUAL", "SERVICE"}))
    first = await views.rewards(None, now=NOW, first=2, wanted=wanted)
    second = await views.rewards(None, now=NOW, first=2, after=first.cursors[-1], wanted=wanted)
    codes = [shown.reward.code for page in (first, second) for shown in page.items]
    assert codes == ["MUSIC_MONTH", "CODES", "SPA"]
    assert [(page.has_next, page.has_previous, page.total) for page in (first, second)] == [
        *((True, False, 3), (False, True, 3))
    ]


async def test_a_ticket_can_be_had_while_a_round_is_open(database):  # noqa: ARG001
    await in_play(prize("LAMP", 1), NOTHING, round="day")
    member_id = await a_member_on("NORMAL", 5_000)
    assert (await seen(member_id))["TICKET"].redeemable is True
    other = a_lottery(prize("LAMP", 2), NOTHING)
    document = with_rewards().document()
    document["rewards"].append(reward("TICKET", kind="LOTTERY_TICKET", lottery="SPRING"))
    document["lotteries"] = [other]
    await programmes.publish(type(with_rewards()).of(document), now=NOW, published_by="tests")
    assert (await seen(member_id))["TICKET"].redeemable is False
