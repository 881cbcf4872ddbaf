"""What is done by the clock, and when?

Cron expressions are read in the programme's time zone. Each entry does all that is due by its
`as_of`, so of the periods missed in a standstill the newest is enough; missed nights are made up
for one by one, as each tells members what was so on its day.
"""

from datetime import datetime, timedelta

import structlog

from domain.batches import operations as batches
from domain.challenges import operations as challenges
from domain.checkins import operations as checkins
from domain.coupons import operations as coupons
from domain.intake import operations as intake
from domain.ledger import operations as ledger
from domain.lottery import operations as lotteries
from domain.meetups import operations as meetups
from domain.referrals import operations as referrals
from domain.tasks import operations as tasks
from domain.webhooks import operations as webhooks
from workers.night import by_member, night, settle
from workers.schedule import DAY_START, Batch, Entry, prune

NIGHTS_MAX = 40
ROWS_MAX = 1_000
COUPONS_MAX = 500
REFERRALS_MAX = 200
SIGN_UPS_MAX = 500
BREACHES_LOGGED_MAX = 20

_log = structlog.get_logger(component="schedule")


async def release_lapsed_holds(as_of: datetime, _cursor: str | None) -> Batch:
    return _until_fewer(await ledger.release_lapsed_holds(as_of=as_of, limit=ROWS_MAX))


async def unpark(as_of: datetime, _cursor: str | None) -> Batch:
    """Events that waited too long for the one that they need are set aside."""
    return _until_fewer(await intake.end_parked(as_of=as_of, limit=ROWS_MAX))


async def expire_coupons(as_of: datetime, _cursor: str | None) -> Batch:
    """Coupons that nobody used in time; reads show it from the instant on."""
    done = await coupons.expire(as_of=as_of, limit=COUPONS_MAX)
    return Batch(done, "more" if done >= COUPONS_MAX else None)


async def close_challenges(as_of: datetime, _cursor: str | None) -> Batch:
    return Batch(await challenges.close_due(as_of=as_of))


async def turn_lotteries(as_of: datetime, _cursor: str | None) -> Batch:
    """Rounds whose time is over are closed and told, and others opened."""
    return Batch(await lotteries.turn(as_of=as_of))


async def fill_meetups(as_of: datetime, _cursor: str | None) -> Batch:
    """Free seats go to those who stand in line; who signed up for what was called off is told."""
    done = await meetups.call_off_all(as_of=as_of, limit=SIGN_UPS_MAX)
    if done >= SIGN_UPS_MAX:
        return Batch(done, "more")
    return Batch(done + await meetups.fill_all(as_of=as_of))


async def tell_boards(as_of: datetime, _cursor: str | None) -> Batch:
    """What a process that died kept from the boards of challenges is told again."""
    return Batch(await challenges.tell_boards(as_of=as_of))


async def backfill_tasks(as_of: datetime, _cursor: str | None) -> Batch:
    """What members did before a version brought its tasks counts for them."""
    return _until_fewer(await tasks.backfill(as_of=as_of, limit=ROWS_MAX))


async def lapse_referrals(as_of: datetime, _cursor: str | None) -> Batch:
    return _until_fewer(await referrals.lapse(as_of=as_of, limit=ROWS_MAX))


async def look_at_referrals(as_of: datetime, cursor: str | None) -> Batch:
    """What was bound lately, with the rings and chains around it, is sent to review."""
    looked = await referrals.look(as_of=as_of, cursor=cursor, limit=REFERRALS_MAX)
    return Batch(looked.bindings, looked.cursor)


async def forget_fingerprints(as_of: datetime, _cursor: str | None) -> Batch:
    """Hashes of what members left behind long ago."""
    return _until_fewer(await referrals.forget(as_of=as_of, limit=ROWS_MAX))


async def prune_webhooks(as_of: datetime, _cursor: str | None) -> Batch:
    """Events that were told long ago are forgotten, with their deliveries."""
    return _until_fewer(await webhooks.prune(as_of=as_of, limit=ROWS_MAX))


async def prune_batches(as_of: datetime, _cursor: str | None) -> Batch:
    """Rows of long work that was done a week ago are forgotten."""
    return _until_fewer(await batches.prune(as_of=as_of, limit=ROWS_MAX))


async def audit(as_of: datetime, _cursor: str | None) -> Batch:
    """Counts breaches: the run's progress is above nothing only where the books are wrong."""
    findings = await ledger.audit(now=as_of)
    for breach in findings.breaches[:BREACHES_LOGGED_MAX]:
        _log.error("the audit found a breach", breach=str(breach))
    return Batch(findings.count)


def _until_fewer(done: int) -> Batch:
    return Batch(done, "more" if done == ROWS_MAX else None)


ENTRIES = (
    Entry("night", DAY_START, night, catch_up_max=NIGHTS_MAX),
    Entry("ledger.settle", "*/5 * * * *", settle),
    Entry("ledger.release_lapsed_holds", "* * * * *", release_lapsed_holds),
    Entry("coupons.expire", "*/5 * * * *", expire_coupons),
    Entry("challenges.close", "* * * * *", close_challenges),
    Entry("lotteries.turn", "* * * * *", turn_lotteries),
    Entry("meetups.fill", "*/5 * * * *", fill_meetups),
    Entry("challenges.tell_boards", "*/5 * * * *", tell_boards),
    Entry("checkins.remind", "*/15 * * * *", by_member(checkins.remind)),
    Entry("tasks.backfill", "* * * * *", backfill_tasks),
    Entry("intake.unpark", "10 3 * * *", unpark),
    Entry("referrals.lapse", "20 3 * * *", lapse_referrals),
    Entry("referrals.look", "25 3 * * *", look_at_referrals),
    Entry("referrals.forget", "28 3 * * *", forget_fingerprints),
    Entry("jobs.prune", "40 3 * * *", prune),
    Entry("webhooks.prune", "45 3 * * *", prune_webhooks),
    Entry("batches.prune", "47 3 * * *", prune_batches),
    Entry("audit", "50 * * * *", audit, batch_time_max=timedelta(minutes=50)),
)
