"""How is a cart made small for a search, without changing a minor unit?

Lines that the same coupons concern can be counted as one, as long as no coupon concerns more than
one such group: how a discount is split inside a group then shows in no total. Where a coupon spans
groups, the split decides what later coupons find, so the lines stay as they are.
"""

from collections.abc import Sequence
from typing import NamedTuple

from domain.pricing.rules.taking import Left, Terms
from domain.pricing.rules.worlds import World


class Table(NamedTuple):
    """`terms` over the places of `left`; by place `eligible`."""

    terms: list[Terms]
    left: Left
    eligible: list[bool]


def collapsed(world: World, terms: Sequence[Terms]) -> Table:
    """`terms`: of the coupons searched, in the order in which they come back."""
    eligible = [line.eligible for line in world.lines]
    keys = _keys(terms, eligible)
    cells = {key: cell for cell, key in enumerate(dict.fromkeys(keys))}
    cell_of = [cells[key] for key in keys]
    if any(len({cell_of[place] for place in one.scope}) > 1 for one in terms):
        return Table(list(terms), world.left, eligible)
    amounts = [0] * len(cells)
    kinds = [False] * len(cells)
    for place, cell in enumerate(cell_of):
        amounts[cell] += world.left.amounts[place]
        kinds[cell] = eligible[place]
    return Table(
        [_moved(one, cell_of) for one in terms], world.left._replace(amounts=amounts), kinds
    )


def _keys(terms: Sequence[Terms], eligible: list[bool]) -> list[tuple[int, bool, int]]:
    """By place: which coupons concern it, whether it is eligible, and itself where it is sold."""
    concerned = [0] * len(eligible)
    own = [-1] * len(eligible)
    for number, one in enumerate({id(one): one for one in terms}.values()):
        for place in one.scope:
            concerned[place] |= 1 << number
        for place, _ in one.pieces:
            own[place] = place
    return list(zip(concerned, eligible, own, strict=True))


def _moved(terms: Terms, cell_of: list[int]) -> Terms:
    scope = (cell_of[terms.scope[0]],) if terms.scope else ()
    pieces = tuple((cell_of[place], quantity) for place, quantity in terms.pieces)
    return terms._replace(scope=scope, pieces=pieces)
