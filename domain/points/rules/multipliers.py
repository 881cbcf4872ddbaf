"""What do the tier and the earning rules make of each line's earning base, and which cap trims?

A line's exact points are base x per_yuan x multipliers / 10^exponent, a rational number; rounding
comes after. Rules apply in the programme's order, each adding the difference that its multiplier
makes to the product so far, which stops at `multiplier_max`. A rule's own points are the step of
the rounded running total, so that what the tier and the rules give sums to the order's points.

Exact points are counted in *grains*, of which a point has a number that makes them whole; only a
share that a cap trimmed may be a fraction of grains.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import prod

from domain.points.model import OrderLine
from domain.programme.model import EarningRule, Match, Programme
from kit.calendar import Period
from kit.money import exponent

Grains = int | Fraction


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
    """What a rule adds: in grains to each line, and in whole points to the order.

    `trimmed_by`: the cap that left it `points` of `wanted_points`.
    """

    rule: EarningRule
    added: Mapping[str, Grains]
    points: int
    wanted_points: int
    trimmed_by: Cap | None


@dataclass(frozen=True, slots=True)
class Multiplied:
    """Grains by line id, of the tier alone and with all rules, and each line's multiplier."""

    by_tier: Mapping[str, Grains]
    exact: Mapping[str, Grains]
    multipliers: Mapping[str, Fraction]
    shares: tuple[RuleShare, ...]
    grains_per_point: int

    @property
    def points(self) -> int:
        return int(sum(self.exact.values()) // self.grains_per_point)


@dataclass(frozen=True, slots=True)
class Bases:
    """The earning base of each line, and what rules may ask of its order."""

    lines: Sequence[tuple[OrderLine, int]]
    channel: str | None
    first_order: bool


def multiply(
    bases: Bases,
    programme: Programme,
    standing: Decimal,
    *,
    cap_of: Callable[[EarningRule], Cap | None],
) -> Multiplied:
    """`standing`: the multiplier that the member has before any rule, by tier and birthday."""
    policy = programme.points
    applied = [(rule, keys) for rule in policy.rules if (keys := _matching(rule.match, bases))]
    factors = [Fraction(rule.multiplier) for rule, _ in applied]
    start, ceiling = Fraction(standing), Fraction(policy.multiplier_max)
    scale = prod(factor.denominator for factor in (start, ceiling, *factors))
    most = int(ceiling * scale)
    grains_per_point = scale * 10 ** exponent(programme.currency)
    plain = {line.line_id: base_minor * policy.per_yuan for line, base_minor in bases.lines}
    products = dict.fromkeys(plain, int(start * scale))
    by_tier: dict[str, Grains] = {key: plain[key] * min(products[key], most) for key in plain}
    exact = dict(by_tier)
    shares: list[RuleShare] = []
    for (rule, keys), factor in zip(applied, factors, strict=True):
        added: dict[str, Grains] = {}
        for key in keys:
            before = min(products[key], most)
            products[key] = products[key] * factor.numerator // factor.denominator
            added[key] = plain[key] * (min(products[key], most) - before)
        total = sum(exact.values())
        share = _share(rule, added, of_total=(total, grains_per_point), cap=cap_of(rule))
        shares.append(share)
        exact |= {key: exact[key] + grains for key, grains in share.added.items()}
    multipliers = {key: Fraction(min(product, most), scale) for key, product in products.items()}
    return Multiplied(by_tier, exact, multipliers, tuple(shares), grains_per_point)


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
    rule: EarningRule,
    added: Mapping[str, Grains],
    *,
    of_total: tuple[Grains, int],
    cap: Cap | None,
) -> RuleShare:
    """`of_total`: the grains so far, and how many a point has."""
    total, grains_per_point = of_total
    extra = sum(added.values())
    wanted_points = int((total + extra) // grains_per_point - total // grains_per_point)
    if cap is None or wanted_points <= cap.room:
        return RuleShare(rule, added, wanted_points, wanted_points, trimmed_by=None)
    part = Fraction(cap.room * grains_per_point) / extra
    trimmed = {key: grains * part for key, grains in added.items()}
    return RuleShare(rule, trimmed, cap.room, wanted_points, trimmed_by=cap)
