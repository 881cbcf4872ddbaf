"""Which bindings pay only those who made them? Rings and chains of accounts, aliases seen through.

Members who share a device, a mailbox or a means of payment count as one, however many lie between:
A invites B, and B' (B's second account) invites A' (A's). Linear in what is given.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

from domain.referrals.model import Mark, Neighbourhood, Suspicion

MEMBERS_SHOWN_MAX = 20
_TELLING = frozenset({"device", "contact", "payment"})


def suspects(near: Neighbourhood, chain_members: int) -> dict[UUID, list[Suspicion]]:
    """By invitee: RING, CHAIN.

    A ring comes back to where it began. A chain is of `chain_members` or more who each invited one
    at most and paid for one order at most.
    """
    one_of = _aliases(near.marks)
    found: dict[UUID, list[Suspicion]] = defaultdict(list)
    for code, bound in (
        ("RING", _rings(near, one_of)),
        ("CHAIN", _chains(near, one_of, chain_members)),
    ):
        for invitees in bound:
            people = {near_one for pair in invitees for near_one in pair}
            shown = tuple(sorted(people)[:MEMBERS_SHOWN_MAX])
            for invitee, _ in invitees:
                found[invitee].append(Suspicion(code, shown, len(people)))
    return dict(found)


Pairs = list[tuple[UUID, UUID]]
"""Invitee and inviter."""


class Unions:
    """Who belongs together: sets that only grow together."""

    def __init__(self) -> None:
        self._above: dict[UUID, UUID] = {}

    def of(self, member: UUID) -> UUID:
        """The one who stands for all of the member's set."""
        root = member
        while (above := self._above.get(root, root)) != root:
            root = above
        while member != root:
            self._above[member], member = root, self._above.get(member, root)
        return root

    def unite(self, one: UUID, other: UUID) -> None:
        self._above[self.of(one)] = self.of(other)


def _aliases(marks: Mapping[UUID, frozenset[Mark]]) -> Unions:
    unions, first = Unions(), dict[Mark, UUID]()
    for member, left in marks.items():
        for mark in left:
            if mark.kind in _TELLING:
                unions.unite(member, first.setdefault(mark, member))
    return unions


def _rings(near: Neighbourhood, one_of: Unions) -> Iterator[Pairs]:
    follows: dict[UUID, set[UUID]] = defaultdict(set)
    for binding in near.bindings:
        follows[one_of.of(binding.inviter_id)].add(one_of.of(binding.invitee_id))
    component = _components(follows)
    rings: dict[UUID, Pairs] = defaultdict(list)
    for binding in near.bindings:
        inviter, invitee = one_of.of(binding.inviter_id), one_of.of(binding.invitee_id)
        if component[inviter] == component[invitee]:
            rings[component[inviter]].append((binding.invitee_id, binding.inviter_id))
    yield from rings.values()


def _chains(near: Neighbourhood, one_of: Unions, members_min: int) -> Iterator[Pairs]:
    people: dict[UUID, set[UUID]] = defaultdict(set)
    follows: dict[UUID, set[UUID]] = defaultdict(set)
    for binding in near.bindings:
        inviter, invitee = one_of.of(binding.inviter_id), one_of.of(binding.invitee_id)
        people[inviter].add(binding.inviter_id)
        people[invitee].add(binding.invitee_id)
        follows[inviter].add(invitee)
    links = {
        one
        for one, members in people.items()
        if len(follows.get(one, ())) <= 1
        and all(near.invited.get(member, 0) <= 1 for member in members)
        and all(near.orders.get(member, 0) <= 1 for member in members)
    }
    chains: dict[UUID, Pairs] = defaultdict(list)
    joined = Unions()
    inside = [
        (one_of.of(binding.inviter_id), binding)
        for binding in near.bindings
        if {one_of.of(binding.inviter_id), one_of.of(binding.invitee_id)} <= links
    ]
    for inviter, binding in inside:
        joined.unite(inviter, one_of.of(binding.invitee_id))
    for inviter, binding in inside:
        chains[joined.of(inviter)].append((binding.invitee_id, binding.inviter_id))
    for pairs in chains.values():
        if len({member for pair in pairs for member in pair}) >= members_min:
            yield pairs


def _components(follows: Mapping[UUID, set[UUID]]) -> dict[UUID, UUID]:
    """Who can be reached from each other, by the one who stands for them all (Kosaraju)."""
    before: dict[UUID, set[UUID]] = defaultdict(set)
    for one, others in follows.items():
        for other in others:
            before[other].add(one)
    component: dict[UUID, UUID] = {}
    for root in reversed(_by_end(follows)):
        waiting = [] if root in component else [root]
        while waiting:
            one = waiting.pop()
            if one not in component:
                component[one] = root
                waiting += [other for other in before[one] if other not in component]
    return component


def _by_end(follows: Mapping[UUID, set[UUID]]) -> list[UUID]:
    """Everybody, those who are left first in a walk along the bindings first."""
    order: list[UUID] = []
    seen: set[UUID] = set()
    for start in follows:
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(follows[start]))]
        while path:
            one, rest = path[-1]
            fresh = next((other for other in rest if other not in seen), None)
            if fresh is None:
                order.append(one)
                path.pop()
            else:
                seen.add(fresh)
                path.append((fresh, iter(follows.get(fresh, ()))))
    return order
