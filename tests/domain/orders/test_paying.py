"""What does a paid order give, and when is it there?"""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.ledger.operations import settle_members
from tests.support.programmes import in_force
from tests.support.shop import completed, done, line, paid, purchase, states, tell, tier_changes
from tests.support.value import kinds, lots, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, programme

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WINDOW = 15 * DAY


async def test_an_order_gives_growth_at_once_and_points_when_its_window_ends():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 9_990))
    assert await kinds(member.member_id) == [("earn", 99)]
    found = await wallet(member.member_id)
    assert (found.pending, found.available, found.lifetime_earned) == (99, 0, 99)
    assert found.next_due_at == NOW + WINDOW
    assert (await wallet(member.member_id, "GROWTH")).available == 99
    order = await purchase(member.member_id, "o1")
    assert (order.points, order.growth, order.base_minor) == (99, 99, 9_990)
    assert (order.tier_code, order.settles_at) == ("NORMAL", NOW + WINDOW)
    await settle_members(as_of=NOW + WINDOW - HOUR)
    assert (await wallet(member.member_id)).pending == 99
    await settle_members(as_of=NOW + WINDOW)
    found = await wallet(member.member_id)
    assert (found.pending, found.available) == (0, 99)
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == NOW + WINDOW
    assert lot.expires_at == datetime(2028, 3, 17, 16, tzinfo=UTC)


async def test_an_order_in_the_month_of_the_birthday_earns_by_the_tiers_multiplier_for_it():
    ladder = programme().document()["tiers"]["ladder"]
    ladder[0]["benefits"]["birthday_multiplier"] = "2"
    await in_force(tiers={"ladder": ladder})
    born = date(1990, 4, 20)
    known, stranger = await a_member(birthday=born), await a_member()
    # The last hour of March and the first of April in Shanghai.
    april = datetime(2026, 3, 31, 16, tzinfo=UTC)
    await done(paid(known, "o1", 9_990, at=april - HOUR), paid(known, "o2", 9_990, at=april))
    await done(paid(stranger, "o3", 9_990, at=april))
    assert (await purchase(known.member_id, "o1")).points == 99
    assert (await purchase(known.member_id, "o2")).points == 199
    assert (await purchase(stranger.member_id, "o3")).points == 99


async def test_what_earns_nothing_is_left_out_of_the_base():
    await in_force()
    member = await a_member()
    await done(
        paid(
            member,
            "o1",
            line(10_000, "a", discountMinor=1_000),
            line(5_000, "b", eligible=False),
            line(1_050, "c"),
            data={"shippingMinor": 800, "pointsPaidMinor": 1_000},
        )
    )
    order = await purchase(member.member_id, "o1")
    assert (order.net_minor, order.base_minor, order.points) == (15_050, 9_050, 90)
    assert [entry["points"] for entry in order.lines] == [81, 0, 9]


async def test_the_order_that_crosses_a_line_earns_with_the_tier_before_and_the_next_with_it():
    await in_force()
    member = await a_member()
    await done(paid(member, "big", 980_000))
    await done(paid(member, "next", 9_990, at=NOW + HOUR))
    assert await kinds(member.member_id) == [("earn", 9_800), ("earn", 124)]
    assert (await purchase(member.member_id, "big")).tier_code == "NORMAL"
    assert (await purchase(member.member_id, "next")).tier_code == "GOLD"
    assert (await wallet(member.member_id, "GROWTH")).available == 9_899
    assert await tier_changes(member.member_id) == [("NORMAL", "GOLD", NOW)]


async def test_both_in_one_batch_earn_the_same():
    await in_force()
    member = await a_member()
    await done(paid(member, "big", 980_000), paid(member, "next", 9_990, at=NOW + HOUR))
    assert await kinds(member.member_id) == [("earn", 9_800), ("earn", 124)]


async def test_a_tier_is_reached_when_the_order_was_paid_not_when_the_shop_said_so():
    await in_force()
    member = await a_member()
    told_late = paid(member, "big", 980_000, time=NOW + 2 * HOUR)
    await done(told_late, paid(member, "next", 9_990, at=NOW + HOUR), now=NOW + 2 * HOUR)
    assert await kinds(member.member_id) == [("earn", 9_800), ("earn", 124)]
    assert await tier_changes(member.member_id) == [("NORMAL", "GOLD", NOW)]


async def test_a_late_order_earns_with_the_tier_of_its_time_and_reprices_nothing():
    await in_force()
    member = await a_member()
    await done(paid(member, "big", 980_000))
    await done(paid(member, "late", 9_990, at=NOW - DAY), now=NOW + DAY)
    await done(paid(member, "same instant", 9_990, at=NOW), now=NOW + DAY)
    assert await kinds(member.member_id) == [("earn", 9_800), ("earn", 99), ("earn", 99)]


async def test_an_upgrade_by_a_late_order_is_dated_after_everything_known():
    await in_force()
    member = await a_member()
    await done(paid(member, "small", 10_000, at=NOW + DAY))
    await done(paid(member, "late", 980_000, at=NOW), now=NOW + 2 * DAY)
    assert await tier_changes(member.member_id) == [("NORMAL", "GOLD", NOW + DAY)]


async def test_a_late_order_settles_under_the_version_of_its_payment():
    await in_force()
    member = await a_member()
    await in_force(since=NOW + DAY, points={"per_yuan": 2, "delivery_days": 1})
    await done(paid(member, "late", 10_000), now=NOW + 2 * DAY)
    await done(paid(member, "new", 10_000, at=NOW + 2 * DAY))
    assert await kinds(member.member_id) == [("earn", 100), ("earn", 200)]
    late, new = [await purchase(member.member_id, name) for name in ("late", "new")]
    assert (late.programme_version, late.settles_at) == (1, NOW + WINDOW)
    assert (new.programme_version, new.settles_at) == (2, NOW + 10 * DAY)


async def test_an_order_older_than_its_window_is_available_at_once_dated_when_it_was_due():
    await in_force()
    member = await a_member(joined_at=NOW - 100 * DAY)
    await done(paid(member, "o1", 10_000, at=NOW - 100 * DAY), now=NOW)
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == NOW - 85 * DAY
    assert (await wallet(member.member_id)).available == 100


async def test_order_and_source_ids_that_run_together_are_two_orders():
    await in_force()
    member = await a_member()
    await done(paid(member, "b:c", 10_000, source="a"), paid(member, "c", 20_000, source="a:b"))
    assert await states(member.member_id) == ["done", "done"]
    assert await kinds(member.member_id) == [("earn", 100), ("earn", 200)]


async def test_completion_makes_points_available_and_their_time_begins_then():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    await done(completed(member, "o1", at=NOW + 3 * DAY))
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == NOW + 3 * DAY
    assert lot.expires_at == datetime(2028, 3, 5, 16, tzinfo=UTC)
    assert await kinds(member.member_id) == [("earn", 100), ("activate", 100)]
    assert (await purchase(member.member_id, "o1")).settles_at == NOW + 3 * DAY


async def test_completion_after_the_window_changes_nothing():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    await done(completed(member, "o1", at=NOW + 20 * DAY))
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == NOW + WINDOW
    order = await purchase(member.member_id, "o1")
    assert (order.settles_at, order.completed_at) == (NOW + WINDOW, NOW + 20 * DAY)


@pytest.mark.parametrize("posted", [False, True])
async def test_a_late_completion_gives_the_same_whether_the_activation_was_posted(posted):
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    if posted:
        await settle_members(as_of=NOW + 16 * DAY)
    await tell(completed(member, "o1", at=NOW + 3 * DAY), now=NOW + 17 * DAY)
    await work(NOW + 17 * DAY)
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == NOW + WINDOW
    assert lot.expires_at == datetime(2028, 3, 17, 16, tzinfo=UTC)


async def test_completion_told_before_the_payment_counts_from_the_payment():
    await in_force()
    member = await a_member()
    await done(completed(member, "o1", at=NOW - DAY), paid(member, "o1", 10_000))
    (lot,) = await lots(member.member_id)
    assert lot.activated_at == NOW


async def test_an_order_too_small_for_a_point_still_counts():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 99), completed(member, "o1", at=NOW))
    assert await kinds(member.member_id) == []
    assert (await purchase(member.member_id, "o1")).base_left_minor == 99
    assert await states(member.member_id) == ["done", "done"]


async def test_another_currency_is_converted_at_its_rate():
    await in_force(rates={"USD": "7.1"})
    member = await a_member()
    await done(paid(member, "o1", 1_999, data={"currency": "USD"}))
    order = await purchase(member.member_id, "o1")
    assert (order.net_minor, order.base_minor, order.points) == (1_999, 14_192, 141)
