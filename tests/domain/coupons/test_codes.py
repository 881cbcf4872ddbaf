"""Is a coupon's code long enough, checked, and read as people write it?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coupons.rules import RANDOM_BYTES, code_of, read_code

codes = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES).map(code_of)
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_code_has_72_random_bits_and_one_character_to_check_them():
    assert RANDOM_BYTES * 8 >= 64
    assert code_of(bytes(9)) == "0" * 16
    assert code_of(b"\xff" * 9) == "3ZZZZZZZZZZZZZZ0"


@given(codes)
def test_a_code_is_read_back_however_it_is_written(code):
    grouped = "-".join(code[i : i + 4] for i in range(0, 16, 4))
    assert read_code(code) == code
    assert read_code(grouped.lower()) == code
    assert read_code(code.replace("0", "O").replace("1", "l")) == code


@given(codes, st.integers(0, 14), st.sampled_from(DIGITS))
def test_one_mistyped_character_is_noticed(code, place, typed):
    other = code[:place] + typed + code[place + 1 :]
    assert read_code(other) == (code if other == code else None)


@given(codes, st.integers(0, 13))
def test_two_swapped_neighbours_are_noticed(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert read_code(swapped) == (code if swapped == code else None)


@pytest.mark.parametrize("typed", ["", "0" * 15, "0" * 17, "U" + "0" * 15, "é" * 16])
def test_what_can_not_be_a_code_is_none(typed):
    assert read_code(typed) is None
