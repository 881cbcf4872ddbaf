"""How does a member want to be told?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import notifications as queries
from domain.members.steps import lock
from domain.notifications import steps
from domain.notifications.errors import CannotBeMuted
from domain.notifications.model import NEVER_MUTED, Channel, MessageClass, Preference
from domain.webhooks.steps import write
from kit.errors import InvalidInput, MemberSuspended

PUSH_ADDRESSES_MAX = 10
TOKEN_LENGTH_MAX = 512
HOUR_MAX = 23

Pair = tuple[MessageClass, Channel]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a member says about being told. Each None in itself: it stays as it is.

    `quiet_hours` is (from, until) or () for the programme's; `check_in_hour` (hour,) or () for no
    reminder.
    """

    muted: Sequence[Pair] | None = None
    quiet_hours: tuple[int, ...] | None = None
    check_in_hour: tuple[int, ...] | None = None


@transactional
async def update_preference(
    tx: Tx, member_id: UUID, changed: Changed, *, now: datetime
) -> Preference:
    """Refuses INVALID_INPUT, CANNOT_BE_MUTED, NOT_FOUND, MEMBER_SUSPENDED."""
    _require_hours(changed)
    for class_, channel in changed.muted or ():
        if (class_, channel) in NEVER_MUTED:
            raise CannotBeMuted(class_.name, channel.name)
    await _in_good_standing(tx, member_id)
    before = await steps.preference(tx, member_id)
    after = _applied(before, changed)
    if after == before:
        return before
    return await _write(tx, after, now)


@transactional
async def unsubscribe(
    tx: Tx, member_id: UUID, class_: MessageClass, *, now: datetime
) -> Preference:
    """Mute a class of emails, whoever has the link; a suspended member's too.

    Again changes nothing. Refuses NOT_FOUND, CANNOT_BE_MUTED.
    """
    if (class_, Channel.EMAIL) in NEVER_MUTED:
        raise CannotBeMuted(class_.name, Channel.EMAIL.name)
    await lock(tx, member_id)
    before = await steps.preference(tx, member_id)
    if before.mutes(class_, Channel.EMAIL):
        return before
    muted = (*before.muted, _written(class_, Channel.EMAIL))
    return await _write(tx, replace(before, muted=muted), now)


@transactional
async def register_push(tx: Tx, member_id: UUID, token: str, *, now: datetime) -> None:
    """Push to this device of the member; whoever had it before has it no more.

    Of one member's devices the ten newest are kept. Refuses INVALID_INPUT, NOT_FOUND,
    MEMBER_SUSPENDED.
    """
    _require_token(token)
    await _in_good_standing(tx, member_id)
    await queries.register_push(tx, token, member_id, now=now, kept_max=PUSH_ADDRESSES_MAX)


@transactional
async def remove_push(tx: Tx, member_id: UUID, token: str) -> None:
    """Push no more to this device; one that isn't the member's stays. Refuses NOT_FOUND."""
    await lock(tx, member_id)
    await queries.remove_push(tx, token, member_id)


def _require_hours(changed: Changed) -> None:
    given = (("quietHours", changed.quiet_hours), ("checkInHour", changed.check_in_hour))
    for name, hours in given:
        if any(not 0 <= hour <= HOUR_MAX for hour in hours or ()):
            reasons = f"an hour from 0 to {HOUR_MAX}", f"须为 0 至 {HOUR_MAX} 点"
            raise InvalidInput(["input", name], *reasons)


def _require_token(token: str) -> None:
    if not 1 <= len(token) <= TOKEN_LENGTH_MAX or not token.isascii() or not token.isprintable():
        raise InvalidInput(
            ["token"],
            f"1 to {TOKEN_LENGTH_MAX} characters of ASCII",
            f"须为 1 至 {TOKEN_LENGTH_MAX} 个 ASCII 字符",
        )


def _applied(before: Preference, changed: Changed) -> Preference:
    after = before
    if changed.muted is not None:
        pairs = sorted({_written(*pair) for pair in changed.muted})
        after = replace(after, muted=tuple(pairs))
    if changed.quiet_hours is not None:
        begin, end = changed.quiet_hours or (None, None)
        after = replace(after, quiet_from_hour=begin, quiet_until_hour=end)
    if changed.check_in_hour is not None:
        (hour,) = changed.check_in_hour or (None,)
        after = replace(after, check_in_hour=hour)
    return after


def _written(class_: MessageClass, channel: Channel) -> str:
    return f"{class_.value}:{channel.value}"


async def _in_good_standing(tx: Tx, member_id: UUID) -> None:
    member = await lock(tx, member_id)
    if member.suspended_at is not None:
        raise MemberSuspended


async def _write(tx: Tx, preference: Preference, now: datetime) -> Preference:
    written = replace(preference, changed_at=now)
    changes = Changes()
    changes.put("preference", written)
    await write(tx, changes, now=now)
    return written
