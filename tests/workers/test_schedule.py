"""Is every period's work done once, by one process, also after a standstill?"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader
from db.leadership import Leadership
from db.queries import schedule as queries
from kit import clock
from tests.workers.acts import NOW, a_job, add
from workers.schedule import Batch, Day, Entry, Schedule, UnknownEntry, missed_periods, prune

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=2)
SHANGHAI = Day("Asia/Shanghai")


@pytest.fixture(autouse=True)
def moment():
    with clock.frozen(NOW) as frozen:
        yield frozen


class Work:
    """A step in three batches that remembers what it was asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, str | None]] = []
        self.failing_at: str | None = "never"

    async def step(self, as_of: datetime, cursor: str | None) -> Batch:
        self.asked.append((as_of, cursor))
        if cursor == self.failing_at:
            raise ValueError("no")
        return Batch(10, {None: "a", "a": "b", "b": None}[cursor])

    @property
    def periods(self) -> list[datetime]:
        return [as_of for as_of, cursor in self.asked if cursor is None]


async def day() -> Day:
    return SHANGHAI


def hourly(work: Work, **facts) -> Schedule:
    return Schedule([Entry("work", "0 * * * *", work.step, **facts)], day)


async def turned(schedule: Schedule, times: int = 1) -> None:
    for _ in range(times):
        await schedule.tick(clock.now())
        await schedule.settle()


async def state(period: datetime) -> dict:
    async with reader() as tx:
        return dict(await queries.state(tx, "work", period) or {})


async def test_a_period_is_run_once_in_batches_from_cursor_to_cursor():
    work = Work()
    await turned(hourly(work), 3)
    assert work.asked == [(NOW, None), (NOW, "a"), (NOW, "b")]
    found = await state(NOW)
    assert (found["state"], found["progress"], found["done_at"]) == ("done", 30, NOW)


async def test_the_next_period_is_run_when_it_has_come(moment):
    work = Work()
    schedule = hourly(work)
    for _ in range(9):
        await turned(schedule)
        moment.advance(HOUR / 4)
    assert work.periods == [NOW, NOW + HOUR, NOW + 2 * HOUR]


async def test_after_a_standstill_missed_periods_are_made_up_for_in_order(moment):
    work = Work()
    schedule = hourly(work, catch_up_max=100)
    await turned(schedule)
    moment.advance(timedelta(days=3))
    await turned(schedule, 80)
    assert work.periods == [NOW + hours * HOUR for hours in range(73)]


@pytest.mark.parametrize("catch_up_max", [1, 100])
async def test_a_clock_that_steps_an_hour_back_and_forth_makes_each_run_once(moment, catch_up_max):
    work = Work()
    schedule = hourly(work, catch_up_max=catch_up_max)
    for step in (HOUR, -HOUR, HOUR, HOUR, -HOUR, -HOUR, 3 * HOUR):
        await turned(schedule, 2)
        moment.advance(step)
    await turned(schedule, 4)
    assert len(work.periods) == len(set(work.periods))
    assert work.periods[:3] == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert work.periods[-1] == NOW + 3 * HOUR


async def test_of_more_than_may_be_made_up_for_the_newest_are_run(moment):
    work = Work()
    schedule = hourly(work, catch_up_max=2)
    await turned(schedule)
    moment.advance(timedelta(days=3))
    await turned(schedule, 5)
    assert work.periods == [NOW, NOW + 71 * HOUR, NOW + 72 * HOUR]


async def test_a_run_goes_on_from_its_cursor_when_its_process_has_died(moment):
    work = Work()
    await turned(hourly(work))
    work.asked.clear()
    moment.advance(HOUR)
    died = await _died_after_the_first_batch()
    assert died.cursor is None
    schedule = hourly(work)
    await turned(schedule)
    assert work.asked == []
    moment.advance(LEASE)
    await turned(schedule)
    assert work.asked == [(NOW + HOUR, "a"), (NOW + HOUR, "b")]
    assert (await state(NOW + HOUR))["progress"] == 30


async def _died_after_the_first_batch() -> queries.Run:
    await queries.add("work", [clock.now()], now=clock.now())
    run = await queries.claim("work", clock.now(), now=clock.now(), lease=LEASE)
    assert run is not None
    await queries.advance(run, "a", done=10, now=clock.now(), lease=LEASE)
    return run


async def test_a_stale_process_can_not_move_the_cursor(moment):
    stale = await _died_after_the_first_batch()
    moment.advance(LEASE)
    fresh = await queries.claim("work", NOW, now=clock.now(), lease=LEASE)
    assert fresh is not None
    with pytest.raises(queries.LeaseLost):
        await queries.finish(stale, done=1, now=clock.now())
    await queries.finish(fresh, done=1, now=clock.now())
    assert (await state(NOW))["progress"] == 11


async def test_a_run_that_fails_is_tried_again_and_holds_up_later_periods_until_set_aside(moment):
    work = Work()
    work.failing_at = "a"
    schedule = hourly(work, catch_up_max=10)
    await turned(schedule)
    found = await state(NOW)
    assert (found["state"], found["last_error"], found["cursor"]) == (
        "ready",
        "ValueError",
        "a",
    )
    moment.advance(HOUR)
    await turned(schedule)
    assert work.periods == [NOW]
    for _ in range(5):
        await turned(schedule)
        moment.advance(timedelta(minutes=1))
    assert (await state(NOW))["state"] == "dead"
    work.failing_at = "never"
    await turned(schedule)
    assert (await state(NOW + HOUR))["state"] == "done"


async def test_of_two_leaders_one_acts_and_the_other_takes_over(database):
    first, second = Leadership(database, 42), Leadership(database, 42)
    assert [await first.holds(), await second.holds(), await first.holds()] == [True, False, True]
    await first.close()
    assert await second.holds()
    second.drop()
    assert await first.holds()
    await first.close()
    await second.close()


async def test_two_processes_run_each_period_once(database):
    work, stop = Work(), asyncio.Event()
    beats: asyncio.Queue[int] = asyncio.Queue()
    runs = [
        asyncio.create_task(
            hourly(work).run(stop, Leadership(database, 42), lambda: beats.put_nowait(1))
        )
        for _ in range(2)
    ]
    async with asyncio.timeout(20):
        for _ in range(2):
            await beats.get()
        while (await state(NOW)).get("state") != "done":
            await asyncio.wait({asyncio.create_task(beats.get())}, timeout=0.05)
        stop.set()
        await asyncio.gather(*runs)
    assert work.periods == [NOW]


async def test_a_run_by_hand_is_made_once_and_does_not_stop_the_clock(moment):
    work = Work()
    schedule = hourly(work)
    far = NOW + timedelta(days=400)
    report = await schedule.run_now("work", far)
    again = await schedule.run_now("work", far)
    assert (report.state, report.progress, report.last_period) == ("done", 30, far)
    assert again == report
    await turned(schedule)
    moment.advance(HOUR)
    await turned(schedule)
    assert work.periods == [far, NOW, NOW + HOUR]


async def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UnknownEntry, match="nothing: not one of work"):
        await hourly(Work()).run_now("nothing", NOW)


async def test_operators_see_how_each_entry_does(moment):
    work = Work()
    schedule = hourly(work)
    (before,) = await schedule.reports()
    assert (before.state, before.last_period, before.lag) == (None, None, timedelta())
    work.failing_at = None
    await turned(schedule)
    moment.advance(HOUR / 2)
    (after,) = await schedule.reports()
    assert (after.state, after.last_period, after.last_error) == ("ready", NOW, "ValueError")
    assert (after.lag, after.next_period) == (HOUR / 2, NOW + HOUR)


def test_periods_are_read_in_the_programmes_zone():
    entry = Entry("daily", "10 3 * * *", Work().step, catch_up_max=5)
    found = missed_periods(entry, NOW - timedelta(days=2), now=NOW, day=SHANGHAI)
    assert found == [datetime(2026, 3, 1, 19, 10, tzinfo=UTC) - days * timedelta(days=1)
                     for days in (1, 0)]  # fmt: skip


def test_a_day_without_the_hour_still_has_its_period_and_one_with_it_twice_has_one():
    entry = Entry("daily", "30 2 * * *", Work().step, catch_up_max=400)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = missed_periods(entry, start, now=start + timedelta(days=365), day=Day("Europe/Berlin"))
    assert len(found) == 365


async def test_pruning_forgets_runs_done_three_months_ago_but_the_newest(moment):
    work = Work()
    schedule = hourly(work)
    await turned(schedule)
    moment.advance(HOUR)
    await turned(schedule)
    await add(a_job())
    assert await prune(NOW + timedelta(days=91), None) == Batch(1)
    assert await state(NOW) == {}
    assert (await state(NOW + HOUR))["state"] == "done"
