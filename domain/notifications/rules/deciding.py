"""Is a notification sent by a channel, now, later or not at all?

What speaks against it is looked at in this order: STALE, SUSPENDED, PREFERENCE, NO_PROVIDER,
NO_ADDRESS, quiet hours, CAPPED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from domain.notifications.model import (
    NEVER_CAPPED,
    NEVER_MUTED,
    Channel,
    MessageClass,
    Notification,
    Preference,
    SkipReason,
    Template,
)
from domain.notifications.rules.wording import class_of
from domain.programme.model import Notifications
from domain.programme.model.messages import KINDS
from kit.calendar import ONE_DAY, day_start

RETRY_FIRST = timedelta(minutes=1)
ONE_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides beside the notification itself.

    `addresses` by channel; `sent` by channel: when what counts for its caps was begun, in the last
    seven days.
    """

    policy: Notifications
    preference: Preference
    zone: str
    is_suspended: bool
    provided: frozenset[Channel]
    addresses: Mapping[Channel, tuple[str, ...]]
    sent: Mapping[Channel, tuple[datetime, ...]]


@dataclass(frozen=True, slots=True)
class Skip:
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Later:
    at: datetime


@dataclass(frozen=True, slots=True)
class Now:
    pass


Verdict = Skip | Later | Now


def channels_of(template: str, policy: Notifications) -> tuple[Channel, ...]:
    """By which channels it goes: the operator's choice, else the template's own."""
    chosen = policy.channels.get(template)
    if chosen is not None:
        return tuple(dict.fromkeys(map(Channel, chosen)))
    kind = KINDS.get(cast("Template", template))
    return (Channel.IN_APP,) if kind is None else kind.channels


def decide(
    row: Notification, channel: Channel, found: Situation, now: datetime, *, is_begun: bool = False
) -> Verdict:
    """`is_begun`: it was tried before, so it counts for its caps already."""
    for reason, holds in _against(row, channel, found, now):
        if holds:
            return Skip(reason)
    if channel == Channel.IN_APP:
        return Now()
    class_ = class_of(row.template)
    quiet = quiet_until(now, found.zone, *quiet_hours(found.policy, found.preference))
    if quiet is not None and class_ != MessageClass.SECURITY:
        return Later(quiet) if quiet <= useful_until(row) else Skip("STALE")
    is_counted = not is_begun and class_ not in NEVER_CAPPED
    return Skip("CAPPED") if is_counted and _is_capped(channel, found, now) else Now()


def _against(
    row: Notification, channel: Channel, found: Situation, now: datetime
) -> tuple[tuple[SkipReason, bool], ...]:
    class_ = class_of(row.template)
    may_be_muted = (class_, channel) not in NEVER_MUTED
    rings = channel != Channel.IN_APP
    return (
        ("STALE", rings and now > useful_until(row)),
        ("SUSPENDED", rings and found.is_suspended),
        ("PREFERENCE", may_be_muted and found.preference.mutes(class_, channel)),
        ("NO_PROVIDER", rings and channel not in found.provided),
        ("NO_ADDRESS", rings and not found.addresses.get(channel)),
    )


def useful_until(row: Notification) -> datetime:
    kind = KINDS.get(cast("Template", row.template))
    return row.occurred_at + (ONE_DAY if kind is None else kind.useful_for)


def quiet_hours(policy: Notifications, preference: Preference) -> tuple[int, int]:
    """The member's own, else the programme's."""
    if preference.quiet_from_hour is None or preference.quiet_until_hour is None:
        return policy.quiet_from_hour, policy.quiet_until_hour
    return preference.quiet_from_hour, preference.quiet_until_hour


def quiet_until(at: datetime, zone: str, from_hour: int, until_hour: int) -> datetime | None:
    """When the quiet hours end that `at` lies in, None outside them; equal hours: never quiet.

    22 to 8 in Shanghai: at 2 March 23:30 until 3 March 8:00. Clocks that are changed at night
    make the night shorter or longer.
    """
    if from_hour == until_hour:
        return None
    today = at.astimezone(ZoneInfo(zone)).date()
    for day in (today - ONE_DAY, today):
        end_day = day if from_hour < until_hour else day + ONE_DAY
        end = day_start(end_day, zone, until_hour)
        if day_start(day, zone, from_hour) <= at < end:
            return end
    return None


def retry_at(now: datetime, attempts: int) -> datetime:
    """1, 4, 16, 64, … minutes after the first, second, … attempt."""
    return now + RETRY_FIRST * 4 ** (attempts - 1)


def _is_capped(channel: Channel, found: Situation, now: datetime) -> bool:
    cap = found.policy.caps.of(channel)
    if cap is None:
        return False
    sent = found.sent.get(channel, ())
    today = sum(at > now - ONE_DAY for at in sent)
    this_week = sum(at > now - ONE_WEEK for at in sent)
    return today >= cap.per_day or this_week >= cap.per_week
