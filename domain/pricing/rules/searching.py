"""Which legal combination of stackable coupons is the best? Branch and bound, exact.

Combinations are grown in the order in which coupons are taken off, so each is looked at once. What
a coupon takes off here is the most that it takes off after any other, since amounts only fall; what
can't be used here, or can't win even so, isn't grown. After STEPS_MAX coupons tried the search
stops and says so: of 20 coupons, 5 in one order, there are 21,699 combinations, so it never does.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from domain.pricing.rules.bounds import Bounds, Candidate
from domain.pricing.rules.cells import Table, collapsed
from domain.pricing.rules.offering import Offer
from domain.pricing.rules.taking import Left, Missed, Taken, take
from domain.pricing.rules.worlds import World

STEPS_MAX = 25_000

Key = tuple[int, int, int, int, int]
"""Payable, points, less what is given on top, coupons, less their bits: the least is the best."""


class Item(NamedTuple):
    """`rate`: where the coupon is a share of everything. `bit`: higher, the sooner it is used.

    `after`: the place of a coupon that says the same and is used before this one, or -1.
    """

    offer: Offer
    rate: int
    bit: int
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


class Option(NamedTuple):
    """An item that could follow; `child` is None where it can't at once, but perhaps later."""

    place: int
    candidate: Candidate
    child: Node | None


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
        self._items = [
            self._item(place, offers, bits[offer.coupon.id]) for place, offer in enumerate(offers)
        ]
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
        first = self._first()
        self._greedy(first)
        self._grow(self._root, first, Bounds([one.candidate for one in first], self._slots))

    def _item(self, place: int, offers: Sequence[Offer], bit: int) -> Item:
        offer, terms = offers[place], self._table.terms[place]
        touched = [*terms.scope, *(one for one, _ in terms.pieces)]
        is_same = place > 0 and offers[place - 1].kind_of == offer.kind_of
        is_share = terms.kind == "PERCENT_OFF" and set(terms.scope) == self._goods
        if terms.most is not None and is_share:
            taken = take(terms, self._table.left)
            is_share = isinstance(taken, Taken) and taken.off_minor < terms.most
        return Item(
            offer=offer,
            rate=terms.rate if is_share else 0,
            bit=bit,
            is_eligible_only=all(self._table.eligible[one] for one in touched),
            after=place - 1 if is_same else -1,
        )

    def _first(self) -> list[Option]:
        """Every item, with the most that it could ever take off."""
        found: list[Option] = []
        for place, item in enumerate(self._items):
            candidate = self._candidate(item, take(self._table.terms[place], self._root.left))
            assert candidate is not None
            found.append(Option(place, candidate, None))
        return found

    def _candidate(self, item: Item, taken: Taken | Missed) -> Candidate | None:
        """What the item could do from here on, None where it can do nothing any more.

        The price of a piece may rise by a minor unit once another piece was exchanged.
        """
        is_exchange = item.offer.terms.kind == "EXCHANGE"
        if isinstance(taken, Missed):
            may_rise = is_exchange and taken.reason == "NOTHING_OFF"
            return Candidate(1, item.bit) if may_rise else None
        frees = taken.shipping_minor > 0
        upper = taken.off_minor + is_exchange
        return Candidate(upper, item.bit, item.rate, frees, taken.value_minor)

    def _greedy(self, options: Sequence[Option]) -> None:
        """A good combination to begin with, so that much is ruled out: the dearest that fit."""
        order = sorted(
            (-candidate.upper_minor, -candidate.value_minor, -candidate.bit, place)
            for place, candidate, _ in options
        )
        chosen: tuple[int, ...] = ()
        for *_, place in order:
            node = self._of(tuple(sorted((*chosen, place))))
            if node is not None:
                chosen = node.chosen
                self._weigh(node)
            if len(chosen) == self._slots:
                return

    def _of(self, places: tuple[int, ...]) -> Node | None:
        node = self._root
        for place in places:
            taken = take(self._table.terms[place], node.left)
            if isinstance(taken, Missed) or not self._may_follow(node, place):
                return None
            node = self._with(node, place, taken)
        return node

    def _grow(self, node: Node, places: Sequence[Option], before: Bounds) -> None:
        """`before`: the bounds of the last of `places` as they were one coupon earlier."""
        slots = self._slots - len(node.chosen)
        options = [
            option
            for place, candidate, _ in places
            if not self._is_out(node, candidate, before, len(places))
            and (option := self._option(node, place)) is not None
        ]
        if slots == 1:
            return
        bounds = Bounds([option.candidate for option in options], slots)
        for at, option in enumerate(options):
            if not self.is_exact or self._is_hopeless(node, bounds, at, slots):
                return
            child = option.child
            if child is None or self._is_hopeless(child, bounds, at + 1, slots - 1):
                continue
            self._grow(child, options[at + 1 :], bounds)

    def _is_out(self, node: Node, candidate: Candidate, before: Bounds, places: int) -> bool:
        """Whether nothing with this coupon wins, whichever of the last `places` stand beside it."""
        slots = self._slots - len(node.chosen)
        place = before.count - places
        most = candidate.upper_minor
        return self._at_least(node, before, (place, slots - 1), most)[0] > self.best[0]

    def _option(self, node: Node, place: int) -> Option | None:
        """What the coupon could do from here on; where it can at once, that is weighed."""
        self.steps += 1
        taken = take(self._table.terms[place], node.left)
        candidate = self._candidate(self._items[place], taken)
        if candidate is None:
            return None
        if isinstance(taken, Missed) or not self._may_follow(node, place):
            return Option(place, candidate, None)
        child = self._with(node, place, taken)
        self._weigh(child)
        return Option(place, candidate, child)

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

    def _with(self, node: Node, place: int, taken: Taken) -> Node:
        item = self._items[place]
        if item.is_eligible_only:
            eligible_minor = node.eligible_minor - taken.off_minor
        else:
            eligible_minor = self._eligible(taken.left.amounts)
        return Node(
            taken.left,
            node.net_minor - taken.off_minor,
            eligible_minor,
            node.value_minor + taken.value_minor,
            node.bits + item.bit,
            (*node.chosen, place),
        )

    def _weigh(self, node: Node) -> None:
        if self._payable(node) <= self.best[0]:
            key = self._key(node)
            if key < self.best:
                self.best, self._chosen = key, node.chosen

    def _payable(self, node: Node) -> int:
        offset = self._payer.offset(node.eligible_minor)
        return node.net_minor + node.left.shipping_minor - offset

    def _key(self, node: Node) -> Key:
        points = self._payer.points(self._payer.offset(node.eligible_minor))
        return (
            self._payable(node),
            points,
            -node.value_minor,
            len(node.chosen),
            -node.bits,
        )

    def _is_hopeless(self, node: Node, bounds: Bounds, place: int, slots: int) -> bool:
        """Whether no combination of `node` and options from `place` on beats the best."""
        payable = self._at_least(node, bounds, (place, slots))[0]
        if payable != self.best[0]:
            return payable > self.best[0]
        return not any(
            (
                *self._at_least(node, bounds, (place, more)),
                -node.value_minor - bounds.value(place, more),
                len(node.chosen) + more,
                -node.bits - bounds.bits(place, more),
            )
            < self.best
            for more in range(1, slots + 1)
        )

    def _at_least(
        self, node: Node, bounds: Bounds, more: tuple[int, int], off_minor: int = 0
    ) -> tuple[int, int]:
        """Payable and points after, from a place on, so many coupons more, and `off_minor` off.

        What is off comes last: before a percentage it would make that one take less.
        """
        place, slots = more
        goods = self._goods_minor - (self._root.net_minor - node.net_minor)
        off = min(goods, goods - bounds.goods(place, slots, goods) + off_minor)
        shipping = 0 if bounds.frees_shipping(place) else node.left.shipping_minor
        if not self._payer.most_minor:
            return node.net_minor - off + shipping, 0
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
