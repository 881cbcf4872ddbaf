"""Who is told that points of theirs end soon?"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import points as queries
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.points.rules.reminders import Ending, Reminder, Span, reminders, spans
from domain.programme.model import Programme
from domain.programme.views import versions
from domain.webhooks.steps import write

FIRST = UUID(int=0)


@transactional
async def remind_expiring(
    tx: Tx,
    *,
    as_of: datetime,
    after: UUID | None = None,
    limit: int = 200,
    now: datetime | None = None,
) -> UUID | None:
    """Tell up to `limit` members what of theirs expires; where to go on, None at the end.

    Once for each of `points.expiring_days` and day of expiry. A run for an `as_of` that is long
    past speaks of what is still there at `now` (`as_of` unless it is given).
    """
    programme = (await versions(tx)).at(as_of).programme
    asked = spans(as_of, now or as_of, programme)
    if not asked:
        return None
    members = await queries.with_points_expiring(
        tx, [(span.after, span.until) for span in asked], after=after or FIRST, limit=limit
    )
    found = await _reminders(tx, members, asked, now or as_of, programme)
    causes = {reminder.cause for _, reminder in found}
    told = await queries.told(tx, members, Template.POINTS_EXPIRING, sorted(causes))
    changes = Changes()
    for member_id, reminder in found:
        if (member_id, reminder.cause) not in told:
            _tell(changes, member_id, reminder, now or as_of)
    await write(tx, changes, now=now or as_of)
    return members[-1] if len(members) == limit else None


async def _reminders(
    tx: Tx, members: Sequence[UUID], asked: Sequence[Span], now: datetime, programme: Programme
) -> list[tuple[UUID, Reminder]]:
    until = max(span.until for span in asked)
    rows = await queries.expiring(tx, members, after=now, until=until)
    return [
        (member_id, reminder)
        for member_id, own in groupby(rows, key=itemgetter("member_id"))
        for reminder in reminders(
            [Ending(row["expires_at"], row["points"]) for row in own], asked, now, programme
        )
    ]


def _tell(changes: Changes, member_id: UUID, reminder: Reminder, now: datetime) -> None:
    facts = {
        "points": reminder.points,
        "days": reminder.days,
        "expires_at": reminder.expires_at.isoformat(),
    }
    notify(
        *(changes, member_id, Template.POINTS_EXPIRING, reminder.cause, facts),
        occurred_at=now,
        now=now,
    )
