"""What may issue a coupon?"""

from typing import Literal

Channel = Literal[
    "claim",
    "public_code",
    "voucher",
    "points",
    "task",
    "challenge",
    "order",
    "welcome",
    "first_order",
    "check_in",
    "referral",
    "tier_gift",
    "birthday",
    "lottery",
    "win_back",
    "staff",
]
ASKED_FOR: frozenset[Channel] = frozenset({"claim", "public_code", "voucher"})
"""What a member asks for, so that a template must name it."""
