"""How does a verb tell a member something? By a row and a job, written with what it tells of."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db.changes import Changes
from domain.notifications.model import Notification, Template
from kit.ids import new_id

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
) -> None:
    """Tell a member once of `cause`, such as `task:FIRST_ORDER:once`; again does nothing."""
    if now - occurred_at > NEWS_FOR:
        return
    row = Notification(member_id, new_id(), template, cause, facts, occurred_at, now)
    changes.put("notification", row)
