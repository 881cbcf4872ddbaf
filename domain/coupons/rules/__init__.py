"""Who gets a coupon, what may become of it, and how is its code written?"""

from domain.coupons.rules.codes import CODE_LENGTH, RANDOM_BYTES, code_of, read_code
from domain.coupons.rules.issuing import check_issue, validity, why_not
from domain.coupons.rules.lives import FOLLOWING, given_back, may_redeem, may_reserve, released

__all__ = [
    "CODE_LENGTH",
    "FOLLOWING",
    "RANDOM_BYTES",
    "check_issue",
    "code_of",
    "given_back",
    "may_redeem",
    "may_reserve",
    "read_code",
    "released",
    "validity",
    "why_not",
]
