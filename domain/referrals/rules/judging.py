"""May a binding be paid, should staff look first, or can't it stand? By all that is known."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

from domain.programme.model import Programme
from domain.referrals.model import Binding, Mark, MarkKind, Neighbourhood, Suspicion, Verdict
from domain.referrals.rules.binding import same_person
from domain.referrals.rules.rings import MEMBERS_SHOWN_MAX, suspects

OF_MANY = frozenset({"RING", "CHAIN"})
"""What only looking at others shows: it may come to light after an award."""


def judge(near: Neighbourhood, programme: Programme) -> dict[UUID, Verdict]:
    """The verdict on each binding, by invitee; linear in what is given.

    Refused: inviter and invitee share a device, a contact or a means of payment. To be looked at:
    they share an address; one of the invitee's marks is shared by more members than the programme
    passes (all of them, so that at most so many are ever paid for it); the inviter has bound more
    on that day; it is part of a ring or of a chain.
    """
    vigilance = programme.referral.review
    holders: dict[Mark, set[UUID]] = defaultdict(set)
    for member, marks in near.marks.items():
        for mark in marks:
            holders[mark].add(member)
    of_many = suspects(near, vigilance.chain_members)
    limits: dict[MarkKind, tuple[str, int]] = {
        "device": ("SHARED_DEVICE", vigilance.members_per_device),
        "payment": ("SHARED_PAYMENT", vigilance.members_per_payment),
        "contact": ("SHARED_CONTACT", vigilance.members_per_contact),
    }
    nobody = frozenset[Mark]()
    verdicts: dict[UUID, Verdict] = {}
    for binding in near.bindings:
        own = near.marks.get(binding.invitee_id, nobody)
        theirs = near.marks.get(binding.inviter_id, nobody)
        same = same_person(theirs, own)
        found = [
            *_same_address(own & theirs, binding),
            *_crowds(own, holders, limits),
            *_too_many(binding, vigilance.bindings_per_day),
            *of_many.get(binding.invitee_id, ()),
        ]
        refused = None if same is None else Suspicion(same.code, (binding.inviter_id,))
        verdicts[binding.invitee_id] = Verdict(refused, tuple(found))
    return verdicts


def _same_address(shared: frozenset[Mark], binding: Binding) -> Iterator[Suspicion]:
    if any(mark.kind == "address" for mark in shared):
        yield Suspicion("SAME_ADDRESS", (binding.inviter_id,))


def _crowds(
    own: frozenset[Mark],
    holders: Mapping[Mark, set[UUID]],
    limits: Mapping[MarkKind, tuple[str, int]],
) -> Iterator[Suspicion]:
    for mark in sorted(own):
        code, limit = limits.get(mark.kind, ("", 0))
        members = holders[mark]
        if code and len(members) > limit:
            yield Suspicion(code, tuple(sorted(members)[:MEMBERS_SHOWN_MAX]), len(members), limit)


def _too_many(binding: Binding, limit: int) -> Iterator[Suspicion]:
    if binding.nth_of_day > limit:
        yield Suspicion("MANY_A_DAY", (), binding.nth_of_day, limit)
