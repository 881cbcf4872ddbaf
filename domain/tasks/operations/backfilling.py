"""Who has reached a task of a new version by what they did before? Every member is looked at."""

from datetime import datetime

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import tasks as queries
from db.signals import JOBS
from domain.activity.model import TASKS_ASSESS
from domain.activity.steps import assess_job
from domain.programme.views import Versions, versions
from domain.webhooks.steps import write


@transactional
async def backfill(tx: Tx, *, as_of: datetime, limit: int) -> int:
    """Have tasks look at the next `limit` members, in the order of their ids; how many.

    Once for each version in force that changed the tasks. Where one ended the next call goes on.
    """
    version = _changed_tasks(await versions(tx), as_of)
    if version is None:
        return 0
    reached = await queries.backfilled(tx, version)
    if reached["done_at"] is not None:
        return 0
    members = await queries.members_after(tx, reached["last_member_id"], limit)
    changes = Changes()
    for member_id in members:
        changes.put("job", assess_job(member_id, TASKS_ASSESS, as_of))
    await write(tx, changes, now=as_of)
    last = members[-1] if members else None
    await queries.note_backfill(tx, version, last, as_of if len(members) < limit else None)
    tx.wake(JOBS)
    return len(members)


def _changed_tasks(published: Versions, as_of: datetime) -> int | None:
    """The latest version in force whose tasks aren't those of the one before it."""
    for number in range(published.at(as_of).version, 1, -1):
        now, before = (published.numbered(n).programme for n in (number, number - 1))
        if (now.tasks, now.segments) != (before.tasks, before.segments):
            return number
    return None
