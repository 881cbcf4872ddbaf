"""What does a task give, when, and what happens when its cause is undone?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.ledger.operations import audit, settle_members
from domain.rewards.model import Adjustment, Operation
from domain.rewards.operations import adjust
from tests.support.missions import (
    a_task,
    balances,
    of_tasks,
    progress,
    rewarded,
    tasks_in_force,
)
from tests.support.programmes import in_force
from tests.support.shop import completed, done, opened, paid, refunded, reviewed
from tests.support.value import lots, wallet
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
WINDOW = timedelta(days=15)


async def coupons(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT template, state FROM coupon WHERE member_id = $1 ORDER BY id", member.member_id
        )
    return [tuple(row) for row in rows]


async def told(member):
    async with reader() as tx:
        rows = await tx.fetchjson(
            "SELECT json_agg(json_build_array(template, cause, facts)) FROM notification"
            " WHERE member_id = $1",
            member.member_id,
        )
    return rows or []


async def test_a_task_of_reviews_gives_its_points_at_once_with_growth():
    await tasks_in_force(a_task(kind="reviews", target=2))
    member = await a_member()
    await done(reviewed(member, "r1"))
    assert await progress(member) == {}
    await done(reviewed(member, "r2"))
    assert await progress(member) == {("T", "once"): ("REWARDED", 2, 1)}
    assert await balances(member) == (0, 140, 140)
    await done(reviewed(member, "r3"))
    assert await of_tasks(member) == [100]


async def test_the_member_is_told_once_what_they_got():
    gives = {"points": 100, "coupons": ["COUPON_10"]}
    await tasks_in_force(a_task(kind="shares", gives=gives))
    member = await a_member()
    await done(opened(member, "l", "a"))
    name = {"en": "Task", "zh-CN": "任务"}
    face = {"en": "¥10 off", "zh-CN": "10元优惠券"}
    facts = {"task": name, "points": 100, "coupons": [face]}
    assert ["task_completed", "task:T:once", facts] in await told(member)


async def test_what_orders_cause_is_pending_until_the_last_of_them_settles():
    await tasks_in_force(a_task(target=2))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(paid(member, "B", 10_000, at=NOW + DAY))
    assert await balances(member) == (300, 0, 300)
    await work(NOW + WINDOW)
    await done(paid(member, "C", 100, at=NOW + WINDOW))
    assert (await balances(member))[:2] == (201, 100)
    await done(paid(member, "D", 100, at=NOW + WINDOW + DAY))
    assert (await balances(member))[:2] == (2, 300)


async def test_the_shops_word_frees_the_task_with_the_order():
    await tasks_in_force(a_task())
    member = await a_member()
    await done(paid(member, "A", 10_000))
    assert (await balances(member))[:2] == (200, 0)
    await done(completed(member, "A", at=NOW + DAY))
    assert (await balances(member))[:2] == (0, 200)


async def test_where_only_the_shops_word_counts_the_task_waits_for_it():
    await tasks_in_force(a_task(), points={"completion": "completed_only", "silence": "cancel"})
    member = await a_member()
    await done(paid(member, "A", 10_000))
    (order_lot, task_lot) = await lots(member.member_id)
    assert (task_lot.granted, task_lot.activates_at) == (100, None)
    assert order_lot.granted == 100
    await work(NOW + 60 * DAY)
    assert (await balances(member))[:2] == (0, 0)
    assert await progress(member) == {("T", "once"): ("OPEN", 0, 1)}


async def test_a_refund_takes_the_reward_back_and_completing_again_pays_again():
    await tasks_in_force(a_task(gives={"points": 100, "coupons": ["COUPON_10"]}))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(refunded(member, "A", "R", at=NOW + DAY))
    assert await progress(member) == {("T", "once"): ("OPEN", 0, 1)}
    assert await balances(member) == (0, 0, 0)
    assert await coupons(member) == [("COUPON_10", "REVOKED")]
    await done(paid(member, "B", 10_000, at=NOW + 2 * DAY))
    assert await progress(member) == {("T", "once"): ("REWARDED", 1, 2)}
    assert await balances(member) == (200, 0, 200)
    assert await of_tasks(member) == [100, -100, 100]
    assert (await audit(now=NOW + 2 * DAY)).breaches == []


async def test_a_refund_after_the_points_were_available_takes_them_back_too():
    await tasks_in_force(a_task())
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(completed(member, "A", at=NOW + DAY))
    await done(refunded(member, "A", "R", at=NOW + 40 * DAY))
    assert await balances(member) == (0, 0, 0)


async def test_another_order_holds_the_target_and_the_points_wait_for_it():
    await tasks_in_force(a_task())
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(paid(member, "B", 10_000, at=NOW + 10 * DAY))
    await done(refunded(member, "A", "R", at=NOW + 11 * DAY))
    assert await of_tasks(member) == [100]
    (_, task_lot, _) = await lots(member.member_id)
    assert task_lot.activates_at == NOW + 10 * DAY + WINDOW


async def test_badges_stay():
    await tasks_in_force(a_task(gives={"badges": ["CHECKIN_30"]}))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(refunded(member, "A", "R", at=NOW + DAY))
    async with reader() as tx:
        codes = await tx.fetch("SELECT code FROM badge WHERE member_id = $1", member.member_id)
    assert [row["code"] for row in codes] == ["CHECKIN_30"]
    await done(paid(member, "B", 10_000, at=NOW + 2 * DAY))
    assert await progress(member) == {("T", "once"): ("REWARDED", 1, 2)}


async def test_a_review_of_an_order_that_is_sent_back_counts_no_more():
    await tasks_in_force(a_task(kind="reviews"))
    member = await a_member()
    await done(paid(member, "A", 10_000), reviewed(member, "r", order_id="A"))
    assert (await balances(member))[:2] == (220, 0)
    await done(refunded(member, "A", "R", at=NOW + DAY))
    assert await balances(member) == (0, 0, 0)


async def test_a_target_is_held_against_the_version_under_which_it_was_reached():
    await tasks_in_force(a_task(target=1))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await tasks_in_force(a_task(target=3), now=NOW + DAY)
    await done(paid(member, "B", 10_000, at=NOW + 2 * DAY))
    assert await rewarded(member) == [("T", "once")]
    await in_force(now=NOW + 3 * DAY)
    await done(refunded(member, "B", "RB", at=NOW + 4 * DAY))
    assert await rewarded(member) == [("T", "once")]
    await done(refunded(member, "A", "RA", at=NOW + 5 * DAY))
    assert await progress(member) == {("T", "once"): ("OPEN", 0, 1)}
    assert await balances(member) == (0, 0, 0)


async def test_history_counts_when_a_task_is_published_and_is_dated_from_then_on():
    await in_force()
    member = await a_member()
    await done(reviewed(member, "r1"), reviewed(member, "r2"))
    await tasks_in_force(a_task(kind="reviews", target=3), now=NOW + 50 * DAY)
    await done(reviewed(member, "r3", at=NOW + 60 * DAY))
    assert await rewarded(member) == [("T", "once")]
    assert [lot.occurred_at for lot in await lots(member.member_id)][-1] == NOW + 60 * DAY


async def credit(member):
    """Pending, available less debt."""
    found = await wallet(member.member_id, "CREDIT")
    return found.pending, found.available + found.debt


PACKET = {"points": 100, "credit": "8.88"}


async def test_a_red_packet_that_orders_cause_waits_with_the_points_and_goes_with_them():
    await tasks_in_force(a_task(gives=PACKET))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    assert await credit(member) == (888, 0)
    *_, packet = await lots(member.member_id)
    assert packet.activates_at == NOW + WINDOW
    assert packet.expires_at == NOW + WINDOW + 90 * DAY
    await done(refunded(member, "A", "R", at=NOW + DAY))
    assert await credit(member) == (0, 0)
    await done(paid(member, "B", 10_000, at=NOW + 2 * DAY))
    assert await credit(member) == (888, 0)
    await settle_members(as_of=NOW + 2 * DAY + WINDOW)
    assert await credit(member) == (0, 888)
    assert (await audit(now=NOW + 2 * DAY)).breaches == []


async def test_a_red_packet_that_was_spent_is_owed_when_its_order_is_sent_back():
    await tasks_in_force(a_task(gives={"credit": "8.88"}))
    member = await a_member()
    await done(paid(member, "A", 10_000))
    await done(completed(member, "A", at=NOW + DAY))
    spent = Adjustment(member.member_id, -500, "spent", "k", operation=Operation.ADJUST_CREDIT)
    await adjust("staff:1", spent, now=NOW + DAY)
    await done(refunded(member, "A", "R", at=NOW + 2 * DAY))
    assert await credit(member) == (0, -500)
    await done(paid(member, "B", 10_000, at=NOW + 3 * DAY))
    await done(completed(member, "B", at=NOW + 4 * DAY))
    assert await credit(member) == (0, 388)
    assert (await audit(now=NOW + 4 * DAY)).breaches == []


async def test_where_only_the_shops_word_counts_a_red_packet_waits_for_it():
    await tasks_in_force(
        a_task(gives=PACKET), points={"completion": "completed_only", "silence": "cancel"}
    )
    member = await a_member()
    await done(paid(member, "A", 10_000))
    *_, packet = await lots(member.member_id)
    assert (packet.currency, packet.activates_at) == ("CREDIT", None)
    await done(completed(member, "A", at=NOW + DAY))
    assert await credit(member) == (0, 888)
