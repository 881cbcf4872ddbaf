"""What do the tier and the earning rules make of each line's earning base, and which cap trims?

A line's exact points are base x per_yuan x multipliers / 10^exponent, a rational number; rounding
comes after. Rules apply in the programme's order, each adding the difference that its multiplier
makes to the product so far, which stops at `multiplier_max`. A rule's own points are the step of
the rounded running total, so that what the tier and the rules give sums to the order's points.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from domain.points.model import OrderLine
from domain.programme.model import EarningRule, Match, Programme, Tier
from kit.calendar import Period
from kit.money import exponent


@dataclass(frozen=True, slots=True)
class Cap:
    """`used_points`: what the rule has added in the period already."""

    period: Period
    cap_points: int
    used_points: int

    @property
    def room(self) -> int:
        return max(0, self.cap_points - self.used_points)


@dataclass(frozen=True, slots=True)
class RuleShare:
    """What a rule adds: exactly to each line, and in whole points to the order.

    `trimmed_by`: the cap that left it `points` of `wanted_points`.
    """

    rule: EarningRule
    added: Mapping[str, Fraction]
    points: int
    wanted_points: int
    trimmed_by: Cap | None


@dataclass(frozen=True, slots=True)
class Multiplied:
    """Exact points by line id, of the tier alone and with all rules, and each line's multiplier."""

    by_tier: Mapping[str, Fraction]
    exact: Mapping[str, Fraction]
    multipliers: Mapping[str, Fraction]
    shares: tuple[RuleShare, ...]

    @property
    def points(self) -> int:
        return floor(sum(self.exact.values()))


@dataclass(frozen=True, slots=True)
class Bases:
    """The earning base of each line, and what rules may ask of its order."""

    lines: Sequence[tuple[OrderLine, int]]
    channel: str | None
    first_order: bool


def multiply(
    bases: Bases, programme: Programme, tier: Tier, *, cap_of: Callable[[EarningRule], Cap | None]
) -> Multiplied:
    ceiling = Fraction(programme.points.multiplier_max)
    per_minor = Fraction(programme.points.per_yuan, 10 ** exponent(programme.currency))
    plain = {line.line_id: base_minor * per_minor for line, base_minor in bases.lines}
    products = dict.fromkeys(plain, Fraction(tier.points_multiplier))
    by_tier = {key: amount * min(products[key], ceiling) for key, amount in plain.items()}
    exact = dict(by_tier)
    shares: list[RuleShare] = []
    for rule in programme.points.rules:
        added: dict[str, Fraction] = {}
        for key in _matching(rule.match, bases):
            before = min(products[key], ceiling)
            products[key] *= Fraction(rule.multiplier)
            added[key] = plain[key] * (min(products[key], ceiling) - before)
        if added:
            total = sum(exact.values(), Fraction())
            share = _share(rule, added, total=total, cap=cap_of(rule))
            shares.append(share)
            exact |= {key: exact[key] + amount for key, amount in share.added.items()}
    multipliers = {key: min(product, ceiling) for key, product in products.items()}
    return Multiplied(by_tier, exact, multipliers, tuple(shares))


def _matching(match: Match, bases: Bases) -> list[str]:
    if match.first_order and not bases.first_order:
        return []
    if match.channel and bases.channel not in match.channel:
        return []
    return [
        line.line_id for line, base_minor in bases.lines if base_minor and _is_matched(match, line)
    ]


def _is_matched(match: Match, line: OrderLine) -> bool:
    return (
        (not match.category or line.category in match.category)
        and (not match.brand or line.brand in match.brand)
        and (not match.sku or line.sku in match.sku)
    )


def _share(
    rule: EarningRule, added: Mapping[str, Fraction], *, total: Fraction, cap: Cap | None
) -> RuleShare:
    extra = sum(added.values())
    wanted_points = floor(total + extra) - floor(total)
    if cap is None or wanted_points <= cap.room:
        return RuleShare(rule, added, wanted_points, wanted_points, trimmed_by=None)
    part = Fraction(cap.room) / extra
    trimmed = {key: amount * part for key, amount in added.items()}
    return RuleShare(rule, trimmed, cap.room, wanted_points, trimmed_by=cap)
