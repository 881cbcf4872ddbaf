"""How far is a member in the tasks that are for them?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.connection import reader
from db.queries import tasks as queries
from domain.members.views import member as member_of
from domain.programme.model import Task
from domain.programme.views import Versions, versions
from domain.tasks import rules, steps
from domain.tasks.model import Key, Offer, ProgressRow, Record, ShownState
from kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task in one period. `unmet`: codes of tasks that come first; `ends_at` None: no end."""

    task: Task
    period: str
    state: ShownState
    progress: int
    target: int
    ends_at: datetime | None
    unmet: tuple[str, ...] = ()


async def tasks(member_id: UUID, *, now: datetime) -> list[ShownTask]:
    """In the order of the programme, each in its current period, and earlier ones left to claim.

    Computed from what the member did, by the rule by which workers reward it. Refuses NOT_FOUND.
    """
    published = await versions()
    offered = steps.offers(published, now)
    member = await member_of(member_id)
    if member is None:
        raise NotFound("member")
    async with reader() as tx:
        (record,) = await steps.records(tx, [member], offered, published, now)
    changed = {row.key: row for row in steps.assess(record, offered, published, now)}
    rows = {**record.rows, **changed}
    today = [_current(offer, record, rows, now) for offer in offered]
    waiting = _left_to_claim(rows, record, published, now)
    place = {task.code: n for n, task in enumerate(published.at(now).programme.tasks)}
    found = [*(shown for shown in today if shown is not None), *waiting]
    return sorted(found, key=lambda one: place.get(one.task.code, len(place)))


async def tags(member_id: UUID) -> list[str]:
    """What staff call the member."""
    async with reader() as tx:
        return await queries.tags(tx, member_id)


def _current(
    offer: Offer, record: Record, rows: Mapping[Key, ProgressRow], now: datetime
) -> ShownTask | None:
    task = offer.task
    period = rules.period_of(task, record.days.day_of(now))
    ends_at = rules.ends_at(task, period, record.days)
    row = rows.get((task.code, period))
    if row is not None and row.stands:
        return ShownTask(task, period, ShownState(row.state), row.target, row.target, ends_at)
    found = rules.measured(offer, record, period, now)
    is_meant = rules.suits(task.audience, record.traits, found.begun_at or now, offer.programme)
    if not is_meant or (task.ends_at is not None and now >= task.ends_at):
        return None
    unmet = rules.unmet(task, rows.values())
    state = ShownState.LOCKED if unmet else ShownState.OPEN
    if task.starts_at is not None and now < task.starts_at:
        state = ShownState.UPCOMING
    return ShownTask(task, period, state, found.progress, found.target, ends_at, unmet)


def _left_to_claim(
    rows: Mapping[Key, ProgressRow], record: Record, published: Versions, now: datetime
) -> Iterator[ShownTask]:
    current = published.at(now).programme
    for row in rows.values():
        task = published.numbered(row.programme_version).programme.task(row.task)
        if row.state != "CLAIMABLE" or task is None:
            continue
        period = rules.period_of(task, record.days.day_of(now))
        if row.period != period or current.task(row.task) is None:
            yield ShownTask(
                task, row.period, ShownState.CLAIMABLE, row.target, row.target, ends_at=None
            )
