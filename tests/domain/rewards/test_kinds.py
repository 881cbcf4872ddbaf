"""What becomes of a service, a donation, a step up in tier?"""

from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader
from domain.programme import operations as programmes
from domain.retention.model import FloorAsked
from domain.retention.operations import review_due, set_floor
from domain.rewards.errors import NoHigherTier, NotCancellable, WrongKind, WrongState
from domain.rewards.operations import cancel, deliver, fail, redeem, ship
from kit.errors import InvalidInput
from tests.domain.rewards.conftest import reward, with_rewards
from tests.support.shop import tier, tier_changes
from tests.support.value import give, kinds, lots, wallet
from tests.support.working import jobs_of, work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
STAFF = {"staff": "ada", "now": NOW}
KINDS = (
    reward("SPA", kind="SERVICE", stock=5),
    reward("TREE", kind="DONATION"),
    reward("STEP", kind="TIER_UPGRADE", stock=9),
    reward("STEP_6", kind="TIER_UPGRADE", months=6),
    reward("FINAL", kind="COUPON", coupon="COUPON_10", cancellable=False),
)
# The day of 2 March + 3 months ends in Shanghai.
ENDS_AT = datetime(2026, 6, 2, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _shop(database) -> None:  # noqa: ARG001  the rows go into it
    await programmes.publish(with_rewards(*KINDS), now=NOW, published_by="tests")


async def bought(code, *, points=1_000, key="k"):
    member_id = (await a_member()).member_id
    await give(member_id, points)
    return member_id, await redeem(member_id, code, 1, idempotency_key=key, now=NOW)


async def state(redemption):
    async with reader() as tx:
        return await tx.fetchval("SELECT state FROM redemption WHERE id = $1", redemption.id)


async def sold(code):
    async with reader() as tx:
        return await tx.fetchval("SELECT sold FROM reward_stock WHERE reward_code = $1", code)


async def test_a_service_is_requested_and_then_delivered_without_being_shipped():
    member_id, made = await bought("SPA")
    key = (member_id, made.redemption.id)
    assert made.redemption.state == "REQUESTED"
    async with nothing_changed():
        with pytest.raises(WrongKind) as refused:
            await ship(*key, **STAFF)
    assert refused.value.facts == {"kind": "SERVICE", "required": "PHYSICAL"}
    found = await deliver(*key, **STAFF)
    assert (found.redemption.state, found.redemption.resolved_at) == ("DELIVERED", NOW)
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(*key, actor="member", now=NOW)
        with pytest.raises(WrongState):
            await fail(*key, reason="late", **STAFF)


async def test_a_service_is_cancelled_until_it_is_delivered():
    member_id, made = await bought("SPA")
    await cancel(member_id, made.redemption.id, actor="member", now=NOW)
    assert (await wallet(member_id)).available == 1_000
    assert await sold("SPA") == 0


async def test_a_service_that_fails_gives_the_very_lots_back_with_their_grace():
    member_id = (await a_member()).member_id
    await give(member_id, 100, expires_at=NOW + DAY)
    made = await redeem(member_id, "SPA", 1, idempotency_key="k", now=NOW)
    late = NOW + 2 * DAY
    await fail(member_id, made.redemption.id, staff="ada", reason="ill", now=late)
    (lot,) = await lots(member_id)
    assert (lot.remaining, lot.expires_at, lot.reinstated) == (100, late + 30 * DAY, True)


async def test_a_donation_is_made_at_once_and_stays():
    member_id, made = await bought("TREE")
    assert (made.redemption.state, made.redemption.resolved_at) == ("DELIVERED", NOW)
    async with nothing_changed():
        for actor in ("member", "staff"):
            with pytest.raises(NotCancellable):
                await cancel(member_id, made.redemption.id, actor=actor, now=NOW)
        with pytest.raises(WrongState):
            await fail(member_id, made.redemption.id, reason="no", **STAFF)


async def test_a_reward_that_says_so_is_not_cancelled_by_members_but_by_staff():
    member_id, made = await bought("FINAL", points=100)
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(member_id, made.redemption.id, actor="member", now=NOW)
    await cancel(member_id, made.redemption.id, actor="staff", now=NOW)
    assert (await wallet(member_id)).available == 100


async def test_a_step_up_is_a_floor_of_three_months_one_tier_above_the_earned_one():
    member_id, made = await bought("STEP")
    assert made.redemption.state == "REQUESTED"
    assert ("rewards.raise_tier", "ready") in await jobs_of(member_id)
    await work(NOW)
    assert await state(made.redemption) == "DELIVERED"
    assert await tier(member_id) == ("SILVER", False)
    assert await tier_changes(member_id) == [("NORMAL", "SILVER", NOW)]
    await review_due(as_of=ENDS_AT - timedelta(seconds=1))
    assert (await tier(member_id))[0] == "SILVER"
    await work(ENDS_AT)
    assert (await tier(member_id))[0] == "NORMAL"


async def test_a_step_up_lasts_as_long_as_the_reward_says():
    member_id, _ = await bought("STEP_6")
    await work(NOW)
    async with reader() as tx:
        floor = await tx.fetchval("SELECT floor ->> 'ends_at' FROM standing")
    assert datetime.fromisoformat(floor) == datetime(2026, 9, 2, 16, tzinfo=UTC)
    assert (await tier(member_id))[0] == "SILVER"


async def test_steps_up_are_not_bought_on_steps():
    member_id, _ = await bought("STEP")
    await work(NOW)
    with pytest.raises(NoHigherTier) as refused:
        await redeem(member_id, "STEP", 1, idempotency_key="b", now=NOW)
    assert refused.value.facts == {"tier": "SILVER"}
    assert await kinds(member_id) == [("earn", 1_000), ("spend", 100)]
    assert await sold("STEP") == 1
    await work(ENDS_AT)
    await redeem(member_id, "STEP", 1, idempotency_key="c", now=ENDS_AT)


async def test_who_is_on_the_highest_tier_is_refused_and_pays_nothing():
    member_id = (await a_member()).member_id
    await give(member_id, 100)
    async with reader() as tx:
        await tx.execute("UPDATE standing SET tier_code = 'DIAMOND', earned_tier = 'DIAMOND'")
    with pytest.raises(NoHigherTier):
        await redeem(member_id, "STEP", 1, idempotency_key="a", now=NOW)
    assert await kinds(member_id) == [("earn", 100)]


async def test_where_a_floor_was_set_meanwhile_the_step_up_gives_everything_back():
    member_id, made = await bought("STEP")
    asked = FloorAsked("GOLD", NOW + 90 * DAY)
    await set_floor(member_id, asked, actor="ada", reason="an apology", now=NOW)
    await work(NOW)
    assert await state(made.redemption) == "FAILED"
    assert await kinds(member_id) == [("earn", 1_000), ("spend", 100), ("restore", 100)]
    assert await sold("STEP") == 0
    assert (await tier(member_id))[0] == "GOLD"


async def test_of_two_steps_asked_for_before_the_first_was_taken_one_comes_back():
    member_id, first = await bought("STEP")
    second = await redeem(member_id, "STEP", 1, idempotency_key="b", now=NOW)
    await work(NOW)
    assert sorted([await state(first.redemption), await state(second.redemption)]) == [
        *("DELIVERED", "FAILED")
    ]
    assert (await wallet(member_id)).available == 900


async def test_a_step_up_is_not_cancelled_nor_delivered_by_hand_but_staff_may_fail_one():
    member_id, made = await bought("STEP")
    key = (member_id, made.redemption.id)
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(*key, actor="member", now=NOW)
        with pytest.raises(WrongState):
            await deliver(*key, **STAFF)
    await fail(*key, reason="stuck", **STAFF)
    await work(NOW)
    assert (await wallet(member_id)).available == 1_000
    assert (await tier(member_id))[0] == "NORMAL"


async def test_more_than_one_step_up_at_once_is_refused():
    member_id = (await a_member()).member_id
    await give(member_id, 1_000)
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await redeem(member_id, "STEP", 2, idempotency_key="a", now=NOW)
    assert refused.value.path == ["input", "quantity"]
