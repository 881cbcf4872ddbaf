"""Does everything that the clock starts run, also twice, on an empty and on a lived-in database?"""

import pytest

from app.relay import schedule
from app.worker import HANDLERS
from kit import clock
from tests.support import world
from tests.workers.acts import NOW
from workers.entries import ENTRIES

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES])
async def test_an_entry_is_done_once_for_an_instant_and_finds_nothing_wrong(name):
    with clock.frozen(NOW):
        await world.published()
        await world.a_member()
        report = await schedule().run_now(name, NOW)
        assert (report.state, report.last_error) == ("done", None)
        assert await schedule().run_now(name, NOW) == report


async def test_cron_expressions_are_read_in_the_programmes_zone():
    with clock.frozen(NOW):
        await world.published()
        reports = {report.name: report for report in await schedule().reports()}
    assert reports["jobs.prune"].next_period.isoformat() == "2026-03-02T19:40:00+00:00"


def test_every_kind_of_job_has_one_actor():
    kinds = [handler.kind for handler in HANDLERS]
    assert sorted(kinds) == sorted(set(kinds))
    assert {"intake", "tiers.assess"} <= set(kinds)


def test_what_waits_for_other_peoples_servers_holds_up_no_members_job():
    outside = {handler.kind for handler in HANDLERS if handler.calls_out}
    assert outside == {"notifications.send", "webhooks.send"}
