"""In which words, of both languages, are points told?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

Facts = Mapping[str, Any]


class Words(NamedTuple):
    zh: str
    en: str


def in_points(points: int) -> Words:
    return Words(f"{points} 积分", "1 point" if points == 1 else f"{points} points")
