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


def in_money(amount_minor: int, currency: str) -> Words:
    return Words(
        format_money(amount_minor, currency, "zh-CN"), format_money(amount_minor, currency, "en")
    )
