"""Who invites whom in a made-up town? Honest friends, and every trick that we know of."""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.programme.model import Programme
from domain.referrals.model import Binding, Mark, MarkKind, Neighbourhood
from domain.referrals.rules import mark_of
from kit.calendar import day_of
from tests.support.world import NOW

SECRET = b"a town"


@dataclass(slots=True)
class Town:
    """Members with what they left behind; `bind` says who invited whom."""

    chance: random.Random
    bindings: list[Binding] = field(default_factory=list[Binding])
    marks: defaultdict[UUID, set[Mark]] = field(default_factory=lambda: defaultdict(set))
    orders: dict[UUID, int] = field(default_factory=dict[UUID, int])

    def member(self, orders: int = 1, **left: str) -> UUID:
        """Somebody with a device and a card of their own, unless `left` says another."""
        member = UUID(int=len(self.orders) + 1)
        self.orders[member] = orders
        own = {"device": f"device {member}", "payment": f"card {member}"}
        for kind, text in (own | left).items():
            self.left(member, kind, text)  # pyright: ignore[reportArgumentType]  kinds are keywords
        return member

    def left(self, member: UUID, kind: MarkKind, text: str) -> None:
        mark = mark_of(kind, text, SECRET)
        assert mark is not None
        self.marks[member].add(mark)

    def bind(self, inviter: UUID, *invitees: UUID, at: datetime = NOW) -> list[UUID]:
        """Each in a day of its own."""
        for number, invitee in enumerate(invitees):
            self.bindings.append(Binding(invitee, inviter, at + timedelta(days=number)))
        return list(invitees)

    def seen(self, programme: Programme) -> Neighbourhood:
        invited: dict[UUID, int] = defaultdict(int)
        for binding in self.bindings:
            invited[binding.inviter_id] += 1
        marks = {member: frozenset(marks) for member, marks in self.marks.items()}
        return Neighbourhood(numbered(self.bindings, programme), marks, self.orders, invited)


def numbered(bindings: Iterable[Binding], programme: Programme) -> Sequence[Binding]:
    """Each with its place among the inviter's of that day."""
    count: dict[tuple[UUID, object], int] = defaultdict(int)
    found: list[Binding] = []
    for binding in sorted(bindings, key=lambda one: (one.bound_at, one.invitee_id)):
        key = binding.inviter_id, day_of(binding.bound_at, programme.zone, 0)
        count[key] += 1
        found.append(replace(binding, nth_of_day=count[key]))
    return found


Trick = Callable[[Town], list[UUID]]
_TELLING: tuple[MarkKind, ...] = ("device", "payment", "contact")


def oneself(town: Town) -> list[UUID]:
    """A second account by an alias of the same mailbox."""
    name = f"ann{len(town.orders)}"
    me = town.member(contact=f"{name}@gmail.com")
    alias = town.chance.choice((f"{name}+shop@gmail.com", f"a.{name[1:]}@googlemail.com"))
    return town.bind(me, town.member(contact=alias.upper()))


def same_thing(town: Town) -> list[UUID]:
    """A second account on the same device, or paying by the same card."""
    me = town.member()
    mark = town.chance.choice(sorted(town.marks[me]))
    other = town.member()
    town.marks[other].add(mark)
    return town.bind(me, other)


def farm(town: Town) -> list[UUID]:
    """Many accounts on one device, or with one card, that isn't the inviter's."""
    kind = town.chance.choice(_TELLING[:2])
    boss, shared = town.member(orders=9), f"shared {len(town.orders)}"
    size = town.chance.randint(4, 30)
    return town.bind(boss, *(_with(town, kind, shared) for _ in range(size)))


def mailbox(town: Town) -> list[UUID]:
    """Many accounts with one mailbox, that isn't the inviter's."""
    boss, name = town.member(orders=9), f"bob{len(town.orders)}"
    size = town.chance.randint(2, 6)
    addresses = [f"{name}+{number}@outlook.com" for number in range(size)]
    return town.bind(boss, *(town.member(contact=address) for address in addresses))


def ring(town: Town) -> list[UUID]:
    """A invites B, B invites C, …, and the last is A again, under another name."""
    people = [town.member(orders=town.chance.randint(1, 3)) for _ in range(_size(town))]
    _alias(town, people[0], people[-1])
    return [bound for a, b in itertools.pairwise(people) for bound in town.bind(a, b)]


def broken_ring(town: Town) -> list[UUID]:
    """A invites B, B' invites C, C' invites A': no account was ever invited and invites."""
    size = town.chance.randint(3, 6)
    inviters = [town.member(orders=2) for _ in range(size)]
    invitees = [town.member() for _ in range(size)]
    for inviter, invitee in zip(inviters, invitees[-1:] + invitees[:-1], strict=True):
        _alias(town, inviter, invitee)
    return [bound for a, b in zip(inviters, invitees, strict=True) for bound in town.bind(a, b)]


def in_between(town: Town) -> list[UUID]:
    """Inviter and invitee share nothing, but each something with a third account."""
    me, other, between = (town.member(orders=2) for _ in range(3))
    _alias(town, me, between)
    _alias(town, other, between)
    return town.bind(me, other)


def chain(town: Town) -> list[UUID]:
    """Five or more, each invited by the one before, each with the one order that counts."""
    people = [town.member() for _ in range(town.chance.randint(5, 12))]
    return [bound for a, b in itertools.pairwise(people) for bound in town.bind(a, b)]


TRICKS: tuple[Trick, ...] = (
    oneself,
    same_thing,
    farm,
    mailbox,
    ring,
    broken_ring,
    in_between,
    chain,
)


def honest_friends(town: Town, pairs: int) -> list[UUID]:
    """So many friends who were invited, as people are.

    A regular invites some friends over the weeks, of whom some invite others. Of a thousand members
    two live at their inviter's address, four have a device and two a card with somebody at home.
    """
    regulars = [town.member(orders=town.chance.randint(2, 30)) for _ in range(pairs // 3)]
    may_invite, bound = list(regulars), list[UUID]()
    at = defaultdict[UUID, datetime](lambda: NOW)
    while len(bound) < pairs:
        inviter = town.chance.choice(may_invite)
        friend = _friend(town, inviter, bound)
        at[inviter] += timedelta(hours=town.chance.randint(1, 100))
        at[friend] = at[inviter]
        bound += town.bind(inviter, friend, at=at[inviter])
        may_invite.append(friend)
    return bound


def _friend(town: Town, inviter: UUID, others: Sequence[UUID]) -> UUID:
    number = len(town.orders)
    orders = 1 if town.chance.random() < 0.5 else town.chance.randint(2, 20)
    friend = town.member(
        orders,
        contact=f"friend.{number}@{town.chance.choice(('gmail.com', 'qq.com', '163.com'))}",
        address=f"{number} Elm St",
    )
    lot = town.chance.random()
    if lot < 0.002:
        town.left(inviter, "address", f"{number} elm st.")
    elif others and lot < 0.008:
        kind = "device" if lot < 0.006 else "payment"
        town.left(friend, kind, f"{kind} {town.chance.choice(others)}")
    return friend


def _with(town: Town, kind: MarkKind, text: str) -> UUID:
    member = town.member()
    town.marks[member] = {mark for mark in town.marks[member] if mark.kind != kind}
    town.left(member, kind, text)
    return member


def _size(town: Town) -> int:
    return town.chance.randint(3, 8)


def _alias(town: Town, one: UUID, other: UUID) -> None:
    """Let both be one person's."""
    kind, text = town.chance.choice(_TELLING), f"alias{len(town.orders)}.{one.int}@gmail.com"
    for member in (one, other):
        town.left(member, kind, text)
