"""What does a floor under a tier change, and what does it leave alone?"""

from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader
from domain.retention.errors import NoTierFloor
from domain.retention.model import FloorAsked
from domain.retention.operations import end_floor, review_due, set_floor
from kit.errors import InvalidInput, NotFound
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.shop import done, paid, purchase, refunded, tier, tier_changes
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
UNTIL = NOW + 90 * DAY
STAFF = {"actor": "staff", "reason": "an apology"}


async def earned(member):
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT earned_tier FROM standing WHERE member_id = $1", member.member_id
        )


async def told(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT template FROM notification WHERE member_id = $1 AND template LIKE 'tier_%'"
            " ORDER BY created_at, id",
            member.member_id,
        )
    return [row["template"] for row in rows]


async def test_a_floor_gives_a_tier_at_once_and_for_what_is_earned_from_then_on():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 10_000))
    await set_floor(member.member_id, FloorAsked("GOLD", UNTIL), **STAFF, now=NOW + DAY)
    assert await tier(member.member_id) == ("GOLD", False)
    assert await earned(member) == "NORMAL"
    assert await tier_changes(member.member_id) == [("NORMAL", "GOLD", NOW + DAY)]
    await done(paid(member, "o2", 10_000, at=NOW + 2 * DAY))
    assert (await purchase(member.member_id, "o2")).points == 125


async def test_a_floor_ends_on_its_day_and_its_end_is_told_thirty_days_ahead():
    await in_force()
    member = await a_member()
    await set_floor(member.member_id, FloorAsked("GOLD", UNTIL), **STAFF, now=NOW)
    await review_due(as_of=UNTIL - 30 * DAY - timedelta(seconds=1))
    assert await told(member) == []
    for _ in range(2):
        await review_due(as_of=UNTIL - 30 * DAY)
        assert await told(member) == ["tier_floor_ending"]
    await work(UNTIL - timedelta(seconds=1))
    assert await tier(member.member_id) == ("GOLD", False)
    await work(UNTIL)
    assert await tier(member.member_id) == ("NORMAL", False)
    assert (await tier_changes(member.member_id))[-1] == ("GOLD", "NORMAL", UNTIL)


async def test_what_is_earned_goes_on_underneath_and_shows_where_it_is_higher():
    await in_force()
    member = await a_member()
    await set_floor(member.member_id, FloorAsked("SILVER", UNTIL), **STAFF, now=NOW)
    await done(paid(member, "o1", 990_000, at=NOW + DAY))
    assert await tier(member.member_id) == ("GOLD", True)
    assert await told(member) == ["tier_upgraded"]
    await work(UNTIL)
    assert await tier(member.member_id) == ("GOLD", False)
    assert await earned(member) == "GOLD"


async def test_a_floor_that_changes_nothing_ends_without_a_word():
    await in_force()
    member = await a_member()
    await set_floor(member.member_id, FloorAsked("SILVER", UNTIL), **STAFF, now=NOW)
    await done(paid(member, "o1", 990_000, at=NOW + DAY))
    for as_of in (UNTIL - 30 * DAY, UNTIL - DAY, UNTIL):
        await review_due(as_of=as_of)
    assert await told(member) == ["tier_upgraded"]
    assert (await tier(member.member_id))[0] == "GOLD"


async def test_a_floor_that_holds_again_before_its_end_is_told_to_end_then():
    await in_force()
    member = await a_member()
    await set_floor(member.member_id, FloorAsked("SILVER", UNTIL), **STAFF, now=NOW)
    await done(paid(member, "o1", 990_000, at=UNTIL - 31 * DAY))
    await review_due(as_of=UNTIL - 30 * DAY)
    assert await told(member) == ["tier_upgraded"]
    fell = UNTIL - 29 * DAY
    await done(refunded(member, "o1", "r1", at=fell))
    assert await tier(member.member_id) == ("SILVER", False)
    await review_due(as_of=fell)
    assert await told(member) == ["tier_upgraded", "tier_fell", "tier_floor_ending"]


async def test_an_upgrade_beneath_a_floor_is_told_nobody():
    await in_force()
    member = await a_member()
    await set_floor(member.member_id, FloorAsked("DIAMOND", None), **STAFF, now=NOW)
    await done(paid(member, "o1", 990_000, at=NOW + DAY))
    assert await tier(member.member_id) == ("DIAMOND", True)
    assert (await earned(member), await told(member)) == ("GOLD", [])


async def test_staff_end_a_floor():
    await in_force()
    member = await a_member()
    await set_floor(member.member_id, FloorAsked("GOLD", None), **STAFF, now=NOW)
    await end_floor(member.member_id, **STAFF, now=NOW + DAY)
    assert await tier(member.member_id) == ("NORMAL", False)
    async with reader() as tx:
        actions = await tx.fetch("SELECT actor, action, reason FROM staff_action ORDER BY id")
    assert [tuple(row.values()) for row in actions] == [
        ("staff", "set_tier_floor", "an apology"),
        ("staff", "end_tier_floor", "an apology"),
    ]
    async with nothing_changed():
        with pytest.raises(NoTierFloor):
            await end_floor(member.member_id, **STAFF, now=NOW + DAY)


async def test_the_same_floor_again_changes_nothing_and_another_takes_its_place():
    await in_force()
    member = await a_member()
    await set_floor(member.member_id, FloorAsked("GOLD", UNTIL), **STAFF, now=NOW)
    async with nothing_changed():
        await set_floor(member.member_id, FloorAsked("GOLD", UNTIL), **STAFF, now=NOW + DAY)
    await set_floor(member.member_id, FloorAsked("SILVER", UNTIL), **STAFF, now=NOW + DAY)
    assert await tier(member.member_id) == ("SILVER", False)


@pytest.mark.parametrize(
    ("tier_code", "until", "path"),
    [
        ("COPPER", UNTIL, ["tier"]),
        ("NORMAL", UNTIL, ["tier"]),
        ("GOLD", NOW, ["until"]),
        ("GOLD", datetime(2020, 1, 1, tzinfo=UTC), ["until"]),
    ],
)
async def test_a_floor_that_can_t_be_is_refused(tier_code, until, path):
    await in_force()
    member = await a_member()
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await set_floor(member.member_id, FloorAsked(tier_code, until), **STAFF, now=NOW)
    assert refused.value.path == path


async def test_a_floor_needs_a_reason_and_a_member():
    await in_force()
    member = await a_member()
    async with nothing_changed():
        with pytest.raises(InvalidInput):
            await set_floor(
                member.member_id, FloorAsked("GOLD", None), actor="staff", reason=" ", now=NOW
            )
        with pytest.raises(NotFound):
            await set_floor(new_id(), FloorAsked("GOLD"), **STAFF, now=NOW)
