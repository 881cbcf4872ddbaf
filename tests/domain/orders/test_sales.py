"""What does an order that was paid through a checkout leave behind when it is refunded?"""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connection import reader
from domain.checkouts.model import State
from domain.intake.operations import record
from kit.ids import global_id, new_id
from tests.support.buying import (
    COUPONS,
    a_coupon,
    cancelled,
    cart,
    coupon_states,
    opened,
    template,
    wrong,
)
from tests.support.buying import paid as complete
from tests.support.programmes import in_force
from tests.support.selling import order_of
from tests.support.shop import completed, done, purchase, refunded, tell
from tests.support.value import give, kinds, lots, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
COUPONS_HERE = (
    *COUPONS,
    template("KEPT", amount_off=5, on_refund="forfeit"),
    template("MUG", kind="GIFT", gift={"sku": "mug", "value": 30}, threshold=60),
)
LOOK_ALIKE = (
    ("eligible_left_minor", 0),
    ("base_left_minor", 0),
    ("points_left", 0),
    ("growth_left", 0),
)


async def in_shop(**sections):
    await in_force(coupons=list(COUPONS_HERE), **sections)


async def a_buyer(*coupons: str, points: int = 0, **facts):
    member = await a_member()
    if points:
        await give(member.member_id, points, **facts)
    return member, await a_coupon(member.member_id, *coupons)


async def bought(member, *amounts, coupons=(), order_id="o1", told=True, **wish):
    """A checkout that was opened, paid and, where it is `told`, recorded as an order."""
    ids = tuple(coupon.id for coupon in coupons)
    found = await opened(member.member_id, of=cart(*amounts), coupon_ids=ids, **wish)
    found = await complete(found)
    if told:
        await done(order_of(member, found, order_id))
    return found


async def spendable(member):
    found = await wallet(member.member_id)
    return found.pending, found.available, found.held, found.debt


async def remaining(member):
    return [(lot.remaining, lot.spent, lot.expires_at) for lot in await lots(member.member_id)]


async def test_points_spent_come_back_to_their_own_lots_with_their_own_expiry():
    await in_shop()
    member, _ = await a_buyer(points=1_000, expires_at=NOW + 20 * DAY)
    await give(member.member_id, 5_000, expires_at=NOW + 90 * DAY)
    before = await remaining(member)
    await bought(member, 10_000, points=2_000)
    await done(refunded(member, "o1", "r1", at=NOW + DAY))
    assert (await remaining(member))[:2] == before
    assert await spendable(member) == (0, 6_000, 0, 0)
    assert await wrong() == []


async def test_a_partial_refund_gives_back_from_the_last_lot_first():
    """¥100 at 5 % is ¥95, of which 2,000 points pay ¥25; ¥47.50 of it are half of the points."""
    await in_shop()
    member, _ = await a_buyer(points=1_000, expires_at=NOW + 20 * DAY)
    await give(member.member_id, 5_000, expires_at=NOW + 90 * DAY)
    await bought(member, 10_000, points=2_000)
    assert [(taken[0], taken[1]) for taken in await remaining(member)][:2] == [
        (0, 1_000),
        (4_000, 1_000),
    ]
    await done(refunded(member, "o1", "r1", ("1", 4_750), at=NOW + DAY))
    assert [(taken[0], taken[1]) for taken in await remaining(member)][:2] == [
        (0, 1_000),
        (5_000, 0),
    ]
    await done(refunded(member, "o1", "r2", ("1", 2_375), at=NOW + DAY))
    assert [(taken[0], taken[1]) for taken in await remaining(member)][:2] == [
        (500, 500),
        (5_000, 0),
    ]


async def test_refund_keeps_no_points():
    """Shop complaint: buy, refund, repeat gave free points."""
    await in_shop()
    member, _ = await a_buyer(points=2_000)
    for number in range(3):
        await bought(member, 10_000, order_id=f"o{number}", points=2_000)
        await done(completed(member, f"o{number}", at=NOW + DAY))
        await done(refunded(member, f"o{number}", "r1", at=NOW + DAY))
        assert await spendable(member) == (0, 2_000, 0, 0)
    assert (await wallet(member.member_id, "GROWTH")).available == 0
    assert await wrong() == []


async def test_a_refund_is_charged_once_however_often_it_is_told():
    """Shop complaint: points were taken twice on a refund."""
    await in_shop()
    member, _ = await a_buyer(points=2_000)
    await bought(member, 10_000, points=2_000)
    refund = refunded(member, "o1", "r1", ("1", 9_500), at=NOW + DAY)
    await done(refund)
    after = await kinds(member.member_id)
    again = refunded(member, "o1", "r1", ("1", 9_500), at=NOW + DAY)
    recorded = await tell(refund, again, now=NOW + 2 * DAY)
    assert (recorded.accepted, recorded.duplicates) == (0, 2)
    await work(NOW + 2 * DAY)
    assert await kinds(member.member_id) == after
    assert await spendable(member) == (0, 2_000, 0, 0)


async def test_points_that_come_back_cover_points_that_are_taken():
    """First restored, then taken back: no debt arises where there is enough of the former."""
    await in_shop()
    member, _ = await a_buyer(points=2_000)
    await bought(member, 10_000, points=2_000)
    await done(completed(member, "o1", at=NOW + DAY))
    earned = (await purchase(member.member_id, "o1")).points
    assert earned == 70
    available = (await wallet(member.member_id)).available
    spent = await opened(member.member_id, points=available, of=cart(1_000_000), now=NOW + DAY)
    await complete(spent, at=NOW + DAY, now=NOW + DAY)
    assert await spendable(member) == (0, 0, 0, 0)
    await done(refunded(member, "o1", "r1", at=NOW + 2 * DAY))
    assert await spendable(member) == (0, 2_000 - earned, 0, 0)
    assert await wrong() == []


async def test_a_coupon_comes_back_usable_and_only_with_the_last_line_that_it_was_spread_over():
    await in_shop()
    member, coupons = await a_buyer("TEN", "KEPT")
    await bought(member, 6_000, 4_000, coupons=coupons)
    states = []
    net = {entry["line_id"]: entry["net_minor"] for entry in await _lines(member)}
    for number, step in enumerate((("1", net["1"]), ("2", net["2"] - 1), ("2", 1))):
        await done(refunded(member, "o1", f"r{number}", step, at=NOW + DAY))
        states.append(await coupon_states(member.member_id, *coupons))
    assert states == [["REDEEMED", "REDEEMED"], ["REDEEMED", "REDEEMED"], ["RETURNED", "FORFEITED"]]
    again = await opened(member.member_id, coupon_ids=(coupons[0].id,), now=NOW + DAY)
    assert again.state == State.OPEN


async def _lines(member, order_id="o1"):
    return (await purchase(member.member_id, order_id)).lines


async def test_a_coupon_that_expired_meanwhile_has_a_week_more_if_the_shop_cancelled():
    await in_shop()
    member, coupons = await a_buyer("SHORT", "TEN")
    await bought(member, 10_000, coupons=coupons[:1])
    cancel = refunded(member, "o1", "r1", at=NOW + 3 * DAY)
    cancel.data["byShop"] = True
    await done(cancel)
    assert await coupon_states(member.member_id, *coupons) == ["RETURNED", "ISSUED"]
    found = await opened(member.member_id, coupon_ids=(coupons[0].id,), now=NOW + 9 * DAY)
    assert found.coupon_ids == [str(coupons[0].id)]


async def test_a_coupon_that_expired_meanwhile_stays_so_if_the_member_sends_the_goods_back():
    await in_shop()
    member, coupons = await a_buyer("SHORT")
    await bought(member, 10_000, coupons=coupons)
    await done(refunded(member, "o1", "r1", at=NOW + 3 * DAY))
    assert await coupon_states(member.member_id, *coupons) == ["EXPIRED"]


async def test_a_gift_that_is_kept_is_charged_and_told_of():
    await in_shop()
    member, coupons = await a_buyer("MUG")
    await bought(member, 6_400, 4_000, coupons=coupons)
    await done(refunded(member, "o1", "r1", ("1", 3_000), at=NOW + DAY))
    await done(refunded(member, "o1", "r2", ("1", 3_080), at=NOW + DAY))
    assert await _charges(member) == [0, 3_000]
    assert await coupon_states(member.member_id, *coupons) == ["REDEEMED"]
    await done(refunded(member, "o1", "r3", ("2", 3_800), ("gift-0", 0), at=NOW + DAY))
    assert await _charges(member) == [0, 3_000, -3_000]
    assert await coupon_states(member.member_id, *coupons) == ["RETURNED"]


async def _charges(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT gift_charge_minor AS charge FROM refund WHERE member_id = $1 ORDER BY id",
            member.member_id,
        )
    return [row["charge"] for row in rows]


async def test_cashback_waits_as_long_as_the_order_and_goes_with_its_lines():
    await in_shop()
    member, coupons = await a_buyer("BACK")
    await bought(member, 6_000, 4_000, coupons=coupons)
    assert await kinds(member.member_id) == [("earn", 95), ("earn", 100)]
    assert await spendable(member) == (195, 0, 0, 0)
    net = {entry["line_id"]: entry["net_minor"] for entry in await _lines(member)}
    await done(refunded(member, "o1", "r1", ("2", net["2"]), at=NOW + DAY))
    assert await spendable(member) == (57 + 60, 0, 0, 0)
    await done(completed(member, "o1", at=NOW + 2 * DAY))
    assert await spendable(member) == (0, 57 + 60, 0, 0)
    await done(refunded(member, "o1", "r2", at=NOW + 3 * DAY))
    assert await spendable(member) == (0, 0, 0, 0)
    assert await wrong() == []


async def test_whatever_is_told_first_the_same_comes_of_it():
    """The order, its refund and the payment of its checkout, in every order that can be."""
    await in_shop()
    left = []
    for number, order in enumerate(
        (("pay", "order", "refund"), ("order", "pay", "refund"), ("order", "refund", "pay"))
    ):
        member, coupons = await a_buyer("TEN", "BACK", points=2_000)
        ids = tuple(coupon.id for coupon in coupons)
        found = await opened(member.member_id, coupon_ids=ids, points=2_000)
        told = {
            "order": lambda m=member, f=found, n=number: done(order_of(m, f, f"o{n}")),
            "pay": lambda f=found: _paid_and_worked(f),
            "refund": lambda m=member, n=number: done(
                refunded(m, f"o{n}", "r1", ("1", 4_250), at=NOW)
            ),
        }
        for step in order:
            await told[step]()
        left.append((await spendable(member), await coupon_states(member.member_id, *coupons)))
    assert left[0] == left[1] == left[2]
    assert left[0][1] == ["REDEEMED", "REDEEMED"]
    assert await wrong() == []


async def _paid_and_worked(found):
    await complete(found)
    await work(NOW)


async def test_a_checkout_pays_one_order_only():
    await in_shop()
    member, _ = await a_buyer(points=2_000)
    found = await bought(member, 10_000, points=2_000)
    await done(order_of(member, found, "o2"))
    await done(refunded(member, "o2", "r1", at=NOW + DAY))
    assert (await purchase(member.member_id, "o2")).sale is None
    assert (await wallet(member.member_id)).available == 0
    await done(refunded(member, "o1", "r1", at=NOW + DAY))
    assert (await wallet(member.member_id)).available == 2_000


async def test_an_order_of_a_checkout_that_was_cancelled_gives_nothing_back():
    await in_shop()
    member, coupons = await a_buyer("TEN", points=2_000)
    found = await opened(
        member.member_id, coupon_ids=tuple(coupon.id for coupon in coupons), points=2_000
    )
    await cancelled(found)
    await done(order_of(member, found))
    await done(refunded(member, "o1", "r1", at=NOW + DAY))
    assert await spendable(member) == (0, 2_000, 0, 0)
    assert await coupon_states(member.member_id, *coupons) == ["ISSUED"]


@pytest.mark.parametrize("whose", ["nobody's", "another's", "a word"])
async def test_an_order_through_a_checkout_that_is_not_the_customers_is_refused(whose):
    await in_shop()
    member, _ = await a_buyer()
    other = await bought(await a_member(), 10_000, told=False)
    ids = {
        "nobody's": global_id("Checkout", member.member_id, new_id()),
        "another's": global_id("Checkout", other.member_id, other.id),
        "a word": "checkout",
    }
    event = order_of(member, other, checkoutId=ids[whose])
    async with nothing_changed():
        recorded = await record([event], now=NOW)
    ((_, refusal),) = recorded.refused
    assert refusal.code == "INVALID_INPUT"
    assert refusal.facts["where"] == "data.checkoutId"


@pytest.mark.parametrize(
    ("shortfall", "after"),
    [
        ("within_balance", (0, 0, 0, -50)),
        ("unlimited", (0, 0, 0, -50)),
        ("only_pending", (0, 0, 0, 0)),
    ],
)
async def test_what_was_spent_already_is_owed_as_the_policy_says(shortfall, after):
    """95 points of an order are spent on another; of the 95 taken back 45 are there."""
    await in_shop(points={"shortfall": shortfall})
    member, _ = await a_buyer()
    await bought(member, 10_000)
    await done(completed(member, "o1", at=NOW + DAY))
    await give(member.member_id, 45, now=NOW + DAY)
    other = await opened(member.member_id, points=95, of=cart(100_000), now=NOW + DAY)
    await complete(other, at=NOW + DAY, now=NOW + DAY)
    await done(refunded(member, "o1", "r1", at=NOW + 2 * DAY))
    assert await spendable(member) == after
    assert await wrong() == []


partitions = st.lists(st.tuples(st.sampled_from("123"), st.integers(1, 100)), max_size=5)


@given(
    parts=partitions,
    policy=st.sampled_from(["within_balance", "only_pending", "unlimited"]),
    uses=st.tuples(st.booleans(), st.integers(0, 4_000)),
    is_completed=st.booleans(),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_refunds_that_add_up_to_the_whole_leave_exactly_nothing_behind(
    parts, policy, uses, is_completed
):
    """The model: everything is as it was before the order, whatever it was cut into."""
    await in_shop(points={"shortfall": policy})
    member, coupons = await a_buyer("TEN", "BACK", points=1_500, expires_at=NOW + 400 * DAY)
    await give(member.member_id, 3_000)
    before, order_id = await remaining(member), f"o-{new_id()}"
    used, points = uses
    await bought(
        member, 6_000, 3_333, 999, coupons=coupons if used else (), points=points, order_id=order_id
    )
    if is_completed:
        await done(completed(member, order_id, at=NOW + DAY))
    left = {entry["line_id"]: entry["net_minor"] for entry in await _lines(member, order_id)}
    whole = Counter(left)
    for number, (line_id, percent) in enumerate(parts):
        amount = whole[line_id] * percent // 100
        if amount <= left[line_id]:
            left[line_id] -= amount
            at = NOW + DAY
            await done(refunded(member, order_id, f"r{number}", (line_id, amount), at=at))
            order = await purchase(member.member_id, order_id)
            assert sum(entry["refunded_minor"] for entry in order.lines) == sum(
                whole[key] - left[key] for key in whole
            )
    if any(left.values()):
        await done(refunded(member, order_id, "last", at=NOW + DAY))
    order = await purchase(member.member_id, order_id)
    assert [(name, getattr(order, name)) for name, _ in LOOK_ALIKE] == list(LOOK_ALIKE)
    assert (await remaining(member))[:2] == before
    assert await spendable(member) == (0, 4_500, 0, 0)
    assert (await wallet(member.member_id, "GROWTH")).available == 0
    if used:
        states = await coupon_states(member.member_id, *coupons)
        assert states == ["RETURNED", "RETURNED"]
    assert await wrong(NOW + DAY) == []
