"""What comes back when a redemption is cancelled or can't be delivered?"""

from datetime import timedelta

import pytest

from db.connection import reader, transactional
from domain.dashboard.model import Part
from domain.dashboard.views import member_view
from domain.members import operations as members
from domain.rewards.errors import NotCancellable, WrongState
from domain.rewards.operations import cancel, deliver, fail, import_codes, redeem, ship
from kit.errors import InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id
from kit.paging import Page
from tests.support.value import give, kinds, lots, wallet
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)
STAFF = {"staff": "staff:1", "now": NOW}


async def a_redemption(code="MUG", *, points=5000, quantity=1):
    member_id = (await a_member()).member_id
    await give(member_id, points)
    found = await redeem(member_id, code, quantity, idempotency_key="k", now=NOW)
    return member_id, found.redemption.id


async def sold(code):
    async with reader() as tx:
        return await tx.fetchval("SELECT sold FROM reward_stock WHERE reward_code = $1", code)


@transactional
async def set_coupon_state(tx, member_id, state):
    sql = "UPDATE coupon SET state = $2, revoked_at = $3 WHERE member_id = $1"
    await tx.execute(sql, member_id, state, NOW)


async def test_a_cancelled_parcel_gives_back_the_very_lots_and_the_stock():
    member_id = (await a_member()).member_id
    await give(member_id, 800, expires_at=NOW + 10 * DAY)
    await give(member_id, 2000, expires_at=NOW + 100 * DAY)
    before = await lots(member_id)
    found = await redeem(member_id, "MUG", 2, idempotency_key="k", now=NOW)
    cancelled = await cancel(member_id, found.redemption.id, actor="member", now=NOW + DAY)
    assert cancelled.redemption.state == "CANCELLED"
    assert cancelled.redemption.resolved_at == NOW + DAY
    assert await lots(member_id) == before
    assert await kinds(member_id) == [
        ("earn", 800),
        ("earn", 2000),
        ("spend", 2400),
        ("restore", 2400),
    ]
    assert await sold("MUG") == 0


async def test_a_second_cancel_answers_the_same_and_changes_nothing():
    member_id, redemption_id = await a_redemption()
    first = await cancel(member_id, redemption_id, actor="member", now=NOW)
    async with nothing_changed():
        again = await cancel(member_id, redemption_id, actor="member", now=NOW + DAY)
        by_staff = await cancel(member_id, redemption_id, actor="staff", now=NOW + DAY)
    assert first == again == by_staff


async def test_redeem_and_cancel_does_not_launder_an_expiry():
    member_id = (await a_member()).member_id
    await give(member_id, 1200, expires_at=NOW + DAY)
    found = await redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW)
    await cancel(member_id, found.redemption.id, actor="member", now=NOW + 2 * DAY)
    assert (await wallet(member_id)).available == 0
    assert await kinds(member_id) == [
        ("earn", 1200),
        ("spend", 1200),
        ("restore", 1200),
        ("expire", 1200),
    ]
    (lot,) = await lots(member_id)
    assert (lot.expired, lot.expires_at, lot.reinstated) == (1200, NOW + DAY, False)


async def test_a_failed_delivery_reinstates_an_expired_lot_for_30_days_once():
    member_id = (await a_member()).member_id
    await give(member_id, 2400, expires_at=NOW + DAY)
    one = await redeem(member_id, "MUG", 1, idempotency_key="a", now=NOW)
    two = await redeem(member_id, "MUG", 1, idempotency_key="b", now=NOW)
    late, later = NOW + 2 * DAY, NOW + 40 * DAY
    failed = await fail(member_id, one.redemption.id, staff="s", reason="lost", now=late)
    assert failed.redemption.state == "FAILED"
    (lot,) = await lots(member_id)
    assert (lot.remaining, lot.reinstated, lot.expires_at) == (1200, True, late + 30 * DAY)
    await fail(member_id, two.redemption.id, staff="s", reason="lost", now=later)
    (lot,) = await lots(member_id)
    assert (lot.remaining, lot.expired, lot.expires_at) == (0, 2400, late + 30 * DAY)


async def test_a_shop_that_cancels_is_at_fault_as_well():
    member_id = (await a_member()).member_id
    await give(member_id, 1200, expires_at=NOW + DAY)
    found = await redeem(member_id, "MUG", 1, idempotency_key="k", now=NOW)
    await cancel(member_id, found.redemption.id, actor="staff", now=NOW + 2 * DAY)
    assert (await wallet(member_id)).available == 1200


async def test_a_cancelled_coupon_is_revoked_in_the_same_breath():
    member_id, redemption_id = await a_redemption("COUPON_10", quantity=2)
    await cancel(member_id, redemption_id, actor="member", now=NOW)
    async with reader() as tx:
        states = await tx.fetch("SELECT state FROM coupon WHERE member_id = $1", member_id)
    assert [row["state"] for row in states] == ["REVOKED", "REVOKED"]
    assert (await wallet(member_id)).available == 5000


@pytest.mark.parametrize("later", [30 * DAY, 31 * DAY])
async def test_an_expired_coupon_can_not_be_cancelled(later):
    member_id, redemption_id = await a_redemption("COUPON_10")
    async with nothing_changed():
        with pytest.raises(NotCancellable) as refused:
            await cancel(member_id, redemption_id, actor="member", now=NOW + later)
    assert refused.value.facts == {"kind": "COUPON", "state": "ISSUED"}


async def test_a_coupon_that_is_no_longer_issued_can_not_be_cancelled():
    member_id, redemption_id = await a_redemption("COUPON_10")
    await set_coupon_state(member_id, "REVOKED")
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(member_id, redemption_id, actor="member", now=NOW)


async def test_a_code_that_was_shown_can_not_be_cancelled():
    await import_codes("CODES", ["a"], now=NOW)
    member_id, redemption_id = await a_redemption("CODES")
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(member_id, redemption_id, actor="member", now=NOW)
        with pytest.raises(NotCancellable):
            await cancel(member_id, redemption_id, actor="staff", now=NOW)


async def test_a_parcel_goes_from_requested_over_shipped_to_delivered():
    member_id, redemption_id = await a_redemption()
    shipped = await ship(member_id, redemption_id, **STAFF)
    assert (shipped.redemption.state, shipped.redemption.resolved_at) == ("SHIPPED", None)
    delivered = await deliver(member_id, redemption_id, **STAFF)
    assert (delivered.redemption.state, delivered.redemption.resolved_at) == ("DELIVERED", NOW)
    async with nothing_changed():
        assert await deliver(member_id, redemption_id, **STAFF) == delivered
        with pytest.raises(WrongState) as refused:
            await ship(member_id, redemption_id, **STAFF)
        with pytest.raises(WrongState):
            await fail(member_id, redemption_id, reason="lost", **STAFF)
        with pytest.raises(NotCancellable):
            await cancel(member_id, redemption_id, actor="member", now=NOW)
    assert refused.value.facts == {"state": "DELIVERED", "required": "REQUESTED"}
    async with reader() as tx:
        notes = await tx.fetch("SELECT actor, action FROM staff_action ORDER BY id")
    assert [tuple(note) for note in notes] == [
        ("staff:1", "redemption.shipped"),
        ("staff:1", "redemption.delivered"),
    ]


async def test_the_member_is_told_once_that_a_parcel_is_on_its_way():
    member_id, redemption_id = await a_redemption()
    await ship(member_id, redemption_id, **STAFF)
    await ship(member_id, redemption_id, **STAFF)
    await deliver(member_id, redemption_id, **STAFF)
    async with reader() as tx:
        told = await tx.fetchjson(
            "SELECT json_agg(json_build_array(template, cause, facts)) FROM notification"
        )
    title = {"zh-CN": "马克杯", "en": "Mug"}
    assert told == [["reward_shipped", f"redemption:{redemption_id}", {"reward": title}]]


async def test_a_shipped_parcel_can_fail_but_not_be_cancelled():
    member_id, redemption_id = await a_redemption()
    await ship(member_id, redemption_id, **STAFF)
    async with nothing_changed():
        with pytest.raises(NotCancellable):
            await cancel(member_id, redemption_id, actor="member", now=NOW)
    failed = await fail(member_id, redemption_id, reason="lost", **STAFF)
    async with nothing_changed():
        assert await fail(member_id, redemption_id, reason="lost", **STAFF) == failed
        with pytest.raises(WrongState):
            await deliver(member_id, redemption_id, **STAFF)
        with pytest.raises(NotCancellable):
            await cancel(member_id, redemption_id, actor="member", now=NOW)
    assert await sold("MUG") == 0
    assert (await wallet(member_id)).available == 5000


@pytest.mark.parametrize("reason", ["", " ", "r" * 201, "a\x00"])
async def test_a_failure_needs_a_reason(reason):
    member_id, redemption_id = await a_redemption()
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await fail(member_id, redemption_id, reason=reason, **STAFF)
    assert refused.value.path == ["reason"]


async def test_a_requested_parcel_is_not_delivered_before_it_is_shipped():
    member_id, redemption_id = await a_redemption()
    async with nothing_changed():
        with pytest.raises(WrongState):
            await deliver(member_id, redemption_id, **STAFF)


async def test_a_coupon_is_neither_shipped_nor_failed():
    member_id, redemption_id = await a_redemption("COUPON_10")
    async with nothing_changed():
        with pytest.raises(WrongState):
            await ship(member_id, redemption_id, **STAFF)
        with pytest.raises(WrongState):
            await fail(member_id, redemption_id, reason="lost", **STAFF)


async def test_a_redemption_is_its_members_own():
    member_id, redemption_id = await a_redemption()
    other = (await a_member()).member_id
    async with nothing_changed():
        for wrong in ((other, redemption_id), (member_id, new_id()), (new_id(), redemption_id)):
            with pytest.raises(NotFound):
                await cancel(*wrong, actor="member", now=NOW)


async def test_a_suspended_member_cancels_nothing_but_staff_may():
    member_id, redemption_id = await a_redemption()
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await cancel(member_id, redemption_id, actor="member", now=NOW)
    cancelled = await cancel(member_id, redemption_id, actor="staff", now=NOW)
    assert cancelled.redemption.state == "CANCELLED"


async def test_the_history_says_why_points_went_and_came_back():
    member_id, redemption_id = await a_redemption()
    await cancel(member_id, redemption_id, actor="member", now=NOW)
    history = Part("history", (2, None, True))
    found = await member_view(member_id, [history], now=NOW, locale="en")
    assert found is not None
    page = found.parts[history]
    assert isinstance(page, Page)
    assert [entry.explanation.split(" (Programme")[0] for entry in page.items] == [
        "“Mug” was cancelled: the very points come back, with their former expiry.",
        "Redeemed 1 × “Mug” at 1200 points: 1200 points.",
    ]
