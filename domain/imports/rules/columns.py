"""Which column is meant by a heading, and what does a value in it say?

Values come as text from CSV and as numbers, days and instants from Parquet; a column takes both.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime

from domain.imports.errors import ColumnsInvalid, RowInvalid
from domain.imports.model import BALANCES, COLUMNS
from domain.programme.model import Programme
from kit.calendar import day_end, day_start

ALIASES = {
    "external_id": ("customer_id", "customer", "user_id", "会员号", "会员编号", "会员id"),
    "reference": ("balance_reference", "ref", "凭证号", "批次"),
    "nickname": ("name", "display_name", "昵称", "姓名"),
    "email": ("e_mail", "email_address", "mail", "邮箱", "电子邮箱"),
    "phone": ("mobile", "phone_number", "telephone", "手机", "手机号", "电话"),
    "timezone": ("time_zone", "tz", "时区"),
    "locale": ("language", "语言"),
    "birthday": ("birth_date", "date_of_birth", "dob", "生日"),
    "joined_at": ("joined", "member_since", "registered_at", "created_at", "入会时间", "注册时间"),
    "suspended": ("blocked", "停用"),
    "points": ("point_balance", "points_balance", "积分", "积分余额"),
    "growth": ("成长值",),
    "community": ("社区积分",),
    "credit": ("wallet", "store_credit", "储值", "余额"),
    "earned_at": ("granted_at", "获得时间"),
    "activates_at": ("available_at", "available_from", "生效时间"),
    "expires_at": ("expiry", "expires", "expires_on", "expiration_date", "到期时间", "有效期"),
    "tier": ("level", "tier_code", "等级", "会员等级"),
    "tier_since": ("tier_from", "level_since", "等级开始时间"),
    "tier_ends_at": ("tier_until", "level_ends_at", "等级到期时间"),
    "coupon": ("coupon_template", "优惠券"),
    "coupon_code": ("voucher_code", "券码"),
    "coupon_expires_at": ("voucher_expires_at", "券到期时间"),
}  # fmt: skip
"""Other headings; case, spaces and hyphens don't matter."""
TEXT_LETTERS_MAX = 320
AMOUNT_MAX = 2**53 - 1
YEAR_MIN, YEAR_MAX = 1970, 2999
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER = re.compile(r"-?[0-9]{1,16}")
_YES_OR_NO = {
    **dict.fromkeys(("yes", "true", "1", "是"), True),
    **dict.fromkeys(("no", "false", "0", "否"), False),
}
_ENDS = frozenset({"expires_at", "tier_ends_at", "coupon_expires_at"})

Parser = Callable[[str, object, Programme], object]


def columns_of(headings: Sequence[str], ignored: Collection[str] = ()) -> list[str | None]:
    """The column of each heading; None for those that are `ignored`. Refuses COLUMNS_INVALID."""
    left_out = {_normal(name) for name in ignored}
    found: list[str | None] = []
    for heading in headings:
        name = _normal(heading)
        found.append(None if name in left_out else _known(heading, name))
    named = [name for name in found if name is not None]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        which = ", ".join(twice)
        raise ColumnsInvalid(f"there is more than one of {which}", f"{which} 出现多次")
    if "external_id" not in named:
        raise ColumnsInvalid("external_id is missing", "缺少 external_id")
    return found


def parsed(column: str, value: object, programme: Programme) -> object:
    """What stands there; None for nothing. Refuses ROW_INVALID."""
    if isinstance(value, str):
        value = value.strip()
        if len(value) > TEXT_LETTERS_MAX:
            raise RowInvalid(
                column, f"at most {TEXT_LETTERS_MAX} characters", f"最多 {TEXT_LETTERS_MAX} 个字符"
            )
    if value is None or value == "":
        return None
    return _PARSERS.get(column, _text)(column, value, programme)


def _known(heading: str, name: str) -> str:
    column = _BY_NAME.get(name)
    if column is None:
        shown = heading[:40]
        raise ColumnsInvalid(
            f"{shown!r} is unknown; the columns are {', '.join(COLUMNS)}; --ignore leaves one out",
            f"无法识别 {shown!r}；可用列：{', '.join(COLUMNS)}；可用 --ignore 忽略",
        )
    return column


def _normal(heading: str) -> str:
    return re.sub(r"[\s\-]+", "_", heading.strip().lower())


def _text(column: str, value: object, _: Programme) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RowInvalid(column, "must be text", "须为文本")


def _amount(column: str, value: object, _: Programme) -> int:
    """A whole number; Parquet's floating point only where it is one."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= AMOUNT_MAX:
        value = int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > AMOUNT_MAX:
        raise RowInvalid(
            column,
            "must be a whole number, such as 1200, without separators, decimals or exponent",
            "须为整数，例如 1200，不含千位分隔符、小数或指数",
        )
    return value


def _instant(column: str, value: object, programme: Programme) -> datetime:
    """With its zone; a day is the programme's: its end where something ends, else its start."""
    found = _read_instant(value)
    if isinstance(found, datetime):
        if found.tzinfo is None:
            raise RowInvalid(
                column,
                "a time needs its zone, as 2026-12-31T16:00:00Z; a day, as 2026-12-31, is the"
                " programme's",
                "时间须带时区，例如 2026-12-31T16:00:00Z；仅日期（2026-12-31）按会员计划时区",
            )
    elif found is not None and YEAR_MIN <= found.year <= YEAR_MAX:
        edge = day_end if column in _ENDS else day_start
        found = edge(found, programme.zone, programme.day_start_hour)
    if not isinstance(found, datetime) or not YEAR_MIN <= found.year <= YEAR_MAX:
        raise RowInvalid(
            column,
            "must be a time, as 2026-12-31T16:00:00Z, or a day, as 2026-12-31",
            "须为时间（2026-12-31T16:00:00Z）或日期（2026-12-31）",
        )
    return found.astimezone(UTC)


def _read_instant(value: object) -> date | None:
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        return datetime.fromisoformat(value) if _DAY.match(value) else None
    except ValueError:
        return None


def _birthday(column: str, value: object, _: Programme) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise RowInvalid(column, "must be a day, as 1990-05-01", "须为日期，例如 1990-05-01")


def _yes_or_no(column: str, value: object, _: Programme) -> bool:
    found = value if isinstance(value, bool) else _YES_OR_NO.get(str(value).lower())
    if found is None:
        raise RowInvalid(column, "must be yes or no", "须为 是 或 否（yes / no）")
    return found


_PARSERS: dict[str, Parser] = {
    **dict.fromkeys(BALANCES, _amount),
    **dict.fromkeys(
        (
            *("joined_at", "earned_at", "activates_at", "expires_at"),
            *("tier_since", "tier_ends_at", "coupon_expires_at"),
        ),
        _instant,
    ),
    "birthday": _birthday,
    "suspended": _yes_or_no,
}
_BY_NAME = {
    **{alias: column for column in COLUMNS for alias in ALIASES.get(column, ())},
    **{column: column for column in COLUMNS},
}
