"""How does a verb tell a member something? By a row and a job, written with what it tells of."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx
from db.jobs import Job
from db.queries import notifications as queries
from db.rows import read
from domain.notifications.model import Notification, Preference, Template
from kit.ids import new_id

SEND = "notifications.send"
NEWS_FOR = timedelta(days=3)
"""What happened longer ago is told to nobody: it comes from an import."""


def notify(  # noqa: PLR0913  who is told of what, why and when
    changes: Changes,
    member_id: UUID,
    template: Template,
    cause: str,
    facts: dict[str, Any],
    *,
    occurred_at: datetime,
    now: datetime,
    is_news: bool = False,
) -> None:
    """Tell a member once of `cause`, such as `task:FIRST_ORDER:once`; again does nothing.

    With `is_news` however long ago it happened: no import can bring it.
    Nothing is sent here: a job does it once this is committed. One job more than there are
    notifications finds everything done.
    """
    if now - occurred_at > NEWS_FOR and not is_news:
        return
    row = Notification(member_id, new_id(), template, cause, facts, occurred_at, now)
    changes.put("notification", row)
    job = Job(
        member_id=member_id,
        kind=SEND,
        key=f"{template}:{cause}",
        run_at=now,
        created_at=now,
        payload={"template": str(template), "cause": cause},
    )
    changes.put("job", job)


async def preference(tx: Tx, member_id: UUID) -> Preference:
    """How the member wants to be told; who never said so mutes nothing."""
    return preference_of(member_id, await queries.preference(tx, member_id))


def preference_of(member_id: UUID, row: dict[str, Any] | None) -> Preference:
    """From a row of the table as JSON."""
    if row is None:
        return Preference(member_id)
    return replace(read(Preference, row), muted=tuple(row["muted"]))


def notification(row: dict[str, Any]) -> Notification:
    """From a row of the table as JSON."""
    return read(Notification, row)
