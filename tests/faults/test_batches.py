"""Is long work done once where its workers are killed in the middle of it, again and again?"""

import pytest

from domain.batches import views
from kit import clock
from tests.domain.batches.kinds import begin
from tests.support.faults import count_of, rows_of, until

pytestmark = pytest.mark.fault
TOTAL = 400
KILLS = 4
# A worker as the command starts it, with a lease that a test can wait for and slow steps.
SLOW = """
from datetime import timedelta
from domain.batches import rules
from workers import batches
from tests.domain.batches.kinds import COUNTING, count_some
rules.LEASE = timedelta(seconds=2)

async def slowly(tx, batch, cursor, limit, *, now):
    progress = await count_some(tx, batch, cursor, limit, now=now)
    await tx.execute("SELECT pg_sleep(0.05)")
    return progress

import app.worker
app.worker.run_worker.__defaults__ = (
    app.worker.HANDLERS, (batches.Kind("count", slowly, limit=8),)
)
from app.cli import main
main()
"""


async def test_whoever_is_killed_whenever_each_thing_is_done_once(fleet, measured):
    batch = (await begin(TOTAL, now=clock.now())).batch
    for name in ("one", "other"):
        fleet.start(name, "-c", SLOW, "worker")
    for kill in range(1, KILLS + 1):

        async def gone_on(least: int = kill * TOTAL // (KILLS + 2)) -> bool:
            return await count_of("SELECT done FROM batch WHERE id = $1", batch.id) >= least

        await until(gone_on, 60, what="the batch goes on")
        name = ("one", "other")[kill % 2]
        fleet.kill(name)
        fleet.restart(name)

    async def done() -> bool:
        return (await views.batch(batch.id)).state == "DONE"

    measured["done after s"] = await until(done, 60, what="the batch is done")
    found = await views.batch(batch.id)
    assert (found.done, found.refused) == (TOTAL, 0)
    counted = await rows_of("SELECT reward_code, sold FROM reward_stock")
    assert {row["reward_code"]: row["sold"] for row in counted} == {
        str(number): 1 for number in range(TOTAL)
    }
