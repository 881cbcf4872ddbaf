"""Are values read exactly, and are those that mean nothing refused before anything runs?"""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import strawberry

from schema.limits.execution import LimitedSchema
from schema.scalars import POINTS_MAX, Json, Points, config


@strawberry.type
class Query:
    @strawberry.field
    def points(self, of: Points) -> Points:
        return of

    @strawberry.field
    def instant(self, at: datetime) -> datetime:
        assert at.tzinfo is UTC
        return at

    @strawberry.field
    def day(self, on: date) -> date:
        return on

    @strawberry.field
    def json(self, value: Json) -> Json:
        return value

    @strawberry.field
    def counted(self, to: int) -> int:
        return to

    @strawberry.field
    def too_many(self) -> Points:
        return Points(POINTS_MAX + 1)

    @strawberry.field
    def elsewhere(self) -> datetime:
        return datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))


SCHEMA = LimitedSchema(Query, config=config())


def ask(field: str, argument: str, type_: str, value: object) -> tuple[object, str | None]:
    text = f"query Q($value: {type_}!) {{ {field}({argument}: $value) }}"
    result = SCHEMA.execute_sync(text, {"value": value})
    message = result.errors[0].message if result.errors else None
    return (result.data or {}).get(field), message


@pytest.mark.parametrize("value", [0, 37, -5, POINTS_MAX, -POINTS_MAX])
def test_points_are_integers_as_exact_as_json(value: int) -> None:
    assert ask("points", "of", "Points", value) == (value, None)


@pytest.mark.parametrize("value", [POINTS_MAX + 1, -POINTS_MAX - 1, 1.0, 1.5, "5", True, [], {}])
def test_points_of_another_kind_or_size_are_refused(value: object) -> None:
    found, message = ask("points", "of", "Points", value)
    assert found is None
    assert message is not None
    assert f"Points must be a whole number from -{POINTS_MAX} to {POINTS_MAX}." in message


def test_points_in_the_document_itself_are_read_the_same() -> None:
    result = SCHEMA.execute_sync("{ points(of: 37) }")
    assert result.data == {"points": 37}
    assert SCHEMA.execute_sync('{ points(of: "37") }').errors
    assert SCHEMA.execute_sync("{ points(of: 9007199254740992) }").errors


def test_points_beyond_the_range_are_our_fault_when_answered() -> None:
    assert SCHEMA.execute_sync("{ tooMany }").data is None


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z"),
        ("2026-03-01T08:00:00+08:00", "2026-03-01T00:00:00Z"),
        ("2026-03-01T08:00:00.123456Z", "2026-03-01T08:00:00.123456Z"),
        ("2026-03-01 08:00:00Z", "2026-03-01T08:00:00Z"),
    ],
)
def test_an_instant_is_read_with_its_zone_and_answered_in_utc(value: str, instant: str) -> None:
    assert ask("instant", "at", "DateTime", value) == (instant, None)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T08:00:00",
        "2026-03-01",
        "2026-02-30T08:00:00Z",
        "yesterday",
        "",
        "2026-03-01T08:00:00Z" + " " * 30,
        1_772_352_000,
        True,
        None,
    ],
)
def test_an_instant_without_zone_or_sense_is_refused(value: object) -> None:
    found, message = ask("instant", "at", "DateTime", value)
    assert found is None
    assert message is not None


def test_an_instant_before_the_calendar_is_refused() -> None:
    _, message = ask("instant", "at", "DateTime", "0001-01-01T00:00:00+08:00")
    assert message is not None
    assert "DateTime is out of range." in message


def test_an_instant_of_another_zone_is_answered_in_utc() -> None:
    assert SCHEMA.execute_sync("{ elsewhere }").data == {"elsewhere": "2026-03-01T00:00:00Z"}


def test_a_day_is_year_month_day() -> None:
    assert ask("day", "on", "Date", "2024-02-29") == ("2024-02-29", None)


@pytest.mark.parametrize("value", ["2026-02-29", "20260301", "2026-W09-7", "2026-3-1", 1])
def test_a_day_of_another_form_is_refused(value: object) -> None:
    found, message = ask("day", "on", "Date", value)
    assert found is None
    assert message is not None
    assert "Date must be like 2026-03-01." in message


def test_json_is_handed_on_as_it_is() -> None:
    value = {"lines": [{"amountMinor": 5, "eligible": True}], "none": None}
    assert ask("json", "value", "JSON", value) == (value, None)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5_000])
def test_a_number_that_json_cannot_hold_is_refused_in_the_document_too(number: str) -> None:
    found = SCHEMA.execute_sync(f"{{ json(value: {{ number: {number} }}) }}")
    assert found.errors is not None
    assert "JSON takes numbers of at most 64 bits." in found.errors[0].message


def test_a_number_too_long_for_python_is_refused_without_its_words() -> None:
    found = SCHEMA.execute_sync(f"{{ counted(to: {'9' * 5_000}) }}")
    assert found.errors is not None
    assert found.errors[0].message == "Expected value of type 'Int'"
