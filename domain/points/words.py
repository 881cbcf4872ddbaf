"""In which words, of both languages, are points and money told?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kit.money import format_money

Facts = Mapping[str, Any]


class Words(NamedTuple):
    zh: str
    en: str

    @property
    def named(self) -> dict[str, str]:
        """As a message's fact has it."""
        return {"zh-CN": self.zh, "en": self.en}


def in_points(points: int) -> Words:
    return Words(f"{points} 积分", "1 point" if points == 1 else f"{points} points")


def in_community(amount: int) -> Words:
    return Words(
        f"{amount} 社区积分", "1 community point" if amount == 1 else f"{amount} community points"
    )


def in_growth(amount: int) -> Words:
    return Words(f"{amount} 成长值", f"{amount} growth")


def in_money(amount_minor: int, currency: str) -> Words:
    return Words(
        format_money(amount_minor, currency, "zh-CN"), format_money(amount_minor, currency, "en")
    )


class Unit(NamedTuple):
    """What a wallet counts; `money` of credit only."""

    currency: str
    money: str = ""

    def of(self, amount: int) -> Words:
        if self.money:
            return in_money(amount, self.money)
        return _IN_UNITS.get(self.currency, in_points)(amount)

    def given(self, outcome: Facts) -> Words:
        """What a decision gave of it; of points where it doesn't say."""
        key = _GIVEN_AS[self.currency]
        if key in outcome or self.money:
            return self.of(outcome.get(key, 0))
        return in_points(outcome["points"])


_IN_UNITS = {"COMMUNITY": in_community, "GROWTH": in_growth}
_GIVEN_AS = {
    "POINTS": "points",
    "CREDIT": "credit_minor",
    "COMMUNITY": "community",
    "GROWTH": "growth",
}


POINTS = Unit("POINTS")
