"""Do tasks and challenges hear of it when a member does what they count?"""

from datetime import timedelta

import pytest

from domain.checkins.operations import check_in
from tests.support.contests import ENDS, STARTS, contest
from tests.support.programmes import in_force
from tests.support.shop import done, opened, paid, refunded, reviewed
from tests.support.working import jobs_of
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
NAME = {"zh-CN": "任务", "en": "Task"}


def a_task(kind: str):
    return {
        "code": kind.upper(),
        "name": NAME,
        "kind": kind,
        "target": 1000,
        "gives": {"points": 1},
    }


async def followed(member):
    return [kind for kind, _ in await jobs_of(member.member_id) if kind.endswith(".assess")]


async def test_nobody_looks_where_the_programme_has_no_task_of_that_kind():
    await in_force(tasks=[a_task("posts")])
    member = await a_member()
    await done(paid(member, "o", 10_000), reviewed(member, "r"), opened(member, "l", "a"))
    await check_in(member.member_id, now=NOW)
    assert await followed(member) == []


@pytest.mark.parametrize("kind", ["orders", "spend", "order_days", "categories"])
async def test_orders_and_refunds_are_followed(kind):
    await in_force(tasks=[a_task(kind)])
    member = await a_member()
    await done(reviewed(member, "r"))
    assert await followed(member) == []
    await done(paid(member, "o", 10_000))
    assert await followed(member) == ["tasks.assess"]


async def test_a_refund_after_the_task_left_the_programme_is_followed():
    await in_force(tasks=[a_task("orders")])
    await in_force(now=NOW + DAY)
    member = await a_member()
    await done(paid(member, "o", 10_000, at=NOW + 2 * DAY))
    await done(refunded(member, "o", "r", at=NOW + 3 * DAY))
    assert await followed(member) == ["tasks.assess"] * 2


async def test_reviews_shares_and_check_ins_are_followed():
    await in_force(tasks=[a_task("reviews"), a_task("shares"), a_task("check_in_streak")])
    for act in ("review", "share", "check_in"):
        member = await a_member()
        if act == "review":
            await done(reviewed(member, "r1"))
        elif act == "share":
            await done(opened(member, "l1", "a"))
        else:
            await check_in(member.member_id, now=NOW)
        assert "tasks.assess" in await followed(member)


async def test_a_contest_hears_of_what_was_done_in_its_window_however_late():
    await in_force(challenges=[contest()])
    member = await a_member()
    for number, at in enumerate((STARTS - DAY, ENDS)):
        await done(paid(member, f"o{number}", 10_000, at=at))
    await done(reviewed(member, "r"))
    assert await followed(member) == []
    await done(paid(member, "o2", 10_000, at=NOW))
    await done(refunded(member, "o2", "r", at=ENDS + 60 * DAY))
    assert await followed(member) == ["challenges.assess"] * 2


async def test_badges_by_rule_are_looked_at_with_contests():
    rule = {"metric": "reviews", "count": 3}
    await in_force(badges=[{"code": "THREE", "name": NAME, "rule": rule}])
    member = await a_member()
    await done(paid(member, "o", 10_000))
    assert await followed(member) == []
    await done(reviewed(member, "r"))
    assert await followed(member) == ["challenges.assess"]
