"""How do members ask for coupons, and how do staff and the clock change them?"""

from domain.coupons.operations.bulk import issue_in_bulk
from domain.coupons.operations.claiming import claim, redeem_code
from domain.coupons.operations.ending import expire, remind_expiring, revoke
from domain.coupons.operations.making import make_vouchers, revoke_vouchers

__all__ = [
    "claim",
    "expire",
    "issue_in_bulk",
    "make_vouchers",
    "redeem_code",
    "remind_expiring",
    "revoke",
    "revoke_vouchers",
]
