"""What do the rules need to know of members, and how is what they find kept?"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db import rows
from db.changes import Changes
from db.connection import Tx
from db.jobs import Job
from db.queries import tasks as queries
from domain.activity import steps as activity
from domain.activity.model import Deed, Traits
from domain.checkins.steps import days_of
from domain.members.model import Member
from domain.programme.model import Programme
from domain.programme.views import Versions
from domain.tasks import rules
from domain.tasks.model import Attempt, Offer, ProgressRow, Record

COMPLETE = "tasks.complete"
_ROWS_BACK = timedelta(days=132)
_ORDERS_MAX = 50


def offers(versions: Versions, now: datetime) -> list[Offer]:
    """The tasks in force at `now`, each after those that must be done before it."""
    current = versions.at(now)
    found: dict[str, Offer] = {}
    for task in rules.in_order(current.programme):
        since = offered_since(versions, task.code, current.version)
        found[task.code] = Offer(task, current.programme, current.version, since)
    return list(found.values())


def offered_since(versions: Versions, code: str, version: int) -> datetime:
    """From when on a version's task was in force without a break."""
    since = versions.numbered(version).effective_from
    for number in range(version - 1, 0, -1):
        before = versions.numbered(number)
        if before.programme.task(code) is None:
            break
        since = before.effective_from
    return since


async def records(
    tx: Tx, members: Sequence[Member], offered: Sequence[Offer], versions: Versions, now: datetime
) -> list[Record]:
    """What tasks look at of these members, in a handful of statements."""
    member_ids = [member.member_id for member in members]
    found = await queries.state(
        tx,
        member_ids,
        rows_since=now - _ROWS_BACK,
        required=sorted(_required(versions)),
        orders_max=_ORDERS_MAX if any(_asks_stages(offer) for offer in offered) else 0,
    )
    kept = [rows.read(ProgressRow, row) for row in found["rows"]]
    deeds = await activity.deeds(tx, member_ids, rules.needed_since(offered, kept, now))
    programme = versions.at(now).programme
    return [
        Record(
            member_id=member.member_id,
            days=days_of(member, programme),
            traits=_traits(member.member_id, found),
            deeds=(*deeds[member.member_id], *_profile(member, now)),
            rows={row.key: row for row in kept if row.member_id == member.member_id},
        )
        for member in members
    ]


def _required(versions: Versions) -> set[str]:
    """What was ever to be done before something: rows are held against the version they are of."""
    return {
        code
        for published in versions
        for task in published.programme.tasks
        for code in task.requires
    }


def assess(
    record: Record, offered: Sequence[Offer], versions: Versions, now: datetime
) -> list[ProgressRow]:
    """`rules.assess` under the versions that are published."""

    def programme_of(version: int) -> Programme:
        return versions.numbered(version).programme

    return rules.assess(record, offered, programme_of, now)


def put(changes: Changes, changed: Iterable[ProgressRow], now: datetime) -> None:
    """Have rows written, and a worker give or take back what they say."""
    for row in changed:
        changes.put("task_progress", row)
        if row.state in {"COMPLETED", "REWARDED", "FALLEN"}:
            changes.put("job", _complete_job(row, now))


async def row_of(tx: Tx, member_id: UUID, task: str, period: str) -> ProgressRow | None:
    found = await queries.progress(tx, member_id, task, period)
    return None if found is None else ProgressRow(**found)


def attempt_of(row: Iterable[tuple[str, Any]]) -> Attempt:
    """A row of the table `quiz_attempt`, as its columns with their values."""
    found = dict(row)
    answers = found.pop("answers")
    return Attempt(**found, answers=None if answers is None else json.loads(answers))


def _complete_job(row: ProgressRow, now: datetime) -> Job:
    return Job(
        member_id=row.member_id,
        kind=COMPLETE,
        key=f"{row.task}:{row.period}",
        run_at=now,
        created_at=now,
        payload={"task": row.task, "period": row.period},
    )


def _asks_stages(offer: Offer) -> bool:
    audience = offer.task.audience
    return bool(audience.stages or audience.segments)


def _traits(member_id: UUID, found: Mapping[str, list[Any]]) -> Traits:
    own = str(member_id)
    return Traits(
        tier_code=next(tier for member, tier in found["tiers"] if member == own),
        tags=frozenset(tag for member, tag in found["tags"] if member == own),
        orders=tuple(datetime.fromisoformat(at) for member, at in found["orders"] if member == own),
    )


def _profile(member: Member, now: datetime) -> list[Deed]:
    """What is filled in, as of now: nobody keeps when it was."""
    filled = {"email": member.email, "phone": member.phone, "birthday": member.birthday}
    return [Deed(kind="profile", at=now, reference=name) for name, value in filled.items() if value]
