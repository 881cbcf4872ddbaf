"""How does a reached target pay, and how does a lost one take back? Once each, whatever is retried.

The row says what is due; a decision whose key counts the times makes a second one impossible.
"""

from datetime import datetime

from db import jobs
from db.connection import Tx, transactional
from db.jobs import Claim
from domain.ledger.steps import open_desk, post
from domain.programme.views import versions
from domain.tasks import steps


@transactional
async def complete(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "tasks.complete" jobs: the row's reward is given, taken back or set to wait.

    Nothing where the row says that all is as it should be.
    """
    published = await versions(tx)
    desk = await open_desk(tx, claim.member_id, now)
    row = await steps.row_of(tx, claim.member_id, claim.payload["task"], claim.payload["period"])
    assert row is not None, "the job was written with it"
    match row.state:
        case "COMPLETED":
            await steps.reward(tx, desk, row, published, at=row.completed_at)
        case "FALLEN":
            await steps.take_back(tx, desk, row, published)
        case "REWARDED":
            await steps.let_wait(tx, desk, row, published)
        case _:
            pass
    await post(tx, desk)
    await jobs.finish(tx, claim, now=now)
