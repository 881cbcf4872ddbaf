"""What did these members do since then, and who has to look when they do more?"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from db.changes import Changes, value_of
from db.connection import Tx
from db.jobs import Job
from db.queries import activity as queries
from domain.activity.model import (
    CHALLENGES_ASSESS,
    TASK_DEEDS,
    TASKS_ASSESS,
    BoughtLine,
    Deed,
    DeedKind,
)
from domain.activity.rules import METRIC_DEEDS, Touched, concerns
from domain.programme.views import Versions

_EVENTS: dict[str, DeedKind] = {"review.approved": "review", "share.opened": "share"}
_ROWS: dict[str, DeedKind] = {
    "purchase": "order",
    "check_in": "check_in",
    "invitation": "invite",
    "member": "profile",
}
_INSTANTS = {"purchase": "paid_at", "check_in": "occurred_at", "invitation": "rewarded_at"}


def follow(changes: Changes, member_id: UUID, versions: Versions, now: datetime) -> None:
    """Have tasks and challenges look at the member where rows of what they count are put.

    A task of an older version may still have to be undone, so every version is asked.
    """
    happened = frozenset(_touched(changes))
    touched = {kind for kind, _ in happened}
    if not touched:
        return
    if any(
        TASK_DEEDS[task.kind] in touched
        for published in versions
        for task in published.programme.tasks
    ):
        changes.put("job", _assess(member_id, TASKS_ASSESS, now))
    if _concerns_challenges(happened, versions, now):
        changes.put("job", _assess(member_id, CHALLENGES_ASSESS, now))


def _concerns_challenges(happened: Collection[Touched], versions: Versions, now: datetime) -> bool:
    """Badges by rule are looked at together with challenges."""
    touched = {kind for kind, _ in happened}
    return any(
        METRIC_DEEDS[badge.rule.metric] in touched
        for badge in versions.at(now).programme.badges
        if badge.rule is not None
    ) or any(
        concerns(challenge, happened)
        for published in versions
        for challenge in published.programme.challenges
    )


def _touched(changes: Changes) -> Iterator[Touched]:
    """What came, changed or went; a refund comes with the order whose time it has."""
    for table, kind in _ROWS.items():
        for row in changes.rows(table):
            instant = _INSTANTS.get(table)
            yield kind, None if instant is None else value_of(row, instant)
    for row in changes.rows("inbox"):
        event = cast("Any", row)
        if event.state == "done" and event.type in _EVENTS:
            yield _EVENTS[event.type], event.occurred_at


def _assess(member_id: UUID, kind: str, now: datetime) -> Job:
    return Job(member_id=member_id, kind=kind, key="assess", run_at=now, created_at=now)


async def deeds(tx: Tx, member_ids: Sequence[UUID], since: datetime) -> dict[UUID, list[Deed]]:
    """Of each member what still stands, the earliest first."""
    found: dict[UUID, list[Deed]] = {member_id: [] for member_id in member_ids}
    for row in await queries.deeds(tx, member_ids, since, list(_EVENTS)):
        deed = _deed(row)
        if deed.kind != "order" or deed.lines:
            found[UUID(row["member_id"])].append(deed)
    for told in found.values():
        told.sort(key=lambda deed: (deed.at, deed.reference))
    return found


def _deed(row: dict[str, Any]) -> Deed:
    settles_at, day = row.get("settles_at"), row.get("day")
    return Deed(
        kind=_EVENTS[row["kind"]] if row["kind"] in _EVENTS else row["kind"],
        at=datetime.fromisoformat(row["at"]),
        reference=str(row["reference"]),
        settles_at=settles_at and datetime.fromisoformat(settles_at),
        lines=tuple(line for line in map(_line, row.get("lines") or ()) if line.left_minor),
        day=day and date.fromisoformat(day),
        streak_days=row.get("streak_days", 0),
        data=row.get("data") or {},
    )


def _line(row: dict[str, Any]) -> BoughtLine:
    net, left = row["net_minor"], row["net_minor"] - row["refunded_minor"]
    return BoughtLine(
        sku=row.get("sku", ""),
        category=row.get("category"),
        brand=row.get("brand"),
        left_minor=left,
        base_left_minor=row["base_minor"] * left // net if net else row["base_minor"],
    )
