"""What does a fact earn or take back, when is it available and when does it expire?"""

from domain.points.rules.earning import cap_keys, check_order, earn
from domain.points.rules.interactions import interact
from domain.points.rules.lifetime import (
    expires_at,
    inactive_at,
    pending_until,
)
from domain.points.rules.refunds import refund_step

__all__ = [
    "cap_keys",
    "check_order",
    "earn",
    "expires_at",
    "inactive_at",
    "interact",
    "pending_until",
    "refund_step",
]
