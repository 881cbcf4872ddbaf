"""Which targets have members reached, and which have they lost?"""

from collections.abc import Sequence
from datetime import datetime

from db import jobs
from db.changes import Changes
from db.connection import Tx, transactional
from db.jobs import Claim
from db.signals import JOBS
from domain.members.steps import lock_all
from domain.programme.views import versions
from domain.tasks import steps
from domain.webhooks.steps import write


@transactional
async def assess(tx: Tx, claims: Sequence[Claim], *, now: datetime) -> None:
    """The effect of "tasks.assess" jobs: rows of targets that were reached or lost, and a job each.

    Where nothing moves nothing is written.
    """
    members = await lock_all(tx, {claim.member_id for claim in claims})
    published = await versions(tx)
    offered = steps.offers(published, now)
    changes = Changes()
    for record in await steps.records(tx, members, offered, published, now):
        steps.put(changes, steps.assess(record, offered, published, now), now)
    if changes.rows("job"):
        tx.wake(JOBS)
    await write(tx, changes, now=now)
    await jobs.finish_all(tx, claims, now=now)
