"""How is a coupon's code written, and is what someone typed such a code?

Crockford's base 32 (no I, L, O, U) with his check character: a mistyped or swapped character is
noticed before the database is asked.
"""

from domain.programme.rules.coupons import meant

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS = _DIGITS + "*~$=U"

RANDOM_BYTES = 9
CODE_LENGTH = 16


def code_of(random: bytes) -> str:
    """The code of 72 random bits: 15 digits and the check character.

    Nine zero bytes are "0000000000000000", nine bytes of 0xFF "3ZZZZZZZZZZZZZZ0".
    """
    assert len(random) == RANDOM_BYTES
    value = int.from_bytes(random)
    digits = "".join(_DIGITS[value >> 5 * place & 31] for place in reversed(range(CODE_LENGTH - 1)))
    return digits + _CHECKS[value % len(_CHECKS)]


def read_code(typed: str) -> str | None:
    """The code that was meant, None where it can't be one.

    Case, hyphens and spaces don't matter; O is read as 0, I and L as 1.
    """
    code = meant(typed)
    digits, check = code[:-1], code[-1:]
    if len(code) != CODE_LENGTH or any(digit not in _DIGITS for digit in digits):
        return None
    value = 0
    for digit in digits:
        value = value * 32 + _DIGITS.index(digit)
    return code if _CHECKS[value % len(_CHECKS)] == check else None
