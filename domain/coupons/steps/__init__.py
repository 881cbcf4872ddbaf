"""How does a coupon come to a member, and what becomes of it?"""

from domain.coupons.steps.bulk import issue_some
from domain.coupons.steps.giving import bring_in, give, issue, look, prospects
from domain.coupons.steps.living import (
    expire,
    forfeit,
    give_back,
    held,
    of_checkout,
    owned,
    redeem,
    release,
    reserve,
    revoke,
    revoke_of_source,
)

__all__ = [
    "bring_in",
    "expire",
    "forfeit",
    "give",
    "give_back",
    "held",
    "issue",
    "issue_some",
    "look",
    "of_checkout",
    "owned",
    "prospects",
    "redeem",
    "release",
    "reserve",
    "revoke",
    "revoke_of_source",
]
