"""What is the most that coupons not yet looked at could still do?

Nothing that these say is ever beaten by a real combination, so what they rule out needs no look.
A percentage of everything keeps its share of what is left, whatever stands beside it; each other
coupon takes off at most what it would take off alone. Percentages first is the order in which they
take off most together, so the best of `slots` coupons leave at least the least, over every number
of percentages, of what those leave less the dearest of the others.
"""

from bisect import insort
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from domain.pricing.rules.scoping import RATE_SCALE


class Candidate(NamedTuple):
    """`upper_minor`: the most it takes off lines; `rate`: where it is a share of everything.

    `value_minor`: the most that is given on top. `bit`: the higher, the sooner it should be used.
    """

    upper_minor: int
    bit: int
    rate: int = 0
    frees_shipping: bool = False
    value_minor: int = 0


class Bounds:
    """For the coupons from each place on, in the order in which they are taken off."""

    def __init__(self, candidates: Sequence[Candidate], slots: int) -> None:
        self._candidates = candidates
        self._slots = slots
        self._amounts = self._best([0 if one.rate else one.upper_minor for one in candidates])
        rates = _highest([one.rate for one in candidates], slots)
        self._keeps = [_keeps(highest) for highest in rates]
        shipping = [one.frees_shipping for one in candidates]
        self._last_shipping = max((at for at, frees in enumerate(shipping) if frees), default=-1)

    @property
    def count(self) -> int:
        """Of how many coupons."""
        return len(self._candidates)

    def goods(self, place: int, slots: int, goods_minor: int) -> int:
        """What at least is left of `goods_minor` after `slots` more coupons."""
        amounts = self._amounts[place]
        least = goods_minor - amounts[slots]
        for percentages, (keeps, of) in enumerate(self._keeps[place][:slots], start=1):
            left = goods_minor * keeps // of - amounts[slots - percentages]
            least = min(least, left)
        return max(0, least)

    def frees_shipping(self, place: int) -> bool:
        return place <= self._last_shipping

    def value(self, place: int, slots: int) -> int:
        """What at most is given on top by `slots` more coupons."""
        return self._values[place][slots]

    def bits(self, place: int, slots: int) -> int:
        """The highest sum of bits of `slots` more coupons."""
        return self._bits[place][slots]

    @cached_property
    def _values(self) -> list[list[int]]:
        return self._best([one.value_minor for one in self._candidates])

    @cached_property
    def _bits(self) -> list[list[int]]:
        return self._best([one.bit for one in self._candidates])

    def _best(self, numbers: Sequence[int]) -> list[list[int]]:
        """For each place, the sums of the 0, 1, … highest numbers from there on."""
        padding = [0] * self._slots
        return [
            list(accumulate((highest + padding)[: self._slots], initial=0))
            for highest in _highest(numbers, self._slots)
        ]


def _highest(numbers: Sequence[int], slots: int) -> list[list[int]]:
    """For each place the highest of the numbers from there on, `slots` at most, highest first."""
    kept: list[int] = []
    found: list[list[int]] = [[]]
    for number in reversed(numbers):
        if number:
            insort(kept, number)
            del kept[: max(0, len(kept) - slots)]
        found.append(kept[::-1])
    return found[::-1]


def _keeps(rates: Sequence[int]) -> list[tuple[int, int]]:
    """What the highest 1, 2, … rates together leave, as numerator and denominator."""
    found: list[tuple[int, int]] = []
    keeps, of = 1, 1
    for rate in rates:
        keeps, of = keeps * (RATE_SCALE - rate), of * RATE_SCALE
        found.append((keeps, of))
    return found
