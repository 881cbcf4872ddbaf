"""How many points and how much GROWTH does a paid order earn, and which limits trimmed it?

The lines' exact points are summed and rounded down **once** for the whole order, then spread over
the lines by largest remainder with the exact points as weights, so that a rule which concerns one
line only fits as well: ¥60 at x1.25 and ¥39.90 at x1.25 x2 are exactly 75 + 99.75, together 174,
and the lines get 75 and 99.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from domain.points.errors import CurrencyNotSupported
from domain.points.model import (
    CapUse,
    EarnDecision,
    Json,
    OrderFacts,
    OrderLine,
    Purchase,
    PurchaseLine,
)
from domain.points.rules.multipliers import Bases, Cap, Multiplied, RuleShare, multiply
from domain.programme.model import EarningRule, Programme, Tier, plain_decimal
from kit.calendar import Period, period_key
from kit.errors import InvalidInput
from kit.money import exponent, largest_remainder

_PERIODS: tuple[Period, ...] = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class _Base:
    """A line's amounts in the programme's currency.

    `paid_minor` is what points paid of it, `credit_minor` what the member's balance did: a gift of
    the shop's, so that it neither earns nor counts as spend.
    """

    line: OrderLine
    eligible_minor: int
    paid_minor: int
    points_spent: int
    credit_minor: int

    @property
    def base_minor(self) -> int:
        return (
            self.eligible_minor - self.paid_minor - self.credit_minor if self.eligible_minor else 0
        )


def earn(  # noqa: PLR0913  what the moment of an order says of its member
    order: OrderFacts,
    programme: Programme,
    tier: Tier,
    *,
    day: date,
    caps_used: Mapping[tuple[str, str], int],
    first_order: bool,
    birthday_month: bool = False,
) -> EarnDecision:
    """What the order earns under `tier`, the member's tier as of its payment.

    In the month of their birthday the tier's `birthday_multiplier` multiplies, too.
    `day` is the member's day of payment; `caps_used`: points that a rule (code) has added in a
    period (key) so far, where `cap_keys` names them. Refuses what `check_order` refuses.
    """
    check_order(order, programme)
    bases = _bases(order, programme)
    birthday = tier.benefits.birthday_multiplier if birthday_month else Decimal(1)
    multiplied = multiply(
        Bases([(base.line, base.base_minor) for base in bases], order.channel, first_order),
        programme,
        tier.points_multiplier * birthday,
        cap_of=lambda rule: _tightest_cap(rule, day, caps_used),
    )
    purchase = _purchase(order, programme, bases=bases, multiplied=multiplied)
    return EarnDecision(
        points=multiplied.points,
        growth=purchase.growth_left,
        base_minor=purchase.base_left_minor,
        purchase=purchase,
        cap_uses=tuple(use for share in multiplied.shares for use in _cap_uses(share, day)),
        inputs={
            **_order_inputs(order, programme, first_order=first_order),
            **_tier_inputs(programme, tier),
            "birthday_multiplier": None if birthday == 1 else plain_decimal(birthday),
            "lines": [_line_inputs(base, multiplied) for base in bases],
        },
        outcome=_outcome(purchase, multiplied),
    )


def check_order(order: OrderFacts, programme: Programme) -> None:
    """Refuse CURRENCY_NOT_SUPPORTED, then INVALID_INPUT with the path in the event's data."""
    if order.currency != programme.currency and order.currency not in programme.rates:
        raise CurrencyNotSupported(currency=order.currency, supported=_supported(programme))
    seen: set[str] = set()
    for index, line in enumerate(order.lines):
        path = ["data", "lines", str(index)]
        if line.line_id in seen:
            raise InvalidInput([*path, "lineId"], "used by another line", "与另一行重复")
        seen.add(line.line_id)
        _check_line(line, path)
    if order.shipping_minor < 0:
        raise InvalidInput(["data", "shippingMinor"], "at least 0", "不能小于 0")
    eligible_minor = sum(line.net_minor for line in order.lines if line.eligible)
    if not 0 <= order.points_paid_minor <= eligible_minor:
        path = ["data", "pointsPaidMinor"]
        raise InvalidInput(path, f"from 0 to {eligible_minor}", f"应在 0 至 {eligible_minor} 之间")


def cap_keys(rule: EarningRule, day: date) -> dict[Period, str]:
    """The periods of `rule` whose use counts on the member's `day`, by their keys."""
    return {period: period_key(period, day) for period in _PERIODS if period in rule.cap_points}


def _supported(programme: Programme) -> str:
    return ", ".join([programme.currency, *sorted(programme.rates)])


def _check_line(line: OrderLine, path: list[str]) -> None:
    if line.quantity < 1:
        raise InvalidInput([*path, "quantity"], "at least 1", "不能小于 1")
    if line.amount_minor < 0:
        raise InvalidInput([*path, "amountMinor"], "at least 0", "不能小于 0")
    if not 0 <= line.discount_minor <= line.amount_minor:
        most = line.amount_minor
        raise InvalidInput([*path, "discountMinor"], f"from 0 to {most}", f"应在 0 至 {most} 之间")


def _bases(order: OrderFacts, programme: Programme) -> list[_Base]:
    """Each line converted once, rounded down, and its share of what points paid."""
    rate = _rate(order, programme)
    eligible = {
        line.line_id: floor(line.net_minor * rate) if line.eligible else 0 for line in order.lines
    }
    weights = list(eligible.items())
    whole = sum(eligible.values())
    paid = largest_remainder(min(floor(order.points_paid_minor * rate), whole), weights)
    spent = largest_remainder(order.points_spent if whole else 0, weights)
    credit = _credit(order, paid)
    return [
        _Base(
            line,
            eligible[line.line_id],
            paid[line.line_id],
            spent[line.line_id],
            credit[line.line_id],
        )
        for line in order.lines
    ]


def _credit(order: OrderFacts, paid: Mapping[str, int]) -> dict[str, int]:
    """What the balance paid of each line; only orders of the programme's currency have any."""
    weights = [(line.line_id, line.net_minor - paid[line.line_id]) for line in order.lines]
    whole = sum(weight for _, weight in weights)
    if not order.credit_paid_minor:
        return {line.line_id: 0 for line in order.lines}
    return largest_remainder(min(order.credit_paid_minor, whole), weights)


def _rate(order: OrderFacts, programme: Programme) -> int | Fraction:
    """Minor units of the programme's currency for one of the order's."""
    if order.currency == programme.currency:
        return 1
    scale = Fraction(10) ** (exponent(programme.currency) - exponent(order.currency))
    return Fraction(programme.rates[order.currency]) * scale


def _tightest_cap(
    rule: EarningRule, day: date, caps_used: Mapping[tuple[str, str], int]
) -> Cap | None:
    caps = [
        Cap(period, rule.cap_points[period], caps_used.get((rule.code, key), 0))
        for period, key in cap_keys(rule, day).items()
    ]
    return min(caps, key=lambda cap: cap.room, default=None)


def _cap_uses(share: RuleShare, day: date) -> list[CapUse]:
    keys = cap_keys(share.rule, day).values() if share.points > 0 else ()
    return [CapUse(share.rule.code, key, share.points) for key in keys]


def _purchase(
    order: OrderFacts, programme: Programme, *, bases: list[_Base], multiplied: Multiplied
) -> Purchase:
    points = largest_remainder(multiplied.points, list(multiplied.exact.items()))
    growth = _growth(bases, programme)
    capped = [share for share in multiplied.shares if share.rule.cap_points and share.points > 0]
    by_rule = {
        share.rule.code: largest_remainder(share.points, list(share.added.items()))
        for share in capped
    }
    return Purchase(
        order_id=order.order_id,
        currency=order.currency,
        lines=tuple(
            PurchaseLine(
                line_id=base.line.line_id,
                net_minor=base.line.net_minor,
                eligible_minor=base.eligible_minor,
                base_minor=base.base_minor,
                points=points[base.line.line_id],
                growth=growth[base.line.line_id],
                sku=base.line.sku,
                category=base.line.category,
                brand=base.line.brand,
                points_spent=base.points_spent,
                credit_minor=base.credit_minor,
                cashback=order.cashback.get(base.line.line_id, 0),
                quantity=base.line.quantity,
                rule_points={
                    code: parts[base.line.line_id]
                    for code, parts in by_rule.items()
                    if base.line.line_id in parts
                },
            )
            for base in bases
        ),
    )


def _growth(bases: list[_Base], programme: Programme) -> dict[str, int]:
    """Whole yuan of the order's base, rounded down once; no multiplier."""
    base_minor = sum(base.base_minor for base in bases)
    growth = base_minor * programme.growth.per_yuan // 10 ** exponent(programme.currency)
    return largest_remainder(growth, [(base.line.line_id, base.base_minor) for base in bases])


def _order_inputs(order: OrderFacts, programme: Programme, *, first_order: bool) -> Json:
    listed = programme.rates.get(order.currency)
    return {
        "order_id": order.order_id,
        "currency": programme.currency,
        "order_currency": order.currency,
        "rate": None if listed is None else plain_decimal(listed),
        "per_yuan": programme.points.per_yuan,
        "first_order": first_order,
    }


def _tier_inputs(programme: Programme, tier: Tier) -> Json:
    return {
        "tier": tier.code,
        "tier_name": tier.name.model_dump(mode="json", by_alias=True),
        "tier_multiplier": plain_decimal(tier.points_multiplier),
        "multiplier_max": plain_decimal(programme.points.multiplier_max),
    }


def _line_inputs(base: _Base, multiplied: Multiplied) -> Json:
    key = base.line.line_id
    return {
        "line_id": key,
        "net_minor": base.line.net_minor,
        "eligible": base.line.eligible,
        "points_paid_minor": base.paid_minor,
        "credit_paid_minor": base.credit_minor,
        "base_minor": base.base_minor,
        "multiplier": _plain(multiplied.multipliers[key]),
        "rules": [share.rule.code for share in multiplied.shares if key in share.added],
    }


def _outcome(purchase: Purchase, multiplied: Multiplied) -> Json:
    point = multiplied.grains_per_point
    return {
        "base_minor": purchase.base_left_minor,
        "by_tier": _plain(Fraction(sum(multiplied.by_tier.values())) / point),
        "exact": _plain(Fraction(sum(multiplied.exact.values())) / point),
        "points": multiplied.points,
        "growth": purchase.growth_left,
        "rules": [_rule_outcome(share) for share in multiplied.shares],
    }


def _rule_outcome(share: RuleShare) -> Json:
    cap = share.trimmed_by
    return {
        "code": share.rule.code,
        "name": share.rule.name.model_dump(mode="json", by_alias=True),
        "multiplier": plain_decimal(share.rule.multiplier),
        "points": share.points,
        "trimmed": cap
        and {
            "period": cap.period,
            "cap_points": cap.cap_points,
            "used_points": cap.used_points,
            "wanted_points": share.wanted_points,
        },
    }


def _plain(exact: Fraction) -> str:
    """Every amount here is a finite decimal: products of decimals, over powers of ten."""
    return plain_decimal(Decimal(exact.numerator) / Decimal(exact.denominator))
