"""Of which points, or credit, is a member reminded that they end soon?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from domain.programme.model import Programme
from kit.calendar import ONE_DAY, day_of

BETWEEN_RUNS_MAX = timedelta(days=2)
_INSTANT = timedelta(microseconds=1)


class Span(NamedTuple):
    """What a reminder `days` ahead looks at: what expires after `after`, up to `until`."""

    days: int
    after: datetime
    until: datetime


class Ending(NamedTuple):
    """What of a member's expires at one instant."""

    expires_at: datetime
    amount: int


class Reminder(NamedTuple):
    """`amount` expires up to and with `expires_at`, which is `days` away; `cause` names it once."""

    cause: str
    amount: int
    days: int
    expires_at: datetime


def spans(as_of: datetime, now: datetime, days: Sequence[int]) -> list[Span]:
    """So many days, such as 30 and 7, ahead of an expiry, for runs that come each night.

    `now` may be later than the night.
    The last reminder is also for what came in with less than its days to live. What by now is
    nearer than the next reminder's days is left to that one, and what has expired to nobody.
    """
    found: list[Span] = []
    for ahead, nearer in zip(days, [*days, 0][1:], strict=True):
        until = as_of + ahead * ONE_DAY
        new_since = until - BETWEEN_RUNS_MAX if nearer else as_of
        found.append(Span(ahead, max(new_since, now + nearer * ONE_DAY), until))
    return [span for span in found if span.after < span.until]


def reminders(
    endings: Sequence[Ending], asked: Sequence[Span], now: datetime, programme: Programme
) -> list[Reminder]:
    """A reminder for each span in which something expires, of what hasn't yet.

    It tells everything that expires by the latest instant of the span, if nothing is spent.
    """
    found: list[Reminder] = []
    for span in asked:
        within = [end.expires_at for end in endings if span.after < end.expires_at <= span.until]
        if within:
            last = max(within)
            amount = sum(ending.amount for ending in endings if ending.expires_at <= last)
            cause = f"expiring:{span.days}:{_last_day(last, programme)}"
            found.append(Reminder(cause, amount, ceil((last - now) / ONE_DAY), last))
    return found


def _last_day(expires_at: datetime, programme: Programme) -> str:
    """The programme's day on which they are good for the last time."""
    last = expires_at - _INSTANT
    return day_of(last, programme.zone, programme.day_start_hour).isoformat()
