"""Which badges has a member earned by what they did?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from domain.activity.model import Deed
from domain.activity.rules import counted
from domain.programme.model import Badge, BadgeRule, Programme
from kit.money import exponent


@dataclass(frozen=True, slots=True)
class Earned:
    """`inputs`: what the member had, and what was needed."""

    badge: Badge
    inputs: dict[str, Any]


def earned(deeds: Sequence[Deed], held: Collection[str], programme: Programme) -> list[Earned]:
    """Badges by rule that the member hasn't got yet; `deeds` is all that they ever did."""
    found: list[Earned] = []
    for badge in programme.badges:
        if badge.rule is None or badge.code in held:
            continue
        inputs = _reached(badge.rule, deeds, programme)
        if inputs is not None:
            found.append(Earned(badge, inputs))
    return found


def _reached(rule: BadgeRule, deeds: Sequence[Deed], programme: Programme) -> dict[str, Any] | None:
    if rule.metric == "categories":
        bought = {line.category for deed in deeds for line in deed.lines}
        needed = sorted(rule.categories)
        return {"metric": rule.metric, "categories": needed} if bought >= set(needed) else None
    assert rule.count is not None, "validated"
    count = _count(rule, deeds, programme)
    if count < rule.count:
        return None
    return {"metric": rule.metric, "count": count, "needed": rule.count}


def _count(rule: BadgeRule, deeds: Sequence[Deed], programme: Programme) -> int:
    if rule.metric == "check_in_streak":
        return max((deed.streak_days for deed in deeds), default=0)
    assert rule.metric != "categories"
    total = sum(one.amount for one in counted(rule.metric, deeds, programme))
    return total // 10 ** exponent(programme.currency) if rule.metric == "spend" else total
