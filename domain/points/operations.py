"""Who is told that points, or credit, of theirs end soon?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import points as queries
from domain.ledger.model import Currency
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.points.rules.reminders import Ending, Reminder, Span, reminders, spans
from domain.points.words import in_money
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
    currency: Currency = Currency.POINTS,
) -> UUID | None:
    """Tell up to `limit` members what of theirs expires; where to go on, None at the end.

    Once for each of the currency's `expiring_days` and day of expiry. A run for an `as_of` that is
    long past speaks of what is still there at `now` (`as_of` unless it is given).
    """
    now, programme = now or as_of, (await versions(tx)).at(as_of).programme
    asked = spans(as_of, now, _expiring_days(currency, programme))
    if not asked:
        return None
    within = [(span.after, span.until) for span in asked]
    members = await queries.with_expiring(tx, currency, within, after=after or FIRST, limit=limit)
    until = max(span.until for span in asked)
    rows = await queries.expiring(tx, currency, members, after=now, until=until)
    found = _reminders(map(dict, rows), asked, now, programme)
    causes = {reminder.cause for _, reminder in found}
    told = await queries.told(tx, members, _TEMPLATES[currency], sorted(causes))
    changes = Changes()
    for member_id, reminder in found:
        if (member_id, reminder.cause) not in told:
            facts = _facts(reminder, currency, programme)
            notify(
                *(changes, member_id, _TEMPLATES[currency], reminder.cause, facts),
                occurred_at=now,
                now=now,
            )
    await write(tx, changes, now=now)
    return members[-1] if len(members) == limit else None


_TEMPLATES = {
    Currency.POINTS: Template.POINTS_EXPIRING,
    Currency.CREDIT: Template.CREDIT_EXPIRING,
}


def _expiring_days(currency: Currency, programme: Programme) -> Sequence[int]:
    policy = programme.credit if currency == Currency.CREDIT else programme.points
    return policy.expiring_days


def _reminders(
    rows: Iterable[Mapping[str, Any]], asked: Sequence[Span], now: datetime, programme: Programme
) -> list[tuple[UUID, Reminder]]:
    return [
        (member_id, reminder)
        for member_id, own in groupby(rows, key=itemgetter("member_id"))
        for reminder in reminders(
            [Ending(row["expires_at"], row["amount"]) for row in own], asked, now, programme
        )
    ]


def _facts(reminder: Reminder, currency: Currency, programme: Programme) -> dict[str, Any]:
    amount: dict[str, Any] = {"points": reminder.amount}
    if currency == Currency.CREDIT:
        words = in_money(reminder.amount, programme.currency)
        amount = {"amount": words.named, "amount_minor": reminder.amount}
    return {**amount, "days": reminder.days, "expires_at": reminder.expires_at.isoformat()}
