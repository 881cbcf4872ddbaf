"""Do parts sum to the whole, and do readers see amounts as they write them?"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import exponent, format_money, largest_remainder, plain_amount, spread

WEIGHTS = st.dictionaries(
    st.text("abcd", min_size=1, max_size=4), st.integers(0, 10_000), min_size=1
)


def test_the_largest_remainders_get_what_the_floors_leave():
    assert largest_remainder(10, [("a", 50), ("b", 30), ("c", 21)]) == {"a": 5, "b": 3, "c": 2}
    assert largest_remainder(8, [("a", 50), ("b", 30), ("c", 21)]) == {"a": 4, "b": 2, "c": 2}


def test_equal_remainders_go_in_the_order_of_the_ids():
    assert largest_remainder(10, [("c", 1), ("b", 1), ("a", 1)]) == {"c": 3, "b": 3, "a": 4}


def test_a_zero_line_gets_nothing():
    assert largest_remainder(1, [("a", 0), ("b", 1)]) == {"a": 0, "b": 1}


def test_nothing_is_split_over_nothing():
    assert largest_remainder(0, [("a", 0)]) == {"a": 0}
    assert largest_remainder(0, []) == {}
    with pytest.raises(ValueError, match="nothing to split over"):
        largest_remainder(1, [("a", 0)])


def test_exact_amounts_split_exactly():
    weights = [("a", Fraction(375, 10)), ("b", Fraction(875, 10))]
    assert largest_remainder(124, weights) == {"a": 37, "b": 87}


@given(WEIGHTS, st.data())
def test_parts_sum_to_the_whole_and_none_exceeds_its_own_amount(weights, data):
    total = data.draw(st.integers(0, sum(weights.values())))
    parts = largest_remainder(total, list(weights.items()))
    assert sum(parts.values()) == total
    assert all(0 <= part <= weights[key] for key, part in parts.items())


@given(WEIGHTS, st.integers(0, 10_000))
def test_the_order_of_the_lines_changes_nothing(weights, total):
    if not sum(weights.values()):
        total = 0
    forwards = largest_remainder(total, list(weights.items()))
    assert forwards == largest_remainder(total, list(reversed(weights.items())))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20), st.integers(0, 10**12))
def test_whole_weights_in_the_order_of_their_ids_are_split_alike(weights, total):
    if sum(weights):
        by_id = largest_remainder(total, [(f"{at:02}", one) for at, one in enumerate(weights)])
        assert spread(total, weights) == list(by_id.values())
    else:
        assert spread(0, weights) == [0] * len(weights)


@pytest.mark.parametrize(
    ("currency", "digits"), [("CNY", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLP", 0)]
)
def test_a_currency_has_its_own_number_of_decimals(currency, digits):
    assert exponent(currency) == digits


@pytest.mark.parametrize(
    ("amount_minor", "currency", "zh_cn", "en"),
    [
        (123_450, "CNY", "¥1,234.50", "CN¥1,234.50"),
        (9_990, "USD", "US$99.90", "$99.90"),
        (1_500, "JPY", "JP¥1,500", "¥1,500"),
        (1_234_567, "KWD", "KWD\xa01,234.567", "KWD\xa01,234.567"),
        (-5, "CNY", "-¥0.05", "-CN¥0.05"),
        (0, "EUR", "€0.00", "€0.00"),
    ],
)
def test_money_is_written_as_its_reader_writes_it(*, amount_minor, currency, zh_cn, en):
    assert format_money(amount_minor, currency, "zh-CN") == zh_cn
    assert format_money(amount_minor, currency, "en") == en


def test_a_plain_amount_has_the_currencys_decimals_and_no_signs_but_a_minus():
    assert plain_amount(123_450, "CNY") == "1234.50"
    assert plain_amount(-1_500, "JPY") == "-1500"
