"""May a row be booked, and in which form is it kept until it is?"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, cast

from domain.imports.errors import RowInvalid, revived
from domain.imports.model import BALANCES, IN_LOTS, NEVER, Entry
from domain.imports.rules.columns import parsed
from domain.members import rules as members
from domain.members.model import Enrolment, NewMember
from domain.programme.model import Programme
from kit.errors import InvalidInput, Refusal

REFERENCE = "opening"
"""Where the file names none."""
REFERENCE_LETTERS_MAX = 100
CODE_LETTERS = range(4, 65)
CLOCK_AHEAD_MAX = timedelta(minutes=5)
_REFUSED = "refused"
_DEFAULTS: dict[str, Any] = asdict(Entry(external_id="", reference=""))
_LOT_DATES = ("earned_at", "activates_at", "expires_at")


def entry_of(record: Mapping[str, object], programme: Programme, *, now: datetime) -> Entry:
    """The row of these columns. Refuses ROW_INVALID."""
    values: dict[str, Any] = {}
    for column, value in record.items():
        lasts = column == "expires_at" and isinstance(value, str) and value.lower() == NEVER
        if lasts:
            values["is_lasting"] = True
        elif (found := parsed(column, value, programme)) is not None:
            values[column] = found
    if "external_id" not in values:
        raise RowInvalid("external_id", "is missing", "不能为空")
    amounts = {BALANCES[name]: values.pop(name) for name in BALANCES if name in values}
    values["balances"] = {str(currency): amount for currency, amount in amounts.items() if amount}
    named: dict[str, Any] = {"reference": REFERENCE, **values}
    entry = Entry(**named)
    newcomer = newcomer_of(entry, programme, now=now)
    kept = {"email": newcomer.email, "phone": newcomer.phone}
    return checked(replace(entry, **kept), programme, now=now)


def newcomer_of(entry: Entry, programme: Programme, *, now: datetime) -> NewMember:
    """The member whom the row's customer becomes who is none yet. Refuses ROW_INVALID."""
    asked = Enrolment(
        external_id=entry.external_id,
        nickname=entry.nickname or entry.external_id[: members.NICKNAME_LENGTH_MAX],
        email=entry.email,
        phone=entry.phone,
        timezone=entry.timezone,
        locale=cast("Any", entry.locale),
        joined_at=entry.joined_at,
        birthday=entry.birthday,
    )
    try:
        return members.enrolment(asked, programme, now=now)
    except InvalidInput as invalid:
        column = _COLUMNS_OF_PATHS.get(invalid.path[-1], invalid.path[-1])
        en, zh = invalid.facts["reason_en"], invalid.facts["reason_zh"]
        raise RowInvalid(column, f"must be {en}", str(zh)) from None


def checked(entry: Entry, programme: Programme, *, now: datetime) -> Entry:
    """The same entry, as long as it may be booked at `now`. Refuses ROW_INVALID."""
    if len(entry.reference) > REFERENCE_LETTERS_MAX:
        raise RowInvalid(
            "reference",
            f"at most {REFERENCE_LETTERS_MAX} characters",
            f"最多 {REFERENCE_LETTERS_MAX} 个字符",
        )
    _check_balances(entry, now)
    _check_tier(entry, programme, now)
    _check_coupon(entry, programme, now)
    return entry


def stored(entry: Entry | Refusal) -> dict[str, Any]:
    """As a batch keeps it, as JSON; of one that was refused, why."""
    if isinstance(entry, Refusal):
        return {_REFUSED: [entry.code, entry.facts]}
    return {
        name: value
        for name, default in _DEFAULTS.items()
        if (value := getattr(entry, name)) != default
    }


def unstored(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the entry. Refuses what was refused when the file was read."""
    if _REFUSED in data:
        code, facts = data[_REFUSED]
        raise revived(code, facts)
    return {**_DEFAULTS, **data}


_COLUMNS_OF_PATHS = {"externalId": "external_id", "joinedAt": "joined_at"}


def _check_balances(entry: Entry, now: datetime) -> None:
    for column, currency in BALANCES.items():
        if currency not in IN_LOTS and entry.balances.get(currency, 0) < 0:
            raise RowInvalid(column, "can't be below zero", "不能为负数")
    in_lots = [entry.balances[currency] for currency in IN_LOTS if currency in entry.balances]
    dates = [name for name in _LOT_DATES if getattr(entry, name) is not None]
    if dates and not in_lots:
        raise RowInvalid(dates[0], "belongs to a balance, which is missing", "缺少对应的余额")
    if dates and min(in_lots) < 0:
        raise RowInvalid(dates[0], "a debt has no dates", "欠分没有日期")
    _check_dates(entry, now)


def _check_dates(entry: Entry, now: datetime) -> None:
    if entry.earned_at is not None and entry.earned_at > now + CLOCK_AHEAD_MAX:
        raise RowInvalid("earned_at", "is ahead", "不能晚于现在")
    if entry.expires_at is None:
        return
    if entry.expires_at <= now:
        raise RowInvalid("expires_at", "has passed: this balance has expired", "余额已过期")
    if entry.activates_at is not None and entry.activates_at >= entry.expires_at:
        raise RowInvalid("activates_at", "must be before expires_at", "须早于 expires_at")


def _check_tier(entry: Entry, programme: Programme, now: datetime) -> None:
    since, ends_at = entry.tier_since, entry.tier_ends_at
    if entry.tier is None:
        if since is not None or ends_at is not None:
            raise RowInvalid("tier", "is missing", "不能为空")
        return
    codes = [tier.code for tier in programme.tiers.ladder]
    if entry.tier not in codes:
        known = ", ".join(codes)
        raise RowInvalid("tier", f"must be one of {known}", f"须为 {known} 之一")
    if since is not None and since > now + CLOCK_AHEAD_MAX:
        raise RowInvalid("tier_since", "is ahead", "不能晚于现在")
    if ends_at is not None and ends_at <= (since or now):
        raise RowInvalid("tier_ends_at", "must be after the tier's begin", "须晚于等级开始时间")


def _check_coupon(entry: Entry, programme: Programme, now: datetime) -> None:
    code, expires_at = entry.coupon_code, entry.coupon_expires_at
    if entry.coupon is None:
        if code is not None or expires_at is not None:
            raise RowInvalid("coupon", "is missing", "不能为空")
        return
    if programme.coupon(entry.coupon) is None:
        raise RowInvalid(
            "coupon", "is no coupon of the programme in force", "现行会员计划中没有该优惠券"
        )
    if code is not None and not _is_code(code):
        raise RowInvalid(
            "coupon_code",
            "must be 4 to 64 printable ASCII characters",
            "须为 4 至 64 个可见 ASCII 字符",
        )
    if expires_at is not None and expires_at <= now:
        raise RowInvalid("coupon_expires_at", "has passed", "已过期")


def _is_code(code: str) -> bool:
    return len(code) in CODE_LETTERS and code.isascii() and code.isprintable()
