"""Does a standstill of three nights, with deaths while they are made up for, change any result?

The same shop lives through the same days twice: night by night, each in time, and with nobody there
for three days, then two leaders at once of which one dies, as do the next one and a worker.
"""

import re
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

import pytest

from app.relay import schedule
from db.connection import close_pool, open_pool
from dev.postgres import psql
from domain.intake.model import Fact
from domain.intake.operations import record
from domain.ledger.operations import settle_members
from kit import clock
from kit.calendar import add_months, day_of, day_start
from tests.faults.state import require_nothing_set_aside, require_sound_books
from tests.support.faults import count_of, rows_of, settled, until, value_of
from tests.support.services import with_path
from tests.support.shop import completed, done, paid
from tests.support.value import give
from tests.support.working import work
from tests.support.world import a_member, programme

pytestmark = pytest.mark.fault
MEMBERS = 240
LOYAL = 24
NIGHTS = 3
RETENTION_DAYS = 33
DAY = timedelta(days=1)
WINDOW = 15 * DAY
LEASE_SECONDS = 3
DONE_SECONDS_MAX = 50
# A process as the command starts it, with leases that a test can wait for and small batches.
HASTY = f"""
from datetime import timedelta
from db import jobs
from workers import night, schedule
jobs.LEASE = timedelta(seconds={LEASE_SECONDS})
schedule.Entry.lease = property(lambda entry: jobs.LEASE)
night.MEMBERS_MAX = night.JOBS_MAX = 5
from app.cli import main
main()
"""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# What says when or as which one a row was written, and what is made of it.
_INCIDENTAL = ("recorded_at", "created_at", "hash", "head", "attempts", "token")
_APART = {"schedule_run", "job", "tortoise_migrations"}
_PROGRESS = (
    "SELECT coalesce(sum(progress), 0)::int FROM schedule_run WHERE name = 'night' AND period > $1"
)
_LEADS = "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND granted"


async def test_three_missed_nights_end_like_three_in_time_whoever_dies_meanwhile(
    shop, fleet, measured
):
    nights = last_nights(clock.now(), NIGHTS + 1)
    before, missed = nights[0], nights[1:]
    await live_until(before)
    known = frozenset(_UUID.findall(str(await everything())))
    async with copied(shop.postgres.url, "calm") as calm:
        measured["made up for after s"] = await stumble(fleet, before)
        await require_sound_books(clock.now())
        now = clock.now()
        await settle(now)
        stumbled = await everything(known)
        made = await nights_after(before)
        assert list(made)[:NIGHTS] == missed
        await reopen(calm)
        for night in made:
            await in_time(night)
        await work(now)
        await settle(now)
        await require_sound_books(now)
        assert await outcomes() == Counter(kept=LOYAL // 2, downgraded=LOYAL // 2)
        assert stumbled == await everything(known)


def last_nights(now: datetime, number: int) -> list[datetime]:
    """The midnights of the programme before `now`, oldest first."""
    zone = programme().zone
    today = day_of(now, zone)
    return [day_start(today - days * DAY, zone) for days in range(number)][::-1]


async def live_until(before: datetime) -> None:
    """Members for whom something is due between the night `before` and the last one.

    Each of the nights in which their tiers were warned of and came into grace was in time.
    """
    await loyal_members(before)
    facts = await customers_of_late(before)
    told_at = before - WINDOW + NIGHTS * DAY
    for night in last_nights(before, RETENTION_DAYS):
        if night - DAY < told_at <= night:
            await record(facts, now=told_at)
        await in_time(night)


async def customers_of_late(before: datetime) -> list[Fact]:
    """Their orders settle and their points expire one after the other."""
    begun, each = before - WINDOW, NIGHTS * DAY / MEMBERS
    facts: list[Fact] = []
    for number in range(MEMBERS):
        member = await a_member(external_id=f"customer-{number}", now=begun - DAY)
        amount = 320_000 if number % 3 == 0 else 1_500 + number
        facts.append(paid(member, f"o{number}", amount, at=begun + number * each))
        if number % 2:
            expires_at = before + (MEMBERS - number) * each
            await give(member.member_id, 70, now=begun - DAY, expires_at=expires_at)
    return facts


async def loyal_members(before: datetime) -> None:
    """Their tiers' periods end in one of the missed nights; every second one has done enough."""
    zone = programme().zone
    for number in range(LOYAL):
        last_day = day_of(before, zone) + (number % NIGHTS) * DAY
        first_at = day_start(add_months(last_day, -12), zone) + DAY / 2
        member = await a_member(external_id=f"loyal-{number}", now=first_at - DAY)
        for order in range(1 + number // NIGHTS % 2):
            at = first_at + order * WINDOW
            bought = paid(member, f"l{number}-{order}", 320_000, at=at)
            await done(bought, completed(member, f"l{number}-{order}", at=at + DAY))


async def in_time(night: datetime) -> None:
    """The night and the day before it, done when they were due."""
    with clock.frozen(night):
        await work(night)
        report = await schedule().run_now("night", night)
        assert (report.state, report.last_error) == ("done", None)
        await work(night)


async def stumble(fleet, before: datetime) -> float:
    """Two leaders at once; both die in the middle of a night, and so does the worker."""

    async def has_done(batches: int) -> bool:
        return await count_of(_PROGRESS, before) >= batches

    begun = time.monotonic()
    fleet.start("worker", "-c", HASTY, "worker")
    fleet.start("first", "-c", HASTY, "relay")
    await until(lambda: value_of(_LEADS), DONE_SECONDS_MAX, what="the first relay leads")
    fleet.start("second", "-c", HASTY, "relay")
    for batches, name in zip(count(8, 8), ("worker", "first", "worker", "second"), strict=False):
        await until(lambda b=batches: has_done(b), DONE_SECONDS_MAX, what=f"{batches} batches")
        fleet.kill(name)
        fleet.restart(name)

    async def all_done() -> bool:
        states = list((await nights_after(before)).values())
        return states.count("done") == len(states) >= NIGHTS and await settled()

    await until(all_done, DONE_SECONDS_MAX, what="all nights are made up for")
    seconds = time.monotonic() - begun
    fleet.tell_to_end("worker", "first", "second")
    fleet.wait("worker", "first", "second", seconds_max=20)
    await require_nothing_set_aside()
    return seconds


async def nights_after(before: datetime) -> dict[datetime, str]:
    """The states of the nights after that one, the earliest first."""
    found = await rows_of(
        "SELECT period, state FROM schedule_run WHERE name = 'night' AND period > $1 ORDER BY 1",
        before,
    )
    return {row["period"]: row["state"] for row in found}


async def outcomes() -> Counter[str]:
    """What became of the loyal members' tiers in the missed nights."""
    steps = await rows_of("SELECT outcome->>'step' AS step FROM decision WHERE kind = 'retention'")
    return Counter(row["step"] for row in steps if row["step"] in {"kept", "downgraded"})


async def settle(now: datetime) -> None:
    after = None
    while (after := await settle_members(as_of=now, after=after)) is not None:
        continue


async def everything(known: frozenset[str] = frozenset()) -> dict[str, Counter[str]]:
    """All rows of all tables by their content; of jobs only those that are still to be done.

    When a message was delivered is left out: it is, however late.

    An id that isn't one of `known` was made meanwhile and may be any.
    """
    tables = await rows_of("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = {row["tablename"] for row in tables} - _APART
    queries = {name: f"SELECT to_jsonb(t) AS row FROM {name} t" for name in names}  # noqa: S608
    queries["delivery"] = "SELECT to_jsonb(t) - 'sent_at' - 'changed_at' AS row FROM delivery t"
    queries["job"] = (
        "SELECT jsonb_build_object('member_id', member_id, 'kind', kind, 'key', key, 'at', run_at)"
        " AS row FROM job WHERE state <> 'done'"
    )
    return {name: await _contents(query, known) for name, query in queries.items()}


async def _contents(query: str, known: frozenset[str]) -> Counter[str]:
    found = await rows_of(f"SELECT (row - $1::text[])::text AS text FROM ({query}) q", _INCIDENTAL)  # noqa: S608

    def named(match: re.Match[str]) -> str:
        return match[0] if not known or match[0] in known else "*"

    return Counter(_UUID.sub(named, row["text"]) for row in found)


@asynccontextmanager
async def copied(url: str, name: str):
    """A second database like this one; the pool is for this one again."""
    await close_pool()
    source = urlsplit(url).path.lstrip("/")
    psql(with_path(url, "template1"), f"CREATE DATABASE {name} TEMPLATE {source}")
    await open_pool(url)
    yield with_path(url, name)


async def reopen(url: str) -> None:
    await close_pool()
    await open_pool(url)
