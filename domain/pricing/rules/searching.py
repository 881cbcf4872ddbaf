"""Which legal combination of stackable coupons is the best? Branch and bound, exact.

Combinations are grown in the order in which coupons are taken off, so each is looked at once;
what the bounds rule out isn't grown. After STEPS_MAX coupons tried the search stops and says so:
with at most 20 different usable coupons, 5 in one order, there are 21,699 combinations, so that
never happens.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from domain.pricing.rules.bounds import Bounds, Candidate
from domain.pricing.rules.cells import Table, collapsed
from domain.pricing.rules.offering import Offer
from domain.pricing.rules.taking import Left, Taken, take
from domain.pricing.rules.worlds import World

STEPS_MAX = 25_000

Key = tuple[int, int, int, int, int]
"""Payable, points, less what is given on top, coupons, less their bits: the least is the best."""


class Item(NamedTuple):
    """`after`: the place of a coupon that says the same and is used before this one, or -1."""

    offer: Offer
    candidate: Candidate
    is_eligible_only: bool
    after: int


class Node(NamedTuple):
    """A combination and what it leaves; `chosen` are places of items."""

    left: Left
    net_minor: int
    eligible_minor: int
    value_minor: int
    bits: int
    chosen: tuple[int, ...]


class Search:
    """`bits`: by coupon, in which order they should be used up."""

    def __init__(
        self, world: World, offers: Sequence[Offer], bits: dict[UUID, int], slots: int
    ) -> None:
        self._payer = world.payer
        self._slots = slots
        offers = _useful(world, offers, slots)
        self._table = collapsed(world, [offer.terms for offer in offers])
        left = self._table.left
        self._goods = _goods(self._table)
        self._goods_minor = sum(left.amounts[place] for place in self._goods)
        self._items = [self._item(place, offers, bits) for place in range(len(offers))]
        self._bounds = Bounds([item.candidate for item in self._items], slots)
        self._is_mixed = not all(self._table.eligible[place] for place in self._goods)
        self._root = Node(left, sum(left.amounts), self._eligible(left.amounts), 0, 0, ())
        self.steps = 0
        self.best = self._key(self._root)
        self._chosen: tuple[int, ...] | None = ()

    @property
    def is_exact(self) -> bool:
        return self.steps < STEPS_MAX

    @property
    def chosen(self) -> list[Offer] | None:
        """None where nothing beat what was to be beaten."""
        if self._chosen is None:
            return None
        return [self._items[place].offer for place in self._chosen]

    def run(self, beat: Key | None = None) -> None:
        """Look for the best, of which `beat` is known already."""
        if beat is not None and beat < self.best:
            self.best, self._chosen = beat, None
        self._greedy()
        if self._slots:
            self._grow(0, self._root)

    def _item(self, place: int, offers: Sequence[Offer], bits: dict[UUID, int]) -> Item:
        offer, terms = offers[place], self._table.terms[place]
        touched = [*terms.scope, *(one for one, _ in terms.pieces)]
        is_same = place > 0 and offers[place - 1].kind_of == offer.kind_of
        return Item(
            offer=offer,
            candidate=self._candidate(place, bits[offer.coupon.id]),
            is_eligible_only=all(self._table.eligible[one] for one in touched),
            after=place - 1 if is_same else -1,
        )

    def _candidate(self, place: int, bit: int) -> Candidate:
        terms, left = self._table.terms[place], self._table.left
        if terms.kind == "EXCHANGE":
            dearest = max(-(-left.amounts[one] // pieces) for one, pieces in terms.pieces)
            return Candidate(max(0, dearest - terms.amount_minor), bit=bit)
        taken = take(terms, left)
        assert isinstance(taken, Taken)
        rate = terms.rate if terms.kind == "PERCENT_OFF" else 0
        is_capped = terms.most is not None and taken.off_minor >= terms.most
        if is_capped or set(terms.scope) != self._goods:
            rate = 0
        return Candidate(
            upper_minor=taken.off_minor,
            rate=rate,
            frees_shipping=terms.kind == "FREE_SHIPPING",
            value_minor=taken.value_minor,
            bit=bit,
        )

    def _greedy(self) -> None:
        """A good combination to begin with, so that much is ruled out: the dearest that fit."""
        order = sorted(
            range(len(self._items)),
            key=lambda place: (
                -self._items[place].candidate.upper_minor,
                -self._items[place].candidate.value_minor,
                -self._items[place].candidate.bit,
            ),
        )
        chosen: tuple[int, ...] = ()
        for place in order:
            node = self._of(tuple(sorted((*chosen, place))))
            if node is not None:
                chosen = node.chosen
                self._weigh(node)
            if len(chosen) == self._slots:
                return

    def _of(self, places: tuple[int, ...]) -> Node | None:
        node: Node | None = self._root
        for place in places:
            if node is None or not self._may_follow(node, place):
                return None
            node = self._with(node, place)
        return node

    def _grow(self, start: int, node: Node) -> None:
        for place in range(start, len(self._items)):
            if self._is_hopeless(node, place) or not self.is_exact:
                return
            if not self._may_follow(node, place):
                continue
            self.steps += 1
            child = self._with(node, place)
            if child is None:
                continue
            self._weigh(child)
            if len(child.chosen) < self._slots:
                self._grow(place + 1, child)

    def _may_follow(self, node: Node, place: int) -> bool:
        """Whether it stands beside the chosen ones, of which none is taken off after it."""
        item = self._items[place]
        if item.after >= 0 and item.after not in node.chosen:
            return False
        template = item.offer.template
        same = [
            self._items[one].offer.template.per_order
            for one in node.chosen
            if self._items[one].offer.template.code == template.code
        ]
        return len(same) < min([template.per_order, *same])

    def _with(self, node: Node, place: int) -> Node | None:
        item = self._items[place]
        taken = take(self._table.terms[place], node.left)
        if not isinstance(taken, Taken):
            return None
        if item.is_eligible_only:
            eligible_minor = node.eligible_minor - taken.off_minor
        else:
            eligible_minor = self._eligible(taken.left.amounts)
        return Node(
            taken.left,
            node.net_minor - taken.off_minor,
            eligible_minor,
            node.value_minor + taken.value_minor,
            node.bits + item.candidate.bit,
            (*node.chosen, place),
        )

    def _weigh(self, node: Node) -> None:
        key = self._key(node)
        if key < self.best:
            self.best, self._chosen = key, node.chosen

    def _key(self, node: Node) -> Key:
        offset = self._payer.offset(node.eligible_minor)
        return (
            node.net_minor + node.left.shipping_minor - offset,
            self._payer.points(offset),
            -node.value_minor,
            len(node.chosen),
            -node.bits,
        )

    def _is_hopeless(self, node: Node, place: int) -> bool:
        """Whether no combination of `node` and coupons from `place` on beats the best."""
        slots = self._slots - len(node.chosen)
        payable = self._at_least(node, place, slots)[0]
        if payable != self.best[0]:
            return payable > self.best[0]
        return not any(
            (
                *self._at_least(node, place, more),
                -node.value_minor - self._bounds.value(place, more),
                len(node.chosen) + more,
                -node.bits - self._bounds.bits(place, more),
            )
            < self.best
            for more in range(1, slots + 1)
        )

    def _at_least(self, node: Node, place: int, slots: int) -> tuple[int, int]:
        """Payable and points with `slots` more coupons."""
        goods = self._goods_minor - (self._root.net_minor - node.net_minor)
        off = goods - self._bounds.goods(place, slots, goods)
        shipping = 0 if self._bounds.frees_shipping(place) else node.left.shipping_minor
        least_offset = self._payer.offset(max(0, node.eligible_minor - off))
        offset = self._payer.offset(node.eligible_minor) if self._is_mixed else least_offset
        return node.net_minor - off + shipping - offset, self._payer.points(least_offset)

    def _eligible(self, amounts: list[int]) -> int:
        return sum(
            amount
            for amount, is_eligible in zip(amounts, self._table.eligible, strict=True)
            if is_eligible
        )


def _useful(world: World, offers: Sequence[Offer], slots: int) -> list[Offer]:
    """What would do something alone; of coupons that say the same, as many as may stand together.

    Before other coupons nothing is less than after them, but for the rounding of a piece's price.
    """
    count: Counter[tuple[int, str, int]] = Counter()
    useful: list[Offer] = []
    for offer in sorted(offers, key=lambda offer: (offer.kind_of, offer.urgency)):
        count[offer.kind_of] += 1
        if count[offer.kind_of] > min(offer.template.per_order, slots):
            continue
        taken = take(offer.terms, world.left)
        if isinstance(taken, Taken) or (offer.terms.pieces and taken.reason == "NOTHING_OFF"):
            useful.append(offer)
    return useful


def _goods(table: Table) -> set[int]:
    """The places from which some coupon takes."""
    found: set[int] = set()
    for terms in table.terms:
        if terms.kind == "EXCHANGE":
            found.update(place for place, _ in terms.pieces)
        elif terms.kind in ("AMOUNT_OFF", "PERCENT_OFF"):
            found.update(terms.scope)
    return found
