"""Who may become a member, in which spelling are they kept, and which zone counts their days?"""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Literal
from unicodedata import category
from zoneinfo import available_timezones

from domain.members.errors import BirthdayChangedRecently, TimezoneChangedRecently
from domain.members.model import Enrolment, Member, NewMember, Registration, Scope
from domain.programme.model import Programme
from kit import calendar
from kit.contacts import normal_email, normal_phone
from kit.errors import InvalidInput

NICKNAME_LENGTH_MAX = 64
IDENTIFIER_LENGTH_MAX = 128
PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 128
REASON_LENGTH_MAX = 500
CLOCK_AHEAD_MAX = timedelta(minutes=5)
JOINED_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
ZONE_CHANGE_EVERY = timedelta(days=30)
ZONE_AHEAD_MAX = timedelta(hours=14)
BIRTHDAY_EARLIEST = date(1900, 1, 1)
BIRTHDAY_CHANGE_EVERY = timedelta(days=365)
_LOCALES = ("zh-CN", "en")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NO_INK_CATEGORIES = frozenset({"Cf", "Zs"})
_NOBODYS_ZONES = frozenset({"Factory", "localtime"})
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

ContactKind = Literal["email", "phone"]


def registration(
    asked: Registration, programme: Programme, *, now: datetime, secret: bytes
) -> NewMember:
    """Somebody who registers; their password's hash is added later. Refuses INVALID_INPUT.

    `secret` keys the hash of the device id, so that nobody can tell devices from the table.
    """
    nickname = valid_nickname(asked.nickname)
    _require_one_contact(asked.email, asked.phone)
    valid_password(asked.password)
    device_id = valid_identifier(asked.device_id, "deviceId") if asked.device_id else None
    return NewMember(
        nickname=nickname,
        email=_valid_contact("email", asked.email, programme),
        phone=_valid_contact("phone", asked.phone, programme),
        timezone=_zone(asked.timezone, programme),
        locale=_locale(asked.locale, programme),
        joined_at=now,
        device_hash=None if device_id is None else keyed_hash(device_id, secret),
    )


def enrolment(asked: Enrolment, programme: Programme, *, now: datetime) -> NewMember:
    """A shop's customer, with or without contacts. Refuses INVALID_INPUT."""
    return NewMember(
        external_id=valid_identifier(asked.external_id, "externalId"),
        nickname=valid_nickname(asked.nickname),
        email=_valid_contact("email", asked.email, programme),
        phone=_valid_contact("phone", asked.phone, programme),
        timezone=_zone(asked.timezone, programme),
        locale=_locale(asked.locale, programme),
        joined_at=now if asked.joined_at is None else _valid_joined_at(asked.joined_at, now),
        birthday=asked.birthday and valid_birthday(asked.birthday, now),
    )


def sign_in_contact(
    email: str | None, phone: str | None, programme: Programme
) -> tuple[ContactKind, str]:
    """The directory's key of the contact that somebody signs in with. Refuses INVALID_INPUT."""
    _require_one_contact(email, phone)
    address = _valid_contact("email", email, programme)
    if address is not None:
        return "email", address
    number = _valid_contact("phone", phone, programme)
    assert number is not None, "one of the two is given"
    return "phone", number


def directory_contact(contact: str, programme: Programme) -> tuple[ContactKind, str] | None:
    """The same for a contact of either kind; None for what is neither."""
    kind: ContactKind = "email" if "@" in contact else "phone"
    try:
        return kind, _spelling(kind, programme)(contact)
    except ValueError:
        return None


def valid_nickname(text: str) -> str:
    """Trimmed, 1 to 64 characters, nothing in it that can't be seen. Refuses INVALID_INPUT."""
    trimmed = text.strip()
    path = ["input", "nickname"]
    if not 1 <= len(trimmed) <= NICKNAME_LENGTH_MAX:
        raise InvalidInput(
            path,
            f"1 to {NICKNAME_LENGTH_MAX} characters",
            f"长度须为 1 至 {NICKNAME_LENGTH_MAX} 个字符",
        )
    _require_seen(trimmed, path)
    if all(category(letter) in _NO_INK_CATEGORIES for letter in trimmed):
        raise InvalidInput(path, "a character that can be seen", "须含有可见字符")
    return trimmed


def valid_password(text: str) -> str:
    """8 to 128 characters. Refuses INVALID_INPUT."""
    if not PASSWORD_LENGTH_MIN <= len(text) <= PASSWORD_LENGTH_MAX:
        raise InvalidInput(
            ["input", "password"],
            f"{PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters",
            f"长度须为 {PASSWORD_LENGTH_MIN} 至 {PASSWORD_LENGTH_MAX} 个字符",
        )
    if any(category(letter) == "Cs" for letter in text):
        raise InvalidInput(["input", "password"], "not valid text", "不是有效的文本")
    return text


def valid_identifier(text: str, name: str, within: str = "input") -> str:
    """Another system's id, kept as it came: 1 to 128 characters, none unseen, no space around.

    `within`: the argument in which it was given. Refuses INVALID_INPUT.
    """
    path = [within, name]
    if not 1 <= len(text) <= IDENTIFIER_LENGTH_MAX or text != text.strip():
        raise InvalidInput(
            path,
            f"1 to {IDENTIFIER_LENGTH_MAX} characters without space around them",
            f"长度须为 1 至 {IDENTIFIER_LENGTH_MAX} 个字符，首尾不得有空格",
        )
    _require_seen(text, path)
    return text


def valid_reason(text: str, *path: str) -> str:
    """Why staff did it, 1 to 500 characters. Refuses INVALID_INPUT.

    `path`: where it was given; `input.reason` by default.
    """
    trimmed = text.strip()
    where = list(path or ("input", "reason"))
    if not 1 <= len(trimmed) <= REASON_LENGTH_MAX:
        raise InvalidInput(
            where,
            f"1 to {REASON_LENGTH_MAX} characters",
            f"长度须为 1 至 {REASON_LENGTH_MAX} 个字符",
        )
    _require_seen(trimmed.replace("\n", " "), where)
    return trimmed


def valid_zone(zone: str) -> str:
    """An IANA name. Refuses INVALID_INPUT."""
    if zone not in _zones():
        raise InvalidInput(
            ["input", "timezone"],
            "an IANA time zone, such as Asia/Shanghai",
            "须为 IANA 时区，例如 Asia/Shanghai",
        )
    return zone


def valid_locale(locale: str) -> str:
    """Refuses INVALID_INPUT."""
    if locale not in _LOCALES:
        raise InvalidInput(["input", "locale"], "zh-CN or en", "须为 zh-CN 或 en")
    return locale


def valid_birthday(birthday: date, now: datetime) -> date:
    """A day from 1900 on that has come somewhere on Earth. Refuses INVALID_INPUT."""
    if not BIRTHDAY_EARLIEST <= birthday <= (now + ZONE_AHEAD_MAX).date():
        raise InvalidInput(
            ["input", "birthday"],
            f"a day from {BIRTHDAY_EARLIEST} to today",
            f"须为 {BIRTHDAY_EARLIEST} 至今天的日期",
        )
    return birthday


def with_birthday(member: Member, birthday: date, now: datetime) -> Member:
    """The member with the birthday that they state; the one known already changes nothing.

    The first one may be replaced at any time, then once in 365 days. Refuses
    BIRTHDAY_CHANGED_RECENTLY.
    """
    if birthday == member.birthday:
        return member
    if member.birthday is None:
        return replace(member, birthday=birthday, birthday_set_at=now)
    _require_birthday_change_allowed(member, now)
    return replace(member, birthday=birthday, birthday_set_at=now, birthday_changed_at=now)


def is_birthday_month(member: Member, day: date, *, day_start_hour: int = 0) -> bool:
    """Whether the member's `day` lies in the month of a birthday that was known before it began."""
    if member.birthday is None or member.birthday_set_at is None:
        return False
    stated_on = day_at(member, member.birthday_set_at, day_start_hour=day_start_hour)
    return day.month == member.birthday.month and stated_on < day.replace(day=1)


def _require_birthday_change_allowed(member: Member, now: datetime) -> None:
    if member.birthday_changed_at is None:
        return
    again_at = member.birthday_changed_at + BIRTHDAY_CHANGE_EVERY
    if now < again_at:
        raise BirthdayChangedRecently(again_at)


def valid_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Each once, at least one. Refuses INVALID_INPUT."""
    known = [scope.value for scope in Scope]
    wanted = set(scopes)
    if not wanted or wanted - set(known):
        listed = ", ".join(known)
        raise InvalidInput(
            ["input", "scopes"], f"one or more of {listed}", f"须为以下一项或多项：{listed}"
        )
    return tuple(scope for scope in known if scope in wanted)


def keyed_hash(text: str, secret: bytes) -> str:
    """HMAC-SHA-256 (hex): equal for equal texts, and unguessable without the secret."""
    return hmac.new(secret, text.encode(), sha256).hexdigest()


def zone_change(member: Member, *, day_start_hour: int = 0) -> calendar.ZoneChange | None:
    """The member's last move to another zone, be it in force or not; None for who never moved."""
    if member.next_timezone is None or member.timezone_changed_at is None:
        return None
    return calendar.ZoneChange(
        member.timezone, member.next_timezone, member.timezone_changed_at, day_start_hour
    )


def zone_at(member: Member, at: datetime, *, day_start_hour: int = 0) -> str:
    """The zone that is in force for this member at `at`."""
    change = zone_change(member, day_start_hour=day_start_hour)
    if change is None or at < change.starts_at:
        return member.timezone
    return change.zone


def day_at(member: Member, at: datetime, *, day_start_hour: int = 0) -> date:
    """The member's day at `at`: no date comes twice and none comes back when they move."""
    change = zone_change(member, day_start_hour=day_start_hour)
    if change is None:
        return calendar.day_of(at, member.timezone, day_start_hour)
    return change.day_of(at)


def require_zone_change_allowed(member: Member, now: datetime) -> None:
    """Refuses TIMEZONE_CHANGED_RECENTLY within 30 days of the last change."""
    if member.timezone_changed_at is None:
        return
    again_at = member.timezone_changed_at + ZONE_CHANGE_EVERY
    if now < again_at:
        raise TimezoneChangedRecently(again_at)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NOBODYS_ZONES)


def _require_one_contact(email: str | None, phone: str | None) -> None:
    if (email is None) == (phone is None):
        raise InvalidInput(
            ["input"],
            "an email address or a phone number, one of them",
            "须且只须提供邮箱或手机号之一",
        )


def _valid_contact(kind: ContactKind, text: str | None, programme: Programme) -> str | None:
    if text is None:
        return None
    try:
        return _spelling(kind, programme)(text)
    except ValueError:
        raise InvalidInput(["input", kind], *_CONTACT_REASONS[kind]) from None


_CONTACT_REASONS = {
    "email": ("an email address", "须为邮箱地址"),
    "phone": (
        "a phone number with its country code, such as +8613800138000",
        "须为手机号，例如 +8613800138000",
    ),
}


def _spelling(kind: ContactKind, programme: Programme) -> Callable[[str], str]:
    if kind == "email":
        return normal_email
    return lambda text: normal_phone(text, "CN" if programme.locale == "zh-CN" else "ZZ")


def _zone(asked: str | None, programme: Programme) -> str:
    return programme.zone if asked is None else valid_zone(asked)


def _locale(asked: str | None, programme: Programme) -> str:
    return programme.locale if asked is None else valid_locale(asked)


def _valid_joined_at(joined_at: datetime, now: datetime) -> datetime:
    if not JOINED_EARLIEST <= joined_at <= now + CLOCK_AHEAD_MAX:
        raise InvalidInput(
            ["input", "joinedAt"],
            "an instant since 1970 that is not ahead",
            "须为 1970 年以来、不晚于现在的时间",
        )
    return joined_at


def _require_seen(text: str, path: list[str]) -> None:
    if any(
        letter in _DIRECTION_OVERRIDES or category(letter) in _UNSEEN_CATEGORIES for letter in text
    ):
        raise InvalidInput(path, "no control characters", "不得含有控制字符")
