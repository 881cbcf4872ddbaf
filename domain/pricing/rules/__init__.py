"""What does a cart cost a member, with which coupons, and why not with others?"""

from domain.pricing.rules.assembling import digest
from domain.pricing.rules.pricing import price

__all__ = ["digest", "price"]
