"""What did these members do since then, and who has to look when they do more?"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from db.changes import Changes
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
from domain.programme.views import Versions

_EVENTS: dict[str, DeedKind] = {"review.approved": "review", "share.opened": "share"}
_ROWS: dict[str, DeedKind] = {
    "purchase": "order",
    "refund": "order",
    "check_in": "check_in",
    "invitation": "invite",
    "member": "profile",
}


def follow(changes: Changes, member_id: UUID, versions: Versions, now: datetime) -> None:
    """Have tasks and challenges look at the member where rows of what they count are put.

    A task of an older version may still have to be undone, so every version is asked.
    """
    touched = frozenset(_touched(changes))
    if not touched:
        return
    if any(
        TASK_DEEDS[task.kind] in touched
        for published in versions
        for task in published.programme.tasks
    ):
        changes.put("job", _assess(member_id, TASKS_ASSESS, now))
    if any(published.programme.challenges for published in versions):
        changes.put("job", _assess(member_id, CHALLENGES_ASSESS, now))


def _touched(changes: Changes) -> Iterator[DeedKind]:
    """Kinds of deeds that came, changed or went."""
    for table, kind in _ROWS.items():
        if changes.rows(table):
            yield kind
    for row in changes.rows("inbox"):
        event = cast("Any", row)
        if event.state == "done" and event.type in _EVENTS:
            yield _EVENTS[event.type]


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
