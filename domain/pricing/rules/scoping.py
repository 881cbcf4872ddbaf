"""Which lines does a coupon concern, and at which rate does a tier discount each line?"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from domain.pricing.model import Buyer, CartLine
from domain.programme.model import DiscountDay, Picks, Scope

RATE_SCALE = 10**8
"""A rate is a whole number of hundred millionths: percents have at most six decimals."""

_FROM_PERCENT = 6


def rate_of(percent: Decimal) -> int:
    """17.5 % is 17,500,000 of `RATE_SCALE`."""
    return int(percent.scaleb(_FROM_PERCENT))


def scope_lines(scope: Scope, lines: Sequence[CartLine]) -> tuple[int, ...]:
    """The places of the lines that `scope` concerns.

    A line that isn't eligible is concerned only where its sku is named.
    """
    included = _picked(scope.include) if scope.include.has_anything else _everything
    excluded = _picked(scope.exclude) if scope.exclude.has_anything else _nothing
    named = scope.include.sku
    return tuple(
        place
        for place, line in enumerate(lines)
        if (line.eligible or line.sku in named) and included(line) and not excluded(line)
    )


def tier_rates(lines: Sequence[CartLine], buyer: Buyer) -> list[int]:
    """For each line the better of the tier's discount and those of today's discount days."""
    usual = rate_of(buyer.tier.discount_percent)
    today = [
        (day, rate_of(day.discount_percent))
        for day in buyer.tier.benefits.discount_days
        if _is_today(day, buyer.day, buyer.now)
    ]
    return [
        max([usual, *(rate for day, rate in today if _concerns(day, line))]) if line.eligible else 0
        for line in lines
    ]


def _picked(picks: Picks) -> Callable[[CartLine], bool]:
    skus, categories, brands = set(picks.sku), set(picks.category), set(picks.brand)
    return lambda line: line.sku in skus or line.category in categories or line.brand in brands


def _everything(_: CartLine) -> bool:
    return True


def _nothing(_: CartLine) -> bool:
    return False


def _is_today(day: DiscountDay, today: date, now: datetime) -> bool:
    return (
        (not day.weekdays or today.isoweekday() in day.weekdays)
        and (not day.days_of_month or today.day in day.days_of_month)
        and (day.starts_at is None or day.starts_at <= now)
        and (day.ends_at is None or now < day.ends_at)
    )


def _concerns(day: DiscountDay, line: CartLine) -> bool:
    return (
        (not day.category or line.category in day.category)
        and (not day.brand or line.brand in day.brand)
        and (not day.sku or line.sku in day.sku)
    )
