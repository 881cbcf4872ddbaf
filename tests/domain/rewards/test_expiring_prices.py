"""From which points is the lower price of a reward paid?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.ledger.errors import InsufficientExpiringPoints
from domain.programme import operations as programmes
from domain.rewards import views
from domain.rewards.operations import cancel, redeem
from domain.rewards.views import Wanted
from kit.errors import IdempotencyKeyReused, InvalidInput
from tests.domain.rewards.conftest import reward, with_rewards
from tests.support.value import give, kinds, lots, wallet
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
FADING = (
    reward("FADING", price_points=100, expiring_price_points=60, expiring_prices={"GOLD": 40}),
    reward("FOR_GOLD_ONLY", price_points=100, expiring_prices={"GOLD": 40}),
)


@pytest.fixture(autouse=True)
async def _shop(database) -> None:  # noqa: ARG001  the rows go into it
    await programmes.publish(with_rewards(*FADING), now=NOW, published_by="tests")


async def a_member_with(*lots_: tuple[int, int | None]):
    """Lots of so many points that expire after so many days."""
    member_id = (await a_member()).member_id
    for amount, days in lots_:
        await give(member_id, amount, expires_at=None if days is None else NOW + days * DAY)
    return member_id


async def at_lower_price(member_id, quantity=1, *, code="FADING", key="k", now=NOW):
    return await redeem(
        *(member_id, code, quantity), idempotency_key=key, now=now, from_expiring=True
    )


async def test_the_lower_price_takes_exactly_what_expires_within_thirty_days():
    member_id = await a_member_with((1_000, None), (50, 30), (70, 31), (20, 3))
    made = await at_lower_price(member_id)
    assert made.redemption.price_points == 60
    assert [lot.remaining for lot in await lots(member_id)] == [1_000, 10, 70, 0]


async def test_points_that_expire_later_never_pay_the_lower_price():
    member_id = await a_member_with((1_000, None), (59, 30), (70, 31))
    with pytest.raises(InsufficientExpiringPoints) as refused:
        await at_lower_price(member_id)
    assert refused.value.facts == {"available": 59, "required": 60}
    async with nothing_changed():
        with pytest.raises(InsufficientExpiringPoints) as again:
            await at_lower_price(member_id, now=NOW + 5 * DAY)
    assert again.value.facts == refused.value.facts
    assert [kind for kind, _ in await kinds(member_id)] == ["earn", "earn", "earn"]


async def test_what_has_expired_by_now_pays_nothing():
    member_id = await a_member_with((60, 3), (60, 40))
    with pytest.raises(InsufficientExpiringPoints) as refused:
        await at_lower_price(member_id, now=NOW + 3 * DAY)
    assert refused.value.facts == {"available": 0, "required": 60}


async def test_a_cancel_gives_back_those_very_lots_and_makes_them_no_younger():
    member_id = await a_member_with((1_000, None), (40, 5), (40, 20))
    before = await lots(member_id)
    made = await at_lower_price(member_id)
    await cancel(member_id, made.redemption.id, actor="member", now=NOW + DAY)
    assert await lots(member_id) == before
    again = await at_lower_price(member_id, key="b")
    await cancel(member_id, again.redemption.id, actor="member", now=NOW + 6 * DAY)
    assert [lot.remaining for lot in await lots(member_id)] == [1_000, 0, 40]


async def test_a_tier_has_its_own_lower_price():
    member_id = await a_member_with((200, 10))
    async with reader() as tx:
        await tx.execute("UPDATE standing SET tier_code = 'GOLD'")
    assert (await at_lower_price(member_id)).redemption.price_points == 40
    made = await at_lower_price(member_id, code="FOR_GOLD_ONLY", key="b")
    assert made.redemption.price_points == 40


async def test_a_tier_without_a_lower_price_pays_its_own():
    member_id = await a_member_with((200, 10))
    made = await at_lower_price(member_id, code="FOR_GOLD_ONLY")
    assert made.redemption.price_points == 100


async def test_a_reward_without_a_lower_price_is_not_paid_so():
    member_id = await a_member_with((5_000, 10))
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await at_lower_price(member_id, code="MUG")
    assert refused.value.path == ["input", "fromExpiring"]


async def test_how_it_is_paid_belongs_to_the_request():
    member_id = await a_member_with((500, 10))
    await at_lower_price(member_id)
    async with nothing_changed():
        with pytest.raises(IdempotencyKeyReused):
            await redeem(member_id, "FADING", 1, idempotency_key="k", now=NOW)
    assert (await wallet(member_id)).available == 440


async def test_the_shelf_shows_the_lower_price_and_counts_it_as_affordable():
    member_id = await a_member_with((70, 10))
    page = await views.rewards(member_id, now=NOW, wanted=Wanted(affordable=True))
    found = {shown.reward.code: shown for shown in page.items}
    assert found["FADING"].expiring_price_points == 60
    assert found["FADING"].redeemable is True
    assert "MONTHLY" not in found


async def test_the_decision_says_that_the_lower_price_was_paid():
    member_id = await a_member_with((70, 10))
    await at_lower_price(member_id)
    async with reader() as tx:
        inputs = await tx.fetchjson("SELECT inputs FROM decision WHERE kind = 'redemption'")
    assert (inputs["price_points"], inputs["from_expiring"]) == (60, True)
