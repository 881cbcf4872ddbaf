"""Is it the member who takes value? A device that is known and an account that is in use say so.

All of it is policy of the programme (`security`); switched off, it limits and keeps nothing.
"""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from domain.devices.errors import CodeExpired, CodeWrong, DeviceUnnamed, NewDeviceLimit, NoContact
from domain.devices.model import (
    CODE_DIGITS,
    DAY,
    NAME_CHARACTERS_MAX,
    NAME_CHARACTERS_MIN,
    STRANGERS_MAX,
    TRIES_MAX,
    Code,
    Device,
    Door,
    Judgement,
    Presence,
    Reason,
)
from domain.members.model import Member
from domain.notifications.model import Template
from domain.programme.model import Security

_DEVICE = b"device:"
_CODE = b"device code:"


def device_of(name: str | None, secret: bytes) -> UUID | None:
    """The id of the device with this name; None for none, and for what can't tell devices apart.

    A name has 16 to 200 printable characters of ASCII, such as a UUID; "web" is none.
    """
    if name is None or not name.isascii() or not name.isprintable():
        return None
    if not NAME_CHARACTERS_MIN <= len(name) <= NAME_CHARACTERS_MAX:
        return None
    return UUID(bytes=hmac.new(secret, _DEVICE + name.encode(), sha256).digest()[:16])


def awake_since(now: datetime, policy: Security) -> datetime:
    """Who was here since then isn't dormant; with no such policy nobody ever is."""
    return now - timedelta(days=policy.dormant_days or 0)


def has_slept(door: Door, member: Member, now: datetime, policy: Security) -> bool:
    """Whether the account was dormant until this visit: nothing shows that they were here."""
    if policy.dormant_days is None or door.was_here:
        return False
    return member.joined_at <= awake_since(now, policy)


def judge(door: Door, member: Member, now: datetime, policy: Security) -> Judgement:
    """What comes of a visit. An account that wakes is limited from whatever device.

    500 points a day, dormant after 180 days, 24 hours to cool off: who comes back on 1 August at
    noon after a year takes 500 points at most until 2 August at noon, or until a code.
    """
    if not policy.enabled:
        return Judgement(None, door.device, door.presence)
    wakes = has_slept(door, member, now, policy)
    presence = _presence(door.presence, member, now, wakes=wakes)
    cools_off = _cools_off(presence, now, policy)
    device = _device(door, member, now, is_first=_is_first(door, policy) and not cools_off)
    news = (Template.ACCOUNT_AWAKE,) if wakes else ()
    if device is not None and _is_news(door, member, now):
        news = (Template.NEW_DEVICE, *news)
    is_known = _is_first(door, policy) or _is_trusted(device, presence, now, policy)
    return Judgement(
        _reason(presence, is_known=is_known, cools_off=cools_off), device, presence, news
    )


def is_trusted(device: Device, presence: Presence, now: datetime, policy: Security) -> bool:
    """Whether value leaves from it without a limit.

    Confirmed, the first one, or around for `trust_after_days` without being forgotten; where the
    member raised an alarm, age is no merit.
    """
    if device.forgotten_at is not None:
        return False
    if device.trusted_at is not None:
        return True
    days = policy.trust_after_days
    if days is None or presence.alarmed_at is not None:
        return False
    return device.first_seen_at <= now - timedelta(days=days)


def check_room(reason: Reason, currency: str, amount: int, *, taken: int, policy: Security) -> None:
    """Refuses NEW_DEVICE_LIMIT where more would have left in 24 hours than may."""
    limit = 0 if reason == Reason.ALARM else policy.limit_of(currency)
    if taken + amount > limit:
        raise NewDeviceLimit(reason, currency, limit=limit, left=max(0, limit - taken))


def check_may_ask(door: Door, member: Member, reason: Reason | None) -> None:
    """Refuses DEVICE_UNNAMED, where a code would change nothing, and NO_CONTACT."""
    if door.visit.device is None and reason != Reason.DORMANT:
        raise DeviceUnnamed
    if member.email is None and member.phone is None:
        raise NoContact


def code_text(member_id: UUID, code_id: UUID, secret: bytes) -> str:
    """The code that is sent: of what is stored and the secret, so that neither alone tells it."""
    digest = hmac.new(secret, _CODE + member_id.bytes + code_id.bytes, sha256).digest()
    return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def tried(
    code: Code | None, given: str, door: Door, now: datetime, secret: bytes
) -> tuple[Code, CodeWrong | None]:
    """The code after this try, and whether it was a wrong one.

    Refuses CODE_EXPIRED: used, too old, tried five times, or asked for from another device.
    """
    if code is None or code.used_at is not None or code.expires_at <= now:
        raise CodeExpired
    if code.tries >= TRIES_MAX or code.device_id != door.visit.device:
        raise CodeExpired
    tries = code.tries + 1
    text = code_text(code.member_id, code.id, secret)
    if not hmac.compare_digest(text.encode(), given.strip().encode()):
        return replace(code, tries=tries), CodeWrong(TRIES_MAX - tries)
    return replace(code, tries=tries, used_at=now), None


def confirmed(door: Door, member: Member, now: datetime) -> Device | None:
    """The device that the code was entered on, trusted from now on."""
    if door.visit.device is None:
        return None
    device = door.device or Device(member.member_id, door.visit.device, now, now)
    return replace(device, last_seen_at=now, trusted_at=now, trusted_by="CODE", forgotten_at=None)


def _presence(presence: Presence, member: Member, now: datetime, *, wakes: bool) -> Presence:
    if wakes:
        return replace(presence, active_at=now, woke_at=now)
    last = max(presence.active_at or member.joined_at, member.joined_at)
    return replace(presence, active_at=now) if last <= now - DAY else presence


def _cools_off(presence: Presence, now: datetime, policy: Security) -> bool:
    woke_at, confirmed_at = presence.woke_at, presence.confirmed_at
    if woke_at is None or (confirmed_at is not None and confirmed_at >= woke_at):
        return False
    return now < woke_at + timedelta(hours=policy.cool_off_hours)


def _reason(presence: Presence, *, is_known: bool, cools_off: bool) -> Reason | None:
    if not is_known and presence.alarmed_at is not None:
        return Reason.ALARM
    if cools_off:
        return Reason.DORMANT
    return None if is_known else Reason.NEW_DEVICE


def _is_first(door: Door, policy: Security) -> bool:
    """Whether there is nothing yet that this device could be compared with."""
    return door.known == 0 and policy.trusts_first


def _device(door: Door, member: Member, now: datetime, *, is_first: bool) -> Device | None:
    if door.visit.device is None:
        return None
    if door.device is not None:
        is_stale = door.device.last_seen_at <= now - DAY
        return replace(door.device, last_seen_at=now) if is_stale else door.device
    registers = door.known == 0 and member.recorded_at == now
    if not registers and not is_first and door.strangers >= STRANGERS_MAX:
        return None
    made = Device(member.member_id, door.visit.device, now, now)
    if registers or is_first:
        return replace(made, trusted_at=now, trusted_by="REGISTRATION" if registers else "FIRST")
    return made


def _is_news(door: Door, member: Member, now: datetime) -> bool:
    """Nobody is told of the device that they have just joined with."""
    return door.device is None and (door.known > 0 or member.joined_at <= now - DAY)


def _is_trusted(device: Device | None, presence: Presence, now: datetime, policy: Security) -> bool:
    return device is not None and is_trusted(device, presence, now, policy)
