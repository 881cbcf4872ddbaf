"""How does a reached target become value, and how is it undone?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from db.connection import Tx
from db.queries import tasks as queries
from domain.coupons.steps import revoke_of_source
from domain.effects.model import Effect, TakeBackGrowth
from domain.ledger.steps import Desk, lots_of
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.model import CouponTemplate, Programme, Task
from domain.programme.views import Versions
from domain.rewards import steps as rewards
from domain.tasks.model import SOURCE, ProgressRow
from domain.tasks.steps.looking import offered_since
from domain.tiers.steps import assess_job

_UNDONE = "task_undone"


async def reward(
    tx: Tx, desk: Desk, row: ProgressRow, versions: Versions, *, at: datetime
) -> ProgressRow:
    """Give what the task gives, once for this time that its target stands.

    Dated at `at`, but not before the task was on offer. What orders caused waits for the last of
    them. GROWTH of class interaction comes with the points, and the tier is looked at again.
    """
    programme = versions.numbered(row.programme_version).programme
    task = _task_of(programme, row)
    at = max(at, offered_since(versions, row.task, row.programme_version))
    times = row.times_rewarded + 1
    decision = desk.decide(
        f"task:{row.task}:{row.period}:{times}",
        SOURCE,
        row.programme_version,
        inputs=_inputs(row, task),
        outcome={"growth": task.gives.points, **task.gives.outcome()},
        occurred_at=at,
    )
    waits = row.settles_at is not None and row.settles_at > at
    issued = await rewards.give(
        tx,
        desk,
        decision,
        task.gives,
        programme=programme,
        source_type=SOURCE,
        source_id=f"{row.task}:{row.period}",
        growth=task.gives.points,
        activates_at=row.settles_at if waits else None,
    )
    for lot in [*issued.lots, *issued.packets] if row.awaits_word else ():
        desk.books[lot.currency].reschedule(lot, None, lot.expires_at)
    if task.gives.points:
        desk.changes.put("job", assess_job(row.member_id, desk.now, desk.now))
    rewarded = replace(
        row, state="REWARDED", times_rewarded=times, decision_id=decision.id, updated_at=desk.now
    )
    desk.changes.put("task_progress", rewarded)
    faces = [programme.coupon(coupon.template) for coupon in issued.coupons]
    _tell(desk, row, task, [face for face in faces if face], at=at)
    return rewarded


async def take_back(tx: Tx, desk: Desk, row: ProgressRow, versions: Versions) -> None:
    """Take back what the last reward gave; of coupons those not used, and badges stay."""
    assert row.decision_id is not None, row.state
    programme = versions.numbered(row.programme_version).programme
    task = _task_of(programme, row)
    lot_ids = await queries.lots_of(tx, row.member_id, row.decision_id)
    decision = desk.decide(
        f"task_undone:{row.task}:{row.period}:{row.times_rewarded}",
        _UNDONE,
        row.programme_version,
        inputs=_inputs(row, task),
        outcome={"growth": task.gives.points, **task.gives.amounts()},
        occurred_at=desk.now,
    )
    effects: list[Effect] = await rewards.undoing(tx, desk, lot_ids, _UNDONE)
    if task.gives.points:
        effects.append(TakeBackGrowth(task.gives.points, "interaction"))
        desk.changes.put("job", assess_job(row.member_id, desk.now, desk.now))
    rewards.issue(
        desk,
        decision,
        effects,
        programme=programme,
        source_type=SOURCE,
        source_id=f"{row.task}:{row.period}",
        occurred_at=desk.now,
    )
    await revoke_of_source(tx, desk, SOURCE, f"{row.task}:{row.period}")
    desk.changes.put("task_progress", replace(row, state="OPEN", updated_at=desk.now))


async def let_wait(tx: Tx, desk: Desk, row: ProgressRow, versions: Versions) -> None:
    """Have points that are still pending wait for the orders that stand behind them now."""
    assert row.decision_id is not None, row.state
    if row.settles_at is None:
        return
    programme = versions.numbered(row.programme_version).programme
    lot_ids = await queries.lots_of(tx, row.member_id, row.decision_id)
    for lot in await lots_of(tx, desk, lot_ids):
        rewards.let_wait(desk, lot, row.settles_at, programme, awaits_word=row.awaits_word)


def _task_of(programme: Programme, row: ProgressRow) -> Task:
    task = programme.task(row.task)
    assert task is not None, "a version doesn't change"
    return task


def _inputs(row: ProgressRow, task: Task) -> dict[str, object]:
    return {
        "task": row.task,
        "task_name": task.name.model_dump(mode="json", by_alias=True),
        "period": row.period,
        "progress": row.progress,
        "target": row.target,
        "completed_at": row.completed_at.isoformat(),
    }


def _tell(
    desk: Desk, row: ProgressRow, task: Task, faces: Sequence[CouponTemplate], *, at: datetime
) -> None:
    notify(
        desk.changes,
        row.member_id,
        Template.TASK_COMPLETED,
        f"task:{row.task}:{row.period}",
        {
            "task": task.name.model_dump(mode="json", by_alias=True),
            "points": task.gives.points,
            "coupons": [face.name.model_dump(mode="json", by_alias=True) for face in faces],
        },
        occurred_at=at,
        now=desk.now,
    )
