"""What is a programme document built of: sections, texts, codes, exact numbers, money?"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

EXPONENT_DEFAULT = 2
"""Decimals of the default currency (CNY); other currencies come in through `Programme.of`."""

Locale = Literal["zh-CN", "en"]

_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")

MONEY = "money"
"""Marks, in a type of the model, amounts that the document writes in yuan."""

K = TypeVar("K")
V = TypeVar("V")


class Section(BaseModel):
    """A part of the document: immutable, closed to unknown keys, without silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Text(Section):
    """What a member reads, in both languages: `{zh-CN: …, en: …}`."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    zh_cn: str = Field(
        min_length=1, max_length=200, validation_alias="zh-CN", serialization_alias="zh-CN"
    )
    en: str = Field(min_length=1, max_length=200)

    def in_(self, locale: str) -> str:
        """The text in `locale`; any Chinese locale reads zh-CN, all others en."""
        return self.zh_cn if locale.lower().startswith("zh") else self.en


def _exact(value: object) -> Decimal:
    if isinstance(value, float):
        raise PydanticCustomError(
            "decimal_float",
            "is a float, which is not exact",
            {"allowed": 'a decimal such as "1.25"'},
        )
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise PydanticCustomError(
            "decimal_type", "is not a number", {"allowed": 'a decimal such as "1.25"'}
        )
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not _DECIMAL.fullmatch(text):
        raise PydanticCustomError(
            "decimal_text",
            "is not a plain decimal number",
            {"allowed": 'a decimal such as "1.25", at most 12 digits before and 6 after the point'},
        )
    return Decimal(text)


def plain_decimal(value: Decimal) -> str:
    """`17.50` and `17.5` are written alike, never with an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _exponent_of(info: ValidationInfo | SerializationInfo) -> int:
    context: Mapping[str, Any] = info.context or {}
    return int(context.get("exponent", EXPONENT_DEFAULT))


def _to_minor(value: object, info: ValidationInfo) -> int:
    exponent = _exponent_of(info)
    minor = _exact(value).scaleb(exponent)
    if minor != minor.to_integral_value():
        raise PydanticCustomError(
            "money_decimals",
            "has more decimals than the currency",
            {"allowed": f"at most {exponent} decimals"},
        )
    return int(minor)


def _to_major(value: int, info: SerializationInfo) -> str:
    return plain_decimal(Decimal(value).scaleb(-_exponent_of(info)))


def _to_instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "instant_text",
            "is not an instant",
            {"allowed": "an ISO 8601 instant with its offset, such as 2026-01-31T00:00:00+08:00"},
        ) from None


def _to_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError(
            "instant_naive",
            "is an instant without its offset from UTC",
            {"allowed": "an ISO 8601 instant with its offset, such as 2026-01-31T00:00:00+08:00"},
        )
    return value.astimezone(UTC)


def _frozen(value: Mapping[K, V]) -> Mapping[K, V]:
    return MappingProxyType(dict(value))


def no_entries() -> Mapping[Any, Any]:
    return MappingProxyType({})


def an_empty_section() -> Any:  # noqa: ANN401  validated into the section that it stands for
    """The default of a section with money in it, whose minor units depend on the currency."""
    return {}


Exact = Annotated[Decimal, BeforeValidator(_exact), PlainSerializer(plain_decimal, return_type=str)]
"""An exact decimal, from a whole number, a decimal string or a Decimal; a float is refused."""

MoneyMinor = Annotated[
    int,
    BeforeValidator(_to_minor),
    PlainSerializer(_to_major, return_type=str),
    MONEY,
]
"""Written in the document as yuan (10^exponent minor units), held in minor units.

A default in yuan needs `validate_default`, to become minor units like what is written."""

Instant = Annotated[datetime, BeforeValidator(_to_instant), AfterValidator(_to_utc)]

Frozen = Annotated[
    Mapping[K, V], AfterValidator(_frozen), PlainSerializer(dict, return_type=dict[Any, Any])
]
"""A mapping that can't be changed."""

CODE_FORM = r"^[A-Z][A-Z0-9_]{0,39}$"
Code = Annotated[str, Field(pattern=CODE_FORM)]
Points = Annotated[int, Field(ge=0, le=10_000_000)]
PointsPositive = Annotated[int, Field(ge=1, le=10_000_000)]
Days = Annotated[int, Field(ge=0, le=3_660)]
DaysPositive = Annotated[int, Field(ge=1, le=3_660)]
Months = Annotated[int, Field(ge=1, le=120)]
Percent = Annotated[int, Field(ge=0, le=100)]
PercentPositive = Annotated[int, Field(ge=1, le=100)]
PerDay = Annotated[int, Field(ge=1, le=1_000)]
Multiplier = Annotated[Exact, Field(gt=0, le=5)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
