"""Which values cross the wire as more than GraphQL's own scalars, and what is refused of them?"""

from datetime import UTC, date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, NewType, cast

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

if TYPE_CHECKING:
    Points = int
    Json = Any
else:
    Points = NewType("Points", int)
    Json = NewType("Json", object)

# Beyond it JavaScript's numbers lose their last digits.
POINTS_MAX = 2**53 - 1
JSON_DEPTH_MAX = 16
_INTEGER_MAX = 2**63 - 1
_DATE_TIME_CHARACTERS_MAX = 40
_DATE_CHARACTERS = 10


def _points(value: object) -> Points:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > POINTS_MAX:
        raise StrawberryInputCoercionError(
            f"Points must be a whole number from -{POINTS_MAX} to {POINTS_MAX}."
        )
    return value


def _date_time(value: object) -> datetime:
    """An instant in UTC; a time without a zone or offset means nothing and is refused."""
    at = _read_date_time(value)
    if at is None or at.tzinfo is None:
        raise StrawberryInputCoercionError(
            "DateTime must be ISO 8601 with a zone, like 2026-03-01T08:00:00Z."
        )
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise StrawberryInputCoercionError("DateTime is out of range.") from None


def _read_date_time(value: object) -> datetime | None:
    if not isinstance(value, str) or not _DATE_CHARACTERS < len(value) <= _DATE_TIME_CHARACTERS_MAX:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _date_time_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _date(value: object) -> date:
    if isinstance(value, str) and len(value) == _DATE_CHARACTERS and value[4] == value[7] == "-":
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise StrawberryInputCoercionError("Date must be like 2026-03-01.")


def _json(value: object) -> object:
    """What the database and our hashes can hold: no endless nesting, no endless number."""
    level = [value]
    for _ in range(JSON_DEPTH_MAX):
        if any(isinstance(found, int) and abs(found) > _INTEGER_MAX for found in level):
            raise StrawberryInputCoercionError("JSON takes whole numbers of at most 64 bits.")
        if any(isinstance(found, float) and not isfinite(found) for found in level):
            raise StrawberryInputCoercionError("JSON takes numbers of at most 64 bits.")
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise StrawberryInputCoercionError(f"JSON is nested at most {JSON_DEPTH_MAX} levels deep.")


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


_SCALARS: dict[object, ScalarDefinition] = {
    Points: strawberry.scalar(
        name="Points",
        description="A JSON integer whose absolute value is at most 2^53-1.",
        serialize=_points,
        parse_value=_points,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, ISO 8601 with a zone or offset; answered in UTC.",
        serialize=_date_time_text,
        parse_value=_date_time,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar, YYYY-MM-DD.",
        serialize=date.isoformat,
        parse_value=_date,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description=f"Any JSON value, nested at most {JSON_DEPTH_MAX} levels deep.",
        parse_value=_json,
    ),
}


def config() -> StrawberryConfig:
    """The configuration that every schema of ours is made with."""
    return StrawberryConfig(scalar_map=_SCALARS, disable_field_suggestions=True)
