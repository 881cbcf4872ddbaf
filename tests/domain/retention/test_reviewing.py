"""Does the night keep and lose tiers as it should, and tell the members?"""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from db.connection import reader, transactional
from domain.retention.operations import review_due
from tests.support.programmes import in_force
from tests.support.shop import (
    completed,
    done,
    opened,
    paid,
    purchase,
    refunded,
    reviewed,
    tell,
    tier,
    tier_changes,
)
from tests.support.working import jobs_of, work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
END = datetime(2027, 3, 2, 16, tzinfo=UTC)
WARNS = END - 30 * DAY
GRACE = END - 15 * DAY
NEXT_END = datetime(2028, 3, 2, 16, tzinfo=UTC)


async def a_gold_member(order_id="o1"):
    """Confirmed on the second day; needs 240."""
    member = await a_member()
    bought = paid(member, order_id, 990_000)
    await done(bought, completed(member, order_id, at=NOW + DAY))
    assert await tier(member.member_id) == ("GOLD", False)
    return member


async def night(as_of):
    after = None
    while True:
        after = await review_due(as_of=as_of, after=after, limit=2)
        if after is None:
            return


async def standing(member):
    async with reader() as tx:
        row = await tx.fetchjson(
            "SELECT to_json(s) FROM standing s WHERE member_id = $1", member.member_id
        )
    assert row is not None
    return row


async def told(member):
    async with reader() as tx:
        rows = await tx.fetchjson(
            "SELECT json_agg(n ORDER BY n.created_at, n.id) FROM notification n"
            " WHERE member_id = $1 AND template LIKE 'tier_%'",
            member.member_id,
        )
    return [(row["template"], row["facts"]) for row in rows or ()]


async def test_an_upgrade_is_told_and_its_gifts_are_asked_for_once_it_is_certain():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 990_000))
    assert await tier(member.member_id) == ("GOLD", True)
    assert "gifts.tier" not in dict(await jobs_of(member.member_id))
    await done(completed(member, "o1", at=NOW + DAY))
    async with reader() as tx:
        found = await tx.fetch(
            "SELECT key, payload ->> 'tier' AS tier FROM job WHERE kind = 'gifts.tier' ORDER BY key"
        )
    assert [tuple(row.values()) for row in found] == [("GOLD", "GOLD")]
    upgraded = {
        "tier": {"zh-CN": "金卡", "en": "Gold"},
        "from_tier": {"zh-CN": "普通", "en": "Normal"},
    }
    assert await told(member) == [("tier_upgraded", upgraded)]


async def test_a_fall_is_told():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 990_000))
    await done(refunded(member, "o1", "r1", at=NOW + DAY))
    assert [template for template, _ in await told(member)] == ["tier_upgraded", "tier_fell"]


async def test_a_member_who_does_nothing_is_warned_graced_and_downgraded():
    await in_force()
    member = await a_gold_member()
    await night(WARNS - timedelta(seconds=1))
    assert (await standing(member))["warning"] is None
    await night(WARNS)
    await night(GRACE)
    await night(END - timedelta(seconds=1))
    assert await tier(member.member_id) == ("GOLD", False)
    await night(END)
    assert await tier(member.member_id) == ("SILVER", False)
    assert (await tier_changes(member.member_id))[-1] == ("GOLD", "SILVER", END)
    found = await standing(member)
    assert (found["period_opened_at"], found["period_ends_at"]) == (
        END.isoformat(),
        NEXT_END.isoformat(),
    )
    upgraded, warned, grace, downgraded = await told(member)
    assert upgraded[0] == "tier_upgraded"
    gold, silver = {"zh-CN": "金卡", "en": "Gold"}, {"zh-CN": "银卡", "en": "Silver"}
    at_stake = {
        "tier": gold,
        "score": 0,
        "needed": 240,
        "gap": 240,
        "ends_at": END.isoformat(),
        "otherwise": silver,
    }
    assert warned == ("tier_warned", at_stake)
    assert grace[0] == "tier_grace"
    assert grace[1]["tasks"] == [
        {"zh-CN": "签到 5 天", "en": "Check in on 5 days"},
        {"zh-CN": "评价 3 次", "en": "Reviews: 3"},
        {"zh-CN": "分享被打开 3 次", "en": "Shares opened by others: 3"},
        {"zh-CN": "发帖 3 篇", "en": "Posts: 3"},
        {"zh-CN": "消费再得 169 分", "en": "Purchases worth 169 score points"},
    ]
    assert downgraded == (
        "tier_downgraded",
        {
            "tier": silver,
            "from_tier": gold,
            "needed": 240,
            "gap": 240,
            "recover_by_at": (END + 30 * DAY).isoformat(),
        },
    )


async def test_a_night_that_runs_again_changes_nothing():
    await in_force()
    await a_gold_member()
    for as_of in (WARNS, GRACE, END, END + 30 * DAY):
        await night(as_of)
        async with nothing_changed():
            await night(as_of)


async def test_nights_in_parallel_do_it_once():
    await in_force()
    member = await a_gold_member()
    for as_of in (WARNS, GRACE, END):
        await asyncio.gather(*(night(as_of) for _ in range(4)))
    assert len(await told(member)) == 4
    assert len(await tier_changes(member.member_id)) == 2


async def test_a_late_judgement_is_dated_when_it_was_due_and_an_order_recovers_from_it():
    await in_force()
    member = await a_gold_member()
    await night(WARNS)
    await night(GRACE)
    at = END + 5 * DAY
    await done(paid(member, "o2", 800_000, at=at))
    assert (await tier_changes(member.member_id))[1:] == [
        ("GOLD", "SILVER", END),
        ("SILVER", "GOLD", at),
    ]
    # The order itself earned as silver.
    async with reader() as tx:
        earned = await tx.fetchval("SELECT tier_code FROM purchase WHERE order_id = 'o2'")
    assert earned == "SILVER"
    assert (await told(member))[-1][0] == "tier_recovered"
    keys = [kind for kind, _ in await jobs_of(member.member_id) if kind == "gifts.tier"]
    assert len(keys) == 1


async def test_who_reaches_the_keep_in_time_is_kept_from_the_original_end():
    await in_force()
    member = await a_gold_member()
    await done(paid(member, "o2", 775_000, at=END - 100 * DAY))
    await night(END + DAY)
    found = await standing(member)
    assert (found["tier_code"], found["period_opened_at"]) == ("GOLD", END.isoformat())
    assert found["period_ends_at"] == NEXT_END.isoformat()
    kept = {"tier": {"zh-CN": "金卡", "en": "Gold"}, "ends_at": NEXT_END.isoformat()}
    assert (await told(member))[-1] == ("tier_kept", kept)


async def test_a_refund_in_the_last_days_warns_at_once_and_moves_the_end():
    await in_force()
    member = await a_gold_member()
    bought = END - 10 * DAY
    await done(paid(member, "o2", 775_000, at=END - 100 * DAY))
    await done(completed(member, "o2", at=END - 99 * DAY))
    await night(WARNS)
    assert (await standing(member))["warning"] is None
    await done(refunded(member, "o2", "r1", at=bought))
    warning = (await standing(member))["warning"]
    assert datetime.fromisoformat(warning["warned_at"]) == bought
    assert datetime.fromisoformat(warning["ends_at"]) == bought + 30 * DAY
    assert warning["moved"]


async def test_an_import_opens_periods_in_the_past_and_warns_of_none_before_the_run():
    await in_force()
    member = await a_member()
    now = NOW + 800 * DAY
    facts = [
        paid(member, "o1", 990_000),
        completed(member, "o1", at=NOW + DAY),
        paid(member, "o2", 775_000, at=NOW + 100 * DAY),
        paid(member, "o3", 10_000, at=NOW + 700 * DAY),
    ]
    await done(*facts, now=now)
    # The first year was kept by the second order, the second is over and was not.
    found = await standing(member)
    assert (found["tier_code"], found["period_opened_at"]) == ("GOLD", END.isoformat())
    warning = found["warning"]
    assert datetime.fromisoformat(warning["warned_at"]) == now
    assert datetime.fromisoformat(warning["ends_at"]) == now + 30 * DAY
    assert [template for template, _ in await told(member)] == ["tier_warned"]


async def test_make_up_tasks_keep_a_tier_and_their_deeds_count_once():
    await in_force()
    member = await a_gold_member()
    # 196 for the money and 8 for an order: 32 are missing.
    await done(paid(member, "o2", 660_000, at=END - 100 * DAY))
    await night(WARNS)
    await night(GRACE)
    warning = (await standing(member))["warning"]
    assert [(task["kind"], task["target"], task["points"]) for task in warning["tasks"]] == [
        ("check_in", 5, 20),
        ("review", 2, 18),
    ]
    for day in (1, 2, 3, 4):
        await done(reviewed(member, f"r{day}", at=GRACE + day * DAY))
    await night(END - DAY)
    found = await standing(member)
    assert found["warning"]["lifted"] is False
    await night(END)
    assert await tier(member.member_id) == ("SILVER", False)


async def in_grace_short_by_16(kind):
    """The one task takes two deeds of that kind, 9 points each."""
    await in_force(tiers={"makeup_actions": [{"kind": kind, "keep_percent": 4}]})
    member = await a_gold_member()
    await done(paid(member, "o2", 720_000, at=END - 100 * DAY))
    await night(WARNS)
    await night(GRACE)
    return member


@pytest.mark.parametrize(
    ("kind", "told_of"),
    [
        ("review", lambda member, number, at: reviewed(member, f"r{number}", at=at)),
        ("share", lambda member, number, at: opened(member, f"l{number}", "lei", at=at)),
    ],
)
async def test_what_was_done_in_time_counts_for_a_task_however_late_it_is_worked_off(kind, told_of):
    member = await in_grace_short_by_16(kind)
    for number in (1, 2):
        await tell(told_of(member, number, END - number * DAY))
    await work(END + timedelta(minutes=5))
    assert await tier(member.member_id) == ("GOLD", False)
    assert (await told(member))[-1][0] == "tier_kept"


async def test_a_link_that_the_member_opens_counts_for_no_task():
    member = await in_grace_short_by_16("share")
    assert member.external_id is not None
    for number in (1, 2):
        await tell(opened(member, f"l{number}", member.external_id, at=END - number * DAY))
    await work(END + timedelta(minutes=5))
    assert await tier(member.member_id) == ("SILVER", False)


@pytest.mark.parametrize(("score", "template"), [(0, "tier_downgraded"), (240, "tier_kept")])
async def test_who_was_warned_is_told_how_it_ended_however_late_the_night(score, template):
    await in_force()
    member = await a_gold_member()
    await night(WARNS)
    await night(GRACE)
    if score:
        await done(paid(member, "o2", 775_000, at=END - DAY))
    await night(END + 10 * DAY)
    assert (await told(member))[-1][0] == template


async def test_a_tier_that_came_back_is_told_however_late_the_night():
    await in_force()
    member = await a_gold_member()
    await night(WARNS)
    await night(GRACE)
    await night(END)
    await tell(paid(member, "o2", 775_000, at=END + DAY))
    await work(END + 10 * DAY)
    assert await tier(member.member_id) == ("GOLD", False)
    assert (await told(member))[-1][0] == "tier_recovered"


@pytest.mark.parametrize("nights", [(END, END + 5 * DAY), ()], ids=["in time", "late"])
async def test_a_period_that_ended_before_an_order_settled_is_judged_before_it(nights):
    await in_force()
    member = await a_gold_member()
    half = NOW + 180 * DAY
    fell = [paid(member, "o2", 990_000, at=half), refunded(member, "o2", "r1", at=half + DAY)]
    await done(*fell)
    await night(WARNS)
    await night(GRACE)
    await done(paid(member, "o3", 2_000_000, at=END - 10 * DAY))
    for as_of in nights:
        await night(as_of)
        await work(as_of)
    await work(END + 7 * DAY)
    assert (await tier_changes(member.member_id))[3:] == [
        ("GOLD", "SILVER", END),
        ("SILVER", "PLATINUM", END + 5 * DAY),
    ]


@pytest.mark.parametrize("nights", [(END, END + 10 * DAY), ()], ids=["in time", "late"])
async def test_a_period_that_ended_before_an_order_fell_silent_was_kept_by_it(nights):
    await in_force(points={"completion": "completed_only", "silence": "cancel"})
    member = await a_gold_member()
    await done(paid(member, "o2", 775_000, at=END - 50 * DAY))
    for as_of in nights:
        await night(as_of)
        await work(as_of)
    await work(END + 12 * DAY)
    assert (await purchase(member.member_id, "o2")).base_left_minor == 0
    found = await standing(member)
    assert (found["period_opened_at"], found["warning"]) == (END.isoformat(), None)


@pytest.mark.race
async def test_an_order_that_comes_in_while_the_night_judges_keeps_the_tier_either_way():
    await in_force()
    member = await a_gold_member()
    await night(WARNS)
    await night(GRACE)
    await tell(paid(member, "o2", 775_000, at=END - DAY))
    await asyncio.gather(*(night(END) for _ in range(3)), *(work(END) for _ in range(3)))
    await work(END)
    assert await tier(member.member_id) == ("GOLD", False)
    assert (await standing(member))["recovery"] is None


async def test_members_are_reviewed_in_the_order_of_their_ids():
    await in_force()
    members = sorted([(await a_gold_member(f"o{n}")).member_id for n in range(3)])
    assert await review_due(as_of=WARNS, after=None, limit=2) == members[1]
    assert await review_due(as_of=WARNS, after=members[1], limit=2) is None
    assert await review_due(as_of=WARNS, after=UUID(int=0), limit=2) is None


async def test_where_one_member_can_t_be_reviewed_the_others_are():
    await in_force()
    members = [await a_gold_member(f"o{n}") for n in range(3)]
    await lose_what_a_warning_needs(members[1])
    await night(WARNS)
    assert [bool((await standing(member))["warning"]) for member in members] == [True, False, True]


@transactional
async def lose_what_a_warning_needs(tx, member):
    await tx.execute(
        "UPDATE standing SET earned_tier = 'COPPER' WHERE member_id = $1", member.member_id
    )
