"""What do reviews and opened links give, and how often a day?"""

from datetime import datetime, timedelta

from db.connection import reader
from domain.members.operations import change_timezone
from tests.support import world
from tests.support.programmes import in_force
from tests.support.shop import done, fact, opened, paid, reviewed, states
from tests.support.value import kinds, wallet
from tests.support.world import NOW, a_member

DAY = timedelta(days=1)


async def reasons(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT outcome ->> 'reason' AS reason FROM decision WHERE member_id = $1 ORDER BY id",
            member.member_id,
        )
    return [row["reason"] for row in rows]


async def test_a_review_gives_points_at_once_and_growth_before_multipliers():
    await in_force(
        tiers={"ladder": [_livelier(t) for t in _ladder()]}, now=NOW - DAY, since=NOW - DAY
    )
    member = await a_member()
    await done(reviewed(member, "v1", photos=2), reviewed(member, "v2"))
    assert await kinds(member.member_id) == [("earn", 45), ("earn", 30)]
    assert (await wallet(member.member_id)).available == 75
    assert (await wallet(member.member_id, "GROWTH")).available == 50


def _ladder():
    return world.programme().document()["tiers"]["ladder"]


def _livelier(tier):
    return {**tier, "activity_multiplier": "1.5"}


async def test_three_reviews_count_on_a_day_of_the_members_zone():
    member = await a_member(timezone="America/New_York")
    midnight = datetime.fromisoformat("2026-03-02T00:00:00-05:00")
    before = midnight - timedelta(seconds=1)
    await done(*(reviewed(member, f"v{n}", at=before) for n in range(4)))
    await done(*(reviewed(member, f"w{n}", at=midnight) for n in range(4)))
    assert await kinds(member.member_id) == [("earn", 20)] * 6
    assert await reasons(member) == [None, None, None, "DAILY_LIMIT"] * 2
    assert await states(member.member_id) == ["done"] * 8


async def test_a_move_to_another_zone_gives_no_day_twice():
    member = await a_member()
    evening = datetime.fromisoformat("2026-03-02T20:00:00+08:00")
    await change_timezone(member.member_id, "America/Los_Angeles", now=evening)
    await done(*(reviewed(member, f"v{n}", at=evening) for n in range(3)))
    for hours in (5, 12, 19):
        await done(reviewed(member, f"late {hours}", at=evening + timedelta(hours=hours)))
    assert await reasons(member) == [None] * 3 + ["DAILY_LIMIT"] * 3
    midnight = datetime.fromisoformat("2026-03-03T00:00:00-08:00")
    await done(reviewed(member, "next day", at=midnight))
    assert (await reasons(member))[-1] is None


async def test_a_link_counts_once_for_each_opener_and_never_for_its_owner():
    member = await a_member()
    owner = member.external_id or ""
    await done(opened(member, "l1", "a"), opened(member, "l1", "b"), opened(member, "l1", owner))
    assert await kinds(member.member_id) == [("earn", 5), ("earn", 5)]
    assert await reasons(member) == [None, None, "OWN_LINK"]
    await done(*(opened(member, "l2", f"o{n}") for n in range(4)))
    assert await kinds(member.member_id) == [("earn", 5)] * 5
    assert (await reasons(member))[-1] == "DAILY_LIMIT"


async def test_limits_of_kinds_are_apart_and_late_facts_count_on_their_day():
    member = await a_member()
    await done(*(reviewed(member, f"v{n}") for n in range(3)), opened(member, "l", "a"))
    await done(reviewed(member, "yesterday's", at=NOW - DAY), now=NOW)
    await done(reviewed(member, "one more"))
    assert await kinds(member.member_id) == [("earn", 20)] * 3 + [("earn", 5), ("earn", 20)]


async def test_two_sources_may_use_one_id():
    member = await a_member()
    data = {"reviewId": "v1"}
    await done(
        fact(member, "review.approved", data, source="a", id="b:c"),
        fact(member, "review.approved", data, source="a:b", id="c"),
        paid(member, "o", 100),
    )
    assert await states(member.member_id) == ["done"] * 3
