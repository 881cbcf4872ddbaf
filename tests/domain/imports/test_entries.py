"""What may stand in a column, and what is said of what may not?"""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.imports import rules
from domain.imports.errors import ColumnsInvalid, ImportConflict, RowInvalid
from domain.imports.rules import Reconciling, columns_of, entry_of
from kit.errors import Refusal
from tests.support.world import NOW, programme


def entry(**cells: object):
    return entry_of({"external_id": "c-1", **cells}, programme(), now=NOW)


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        (["external_id", "points"], ["external_id", "points"]),
        ([" Customer ID ", "Point-Balance", "EXPIRY"], ["external_id", "points", "expires_at"]),
        (["会员号", "积分", "到期时间"], ["external_id", "points", "expires_at"]),
        (["external_id", "Notes"], ["external_id", None]),
    ],
)
def test_headings_are_known_by_their_other_names(headings: list[str], columns: list[str | None]):
    assert columns_of(headings, ["notes"]) == columns


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["points"], "external_id is missing"),
        (["external_id", "ponits"], "'ponits' is unknown"),
        (["external_id", "points", "积分"], "more than one of points"),
        ([], "external_id is missing"),
    ],
)
def test_headings_that_lose_something_are_refused(headings: list[str], said: str):
    with pytest.raises(ColumnsInvalid, match=said):
        columns_of(headings)


@pytest.mark.parametrize(
    "value", ["1,200", "12.0", "1.2E+05", "１２", "twelve", "--5", "9" * 17, True, 12.5, 2**53]
)
def test_what_is_no_whole_number_is_refused(value: object):
    with pytest.raises(RowInvalid, match="Column points: must be a whole number"):
        entry(points=value)


@pytest.mark.parametrize(("value", "amount"), [(" 1200 ", 1200), ("-5", -5), (7, 7), (12.0, 12)])
def test_whole_numbers_are_taken_as_text_and_as_numbers(value: object, amount: int):
    assert entry(points=value).balances == {"POINTS": amount}


@pytest.mark.parametrize(
    "value", ["2026-12-31T16:00:00", "2026/12/31", "31.12.2026", "46387", "2026-13-01", "20261231",
              datetime(2026, 12, 31), 46388, "3026-01-01"],  # noqa: DTZ001  what is refused
)  # fmt: skip
def test_a_time_without_its_zone_or_in_another_form_is_refused(value: object):
    with pytest.raises(RowInvalid) as caught:
        entry(points=1, expires_at=value)
    assert caught.value.column == "expires_at"


@pytest.mark.parametrize(
    "value",
    [
        "2026-12-31",
        date(2026, 12, 31),
        "2026-12-31T16:00:00Z",
        "2027-01-01T00:00:00+08:00",
        datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_a_day_ends_with_the_programmes_and_an_instant_is_one_in_any_zone(value: object):
    found = entry(points=1, expires_at=value)
    assert found.expires_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert rules.stored(found) == rules.stored(entry(points=1, expires_at="2026-12-31"))


def test_an_amount_that_never_expires_says_so():
    assert entry(points=1, expires_at="Never").is_lasting
    assert not entry(points=1).is_lasting


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"points": 1, "expires_at": NOW}, "expires_at"),
        ({"points": 1, "earned_at": "2026-03-03T00:00:00Z"}, "earned_at"),
        ({"points": 1, "activates_at": "2027-01-01", "expires_at": "2026-12-01"}, "activates_at"),
        ({"expires_at": "2026-12-31"}, "expires_at"),
        ({"points": -1, "expires_at": "2026-12-31"}, "expires_at"),
        ({"growth": -1}, "growth"),
        ({"community": "-1"}, "community"),
        ({"tier": "IRON"}, "tier"),
        ({"tier_since": "2026-01-01"}, "tier"),
        ({"tier": "GOLD", "tier_since": "2026-04-01"}, "tier_since"),
        ({"tier": "GOLD", "tier_ends_at": "2026-03-01"}, "tier_ends_at"),
        ({"coupon": "NONE"}, "coupon"),
        ({"coupon_code": "ABCD"}, "coupon"),
        ({"coupon": "COUPON_10", "coupon_code": "abc"}, "coupon_code"),
        ({"coupon": "COUPON_10", "coupon_code": "优惠券一二"}, "coupon_code"),
        ({"coupon": "COUPON_10", "coupon_expires_at": "2026-03-01"}, "coupon_expires_at"),
        ({"email": "not an address"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"locale": "fr"}, "locale"),
        ({"nickname": "x" * 65}, "nickname"),
        ({"nickname": "x" * 400}, "nickname"),
        ({"birthday": "1 May 1990"}, "birthday"),
        ({"birthday": "2027-01-01"}, "birthday"),
        ({"joined_at": "2027-01-01"}, "joined_at"),
        ({"suspended": "perhaps"}, "suspended"),
        ({"reference": "x" * 101}, "reference"),
        ({"external_id": "x" * 129}, "external_id"),
        ({"external_id": None}, "external_id"),
    ],
)
def test_what_can_not_be_booked_names_its_column_in_both_languages(
    cells: dict[str, object], column: str
):
    with pytest.raises(RowInvalid) as caught:
        entry(**cells)
    assert caught.value.column == column
    assert caught.value.message("zh-CN").startswith(f"列 {column}：")
    assert caught.value.message("en").startswith(f"Column {column}: ")


def test_contacts_are_kept_in_their_one_spelling():
    found = entry(email=" Ann@Shop.example ", phone="138 0013 8000")
    assert (found.email, found.phone) == ("ann@shop.example", "+8613800138000")


def told(reconciling: Reconciling, **cells: object) -> str | None:
    try:
        reconciling.add(entry(**cells))
    except Refusal as refusal:
        return refusal.code
    return None


def test_the_rows_of_a_file_are_added_up_and_none_counts_twice():
    file = Reconciling(programme())
    assert told(file, points=100, expires_at="2026-12-31") is None
    assert told(file, points=100, expires_at="2026-12-31") is None
    assert told(file, reference="b", points=20, expires_at="never", tier="GOLD") is None
    assert told(file, external_id="c-2", points=-5, growth=7, coupon="COUPON_10") is None
    assert told(file, external_id="c-3", points=3, expires_at="2027-01-01T00:00:00+08:00") is None
    assert file.repeated == 1
    assert file.totals.figures() == {
        "rows": 4,
        "members": 3,
        "points": 118,
        "growth": 7,
        "community": 0,
        "tiers": 1,
        "coupons": 1,
    }
    assert dict(file.totals.by_month) == {
        ("POINTS", "2026-12"): 103,
        ("POINTS", "never"): 20,
        ("POINTS", "by the programme"): -5,
    }


def test_rows_that_say_different_things_of_one_are_refused():
    file = Reconciling(programme())
    assert told(file, points=100, email="a@shop.example") is None
    assert told(file, points=101) == ImportConflict.code
    assert told(file, external_id="c-2", email="A@shop.example") == "IMPORTED_CONTACT_TAKEN"
    assert told(file, external_id="c-3", coupon="COUPON_10", coupon_code="CODE-1") is None
    assert (
        told(file, external_id="c-4", coupon="COUPON_10", coupon_code="CODE-1")
        == "IMPORTED_CODE_TAKEN"
    )
    assert file.totals.figures()["members"] == 2
