"""Who gets a coupon, what may become of it, and how is its code written?"""

from domain.activity.rules import suits
from domain.coupons.rules.asking import (
    LISTED_MAX,
    TYPED_LENGTH_MAX,
    VOUCHERS_MAX,
    check_vouchers,
    digest_of,
    is_public_code,
)
from domain.coupons.rules.codes import CODE_LENGTH, RANDOM_BYTES, code_of, read_code
from domain.coupons.rules.issuing import check_issue, validity, why_not
from domain.coupons.rules.lives import FOLLOWING, given_back, may_redeem, may_reserve, released
from domain.programme.rules.coupons import meant

__all__ = [
    "CODE_LENGTH",
    "FOLLOWING",
    "LISTED_MAX",
    "RANDOM_BYTES",
    "TYPED_LENGTH_MAX",
    "VOUCHERS_MAX",
    "check_issue",
    "check_vouchers",
    "code_of",
    "digest_of",
    "given_back",
    "is_public_code",
    "may_redeem",
    "may_reserve",
    "meant",
    "read_code",
    "released",
    "suits",
    "validity",
    "why_not",
]
