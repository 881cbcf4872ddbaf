"""May a member have what a reached target gives?"""

from datetime import datetime
from uuid import UUID

from db.connection import Tx, transactional
from domain.ledger.steps import open_desk, post
from domain.programme.model import Task
from domain.programme.views import versions
from domain.rewards.errors import Ended, NotStarted
from domain.tasks import rules, steps
from domain.tasks.errors import AlreadyClaimed, TaskNotClaimable
from domain.tasks.model import Offer, ProgressRow, Record
from kit.errors import NotFound, Refusal


@transactional
async def claim(
    tx: Tx, member_id: UUID, code: str, *, period: str | None = None, now: datetime
) -> ProgressRow:
    """Give what a task that waits for the member gives; natural key: the task and its period.

    Without `period` the latest one that waits. Refuses NOT_FOUND (no such task, or not for this
    member), MEMBER_SUSPENDED, NOT_STARTED, ALREADY_CLAIMED, ENDED, TASK_NOT_CLAIMABLE.
    """
    published = await versions(tx)
    desk = await open_desk(tx, member_id, now)
    desk.require_standing()
    offered = steps.offers(published, now)
    (record,) = await steps.records(tx, [desk.member], offered, published, now)
    changed = steps.assess(record, offered, published, now)
    rows = {**record.rows, **{row.key: row for row in changed}}
    waiting = [
        row
        for row in rows.values()
        if row.task == code and row.state == "CLAIMABLE" and period in {None, row.period}
    ]
    if not waiting:
        offer = next((offer for offer in offered if offer.task.code == code), None)
        raise _refusal(offer, record, rows, period=period, now=now)
    steps.put(desk.changes, changed, now)
    chosen = max(waiting, key=lambda row: row.completed_at)
    rewarded = await steps.reward(tx, desk, chosen, published, at=now)
    await post(tx, desk)
    return rewarded


def _refusal(
    offer: Offer | None,
    record: Record,
    rows: dict[tuple[str, str], ProgressRow],
    *,
    period: str | None,
    now: datetime,
) -> Refusal:
    if offer is None:
        return NotFound("task")
    task = offer.task
    asked = period or rules.period_of(task, record.days.day_of(now))
    row = rows.get((task.code, asked))
    if row is not None and row.stands:
        return AlreadyClaimed(asked)
    return _by_time(task, now) or _by_progress(offer, record, asked, now)


def _by_time(task: Task, now: datetime) -> Refusal | None:
    if task.starts_at is not None and now < task.starts_at:
        return NotStarted(task.starts_at)
    if task.ends_at is not None and now >= task.ends_at:
        return Ended(task.ends_at)
    return None


def _by_progress(offer: Offer, record: Record, period: str, now: datetime) -> Refusal:
    shown = rules.measured(offer, record, period, now)
    at = shown.begun_at or now
    if not rules.suits(offer.task.audience, record.traits, at, offer.programme):
        return NotFound("task")
    return TaskNotClaimable(shown.progress, shown.target)
