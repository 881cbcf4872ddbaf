"""Is the night done in its order, and is a late one as good as one in time?"""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from app.relay import schedule
from db.connection import reader, transactional
from domain.gifts.operations import give_birthdays
from kit import clock
from tests.support import world
from tests.support.programmes import in_force
from tests.support.shop import completed, done, paid, tell, tier
from tests.support.value import give, kinds, wallet
from tests.support.working import claim_due, jobs_of
from tests.support.world import NOW, a_member
from workers import night
from workers.schedule import DAY_START, Batch, Day, Entry, missed_periods

DAY = timedelta(days=1)
WINDOW = 15 * DAY
# The first midnight in Shanghai after NOW.
MIDNIGHT = datetime(2026, 3, 2, 16, tzinfo=UTC)

with_database = pytest.mark.usefixtures("database")


async def make(as_of, *, now=None):
    """The night of that midnight, by hand, in time or late; how it ended."""
    with clock.frozen(now or as_of):
        report = await schedule().run_now("night", as_of)
    return report.state, report.last_error


async def test_a_night_goes_through_its_phases_one_batch_at_a_time(monkeypatch):
    asked = []

    def phase(name, cursors):
        async def step(_as_of, cursor):
            asked.append((name, cursor))
            return Batch(1, cursors[cursor])

        return night.Phase(name, step)

    phases = (phase("first", {None: "a/b", "a/b": None}), phase("second", {None: None}))
    monkeypatch.setattr(night, "PHASES", phases)
    cursor, seen = None, []
    while (cursor := (await night.night(NOW, cursor)).cursor) is not None:
        seen.append((cursor, night.phase_of(cursor)))
    assert asked == [("first", None), ("first", "a/b"), ("second", None)]
    assert seen == [("first/a/b", "first"), ("second/", "second")]


def test_only_a_night_stands_in_a_phase():
    assert [night.phase_of(cursor) for cursor in (None, "more", "expire/x")] == ["", "", "expire"]


def test_a_night_begins_where_the_programmes_day_does():
    entry = Entry("night", DAY_START, night.night, catch_up_max=3)
    late = Day("Asia/Shanghai", 4)
    assert missed_periods(entry, NOW - 2 * DAY, now=NOW, day=late) == [
        datetime(2026, 2, 28, 20, tzinfo=UTC),
        datetime(2026, 3, 1, 20, tzinfo=UTC),
    ]


def test_a_day_without_its_midnight_has_a_night_when_it_begins():
    entry = Entry("night", DAY_START, night.night, catch_up_max=400)
    begun = datetime(2026, 9, 5, 12, tzinfo=UTC)
    found = missed_periods(entry, begun, now=begun + DAY, day=Day("America/Santiago"))
    assert found == [datetime(2026, 9, 6, 4, tzinfo=UTC)]


@with_database
async def test_a_night_posts_what_is_due_and_confirms_tiers_without_a_worker():
    await in_force()
    member = await a_member()
    bought_at = MIDNIGHT - WINDOW - timedelta(hours=1)
    await done(paid(member, "o1", 320_000, at=bought_at), now=bought_at)
    await give(member.member_id, 50, now=bought_at, expires_at=MIDNIGHT - timedelta(hours=2))
    assert await make(MIDNIGHT) == ("done", None)
    assert await kinds(member.member_id) == [
        ("earn", 3200), ("earn", 50), ("expire", 50), ("activate", 3200),
    ]  # fmt: skip
    assert await tier(member.member_id) == ("SILVER", False)
    assert ("tiers.assess", "ready") not in await jobs_of(member.member_id)


@with_database
async def test_what_the_shop_told_before_midnight_counts_though_no_worker_was_there():
    await in_force()
    member = await a_member()
    await tell(paid(member, "o1", 320_000, at=MIDNIGHT - timedelta(minutes=1)))
    await tell(paid(member, "o2", 100, at=MIDNIGHT + timedelta(minutes=1)))
    assert await make(MIDNIGHT) == ("done", None)
    assert await tier(member.member_id) == ("SILVER", True)


@with_database
async def test_a_night_waits_for_the_job_that_a_worker_is_at():
    await in_force()
    member = await a_member()
    at = MIDNIGHT - timedelta(minutes=1)
    await tell(paid(member, "o1", 320_000, at=at))
    (claim,) = await claim_due(MIDNIGHT, "intake")
    making = asyncio.create_task(make(MIDNIGHT))
    await _stands_in("inbox", making)
    await night.intake.process.run([claim], now=MIDNIGHT)
    assert await making == ("done", None)
    assert await tier(member.member_id) == ("SILVER", True)


async def _stands_in(phase, making):
    async with asyncio.timeout(10):
        while not making.done():
            async with reader() as tx:
                cursor = await tx.fetchval("SELECT cursor FROM schedule_run WHERE name = 'night'")
            if night.phase_of(cursor) == phase:
                return
            await asyncio.wait({making}, timeout=0.01)
    raise AssertionError("the night is over")


@with_database
async def test_a_night_made_again_changes_nothing():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), now=NOW)
    assert await make(NOW + 20 * DAY) == ("done", None)
    before = await world.rows()
    assert await make(NOW + 20 * DAY + timedelta(seconds=1)) == ("done", None)
    assert await make(NOW + 20 * DAY) == ("done", None)
    after = await world.rows()
    assert {name for name in before if before[name] != after[name]} == {"schedule_run"}


@with_database
async def test_a_tier_confirmed_late_is_confirmed_as_of_when_it_was_certain():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), now=NOW)
    assert await make(NOW + 40 * DAY) == ("done", None)
    async with reader() as tx:
        changed_at = await tx.fetchval("SELECT changed_at FROM standing")
    assert (await tier(member.member_id), changed_at) == (("SILVER", False), NOW + WINDOW)


@with_database
async def test_points_decay_at_the_years_end_also_in_a_wallet_that_nobody_opened_since():
    await in_force()
    member = await a_member()
    await give(member.member_id, 100)
    decay = {"expiry": {"kind": "annual_decay", "percent": 10}}
    await in_force(points=decay, since=NOW + DAY, now=NOW + timedelta(hours=1))
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert await make(new_year - DAY) == ("done", None)
    assert (await wallet(member.member_id)).decays_at == new_year
    assert await make(new_year) == ("done", None)
    assert (await wallet(member.member_id)).available == 90


@with_database
async def test_where_one_member_fails_the_others_go_on():
    await in_force()
    members = [await a_member() for _ in range(3)]
    for member in members:
        await give(member.member_id, 100, activates_at=NOW + timedelta(hours=1))
    await _break(members[1].member_id)
    assert await make(MIDNIGHT) == ("done", None)
    found = [(await wallet(member.member_id)).available for member in members]
    assert found == [100, 0, 100]


@with_database
async def test_where_one_birthday_fails_the_others_are_given():
    await in_force(gifts={"birthday": {"points": 88}})
    members = sorted(
        [await a_member(birthday=date(1990, 5, 20)) for _ in range(3)],
        key=lambda member: member.member_id,
    )
    await _fill(members[1].member_id)
    await give_birthdays(as_of=datetime(2026, 5, 19, 16, tzinfo=UTC))
    found = [(await wallet(member.member_id)).available for member in members]
    assert found == [88, 0, 88]


@transactional
async def _break(tx, member_id):
    """Whatever moves this wallet breaks a constraint."""
    await tx.execute("UPDATE wallet SET pending = 0 WHERE member_id = $1", member_id)


@transactional
async def _fill(tx, member_id):
    """Whatever is added to this wallet can't be counted any more."""
    await tx.execute(
        "UPDATE wallet SET lifetime_earned = 9223372036854775807 WHERE member_id = $1", member_id
    )


async def _lived():
    """What a member of SILVER who does nothing more was told and came to."""
    async with reader() as tx:
        return await tx.fetchjson(
            "SELECT json_build_object('standing', (SELECT json_build_array(s.tier_code,"
            " s.period_opened_at, s.period_ends_at, s.recovery, s.retention_at) FROM standing s),"
            " 'told', (SELECT json_agg(n.template || ' ' || n.cause ORDER BY n.id)"
            " FROM notification n WHERE n.template LIKE 'tier_%'),"
            " 'changes', (SELECT json_agg(json_build_array(c.from_tier, c.to_tier, c.occurred_at)"
            " ORDER BY c.id) FROM tier_change c))"
        )


@with_database
@pytest.mark.parametrize(("times", "late_days"), [(1, 0), (2, 0), (4, 0), (1, 2), (4, 2)])
async def test_nights_that_run_twice_in_parallel_or_late_judge_alike(times, late_days):
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), completed(member, "o1", at=NOW + DAY))
    ends_at = datetime(2027, 3, 2, 16, tzinfo=UTC)
    for days in (-30, -15):
        await make(ends_at + days * DAY)
    with clock.frozen(ends_at + late_days * DAY):
        await asyncio.gather(*(schedule().run_now("night", ends_at) for _ in range(times)))
        await schedule().run_now("night", ends_at)
    lived = await _lived()
    by = "2027-04-01T16:00:00+00:00"
    tier_code, *period, recovery, _ = lived["standing"]
    assert (tier_code, period, recovery["by"]) == ("NORMAL", [None, None], by)
    assert [told.split()[0] for told in lived["told"]] == [
        "tier_upgraded", "tier_warned", "tier_grace", "tier_downgraded",
    ]  # fmt: skip
    assert lived["changes"][1:] == [["SILVER", "NORMAL", ends_at.isoformat()]]


@with_database
async def test_a_warning_that_comes_weeks_late_leaves_the_member_their_time():
    await in_force()
    member = await a_member()
    await done(paid(member, "o1", 320_000), completed(member, "o1", at=NOW + DAY))
    ends_at = datetime(2027, 3, 2, 16, tzinfo=UTC)
    for days in (-30, 0):
        await make(ends_at + days * DAY, now=ends_at + DAY)
    async with reader() as tx:
        warning = await tx.fetchjson("SELECT warning FROM standing")
    assert await tier(member.member_id) == ("SILVER", False)
    told = datetime.fromisoformat(warning["warned_at"])
    assert (told, warning["moved"]) == (ends_at + DAY, True)
    assert datetime.fromisoformat(warning["ends_at"]) == ends_at + 31 * DAY
