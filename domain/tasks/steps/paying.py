"""How does a reached target become value, and how is it undone?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from db.connection import Tx
from db.queries import tasks as queries
from domain.coupons.steps import revoke_of_source
from domain.effects.model import Effect, TakeBackGrowth, TakeBackPoints
from domain.ledger.steps import Desk, load_lots
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.points.rules import expires_at
from domain.programme.model import CouponTemplate, Programme, Task
from domain.programme.views import Versions
from domain.rewards.steps import give, issue
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
        outcome={"growth": task.gives.points, **task.gives.model_dump(mode="json")},
        occurred_at=at,
    )
    waits = row.settles_at is not None and row.settles_at > at
    issued = await give(
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
    for lot in issued.lots if row.awaits_word else ():
        desk.points.reschedule(lot, None, lot.expires_at)
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
    """Take back what the last reward gave: points, GROWTH and coupons not used; badges stay."""
    assert row.decision_id is not None, row.state
    programme = versions.numbered(row.programme_version).programme
    task = _task_of(programme, row)
    lot_ids = await queries.lots_of(tx, row.member_id, row.decision_id)
    await load_lots(tx, desk.points, lot_ids)
    decision = desk.decide(
        f"task_undone:{row.task}:{row.period}:{row.times_rewarded}",
        _UNDONE,
        row.programme_version,
        inputs=_inputs(row, task),
        outcome={"points": task.gives.points, "growth": task.gives.points},
        occurred_at=desk.now,
    )
    effects: list[Effect] = [
        TakeBackPoints(lot_id, desk.points.lots[lot_id].granted, _UNDONE) for lot_id in lot_ids
    ]
    if task.gives.points:
        effects.append(TakeBackGrowth(task.gives.points, "interaction"))
        desk.changes.put("job", assess_job(row.member_id, desk.now, desk.now))
    issue(
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
    await load_lots(tx, desk.points, lot_ids)
    for lot in (desk.points.lots[lot_id] for lot_id in lot_ids):
        at = max(row.settles_at, lot.occurred_at)
        ends = expires_at(at, programme) or lot.expires_at
        desk.points.reschedule(lot, None if row.awaits_word else at, ends)


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
