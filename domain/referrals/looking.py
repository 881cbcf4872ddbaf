"""Who is near a referral, what does that say of it, and what do staff know of it already?

The walk goes down from the invitee and up from the inviter, aliases included: every ring through
the binding lies within. It is bounded, so that nobody's millionth friend makes it long.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson

from db.connection import Tx
from db.queries import referral_reviews as queries
from domain.programme.model import Programme
from domain.referrals import rules
from domain.referrals.model import (
    Binding,
    Mark,
    Neighbourhood,
    ReferralRow,
    ReviewRow,
    Suspicion,
    Verdict,
)
from kit.calendar import day_of, day_start

MEMBERS_MAX = 200
SHARING_MAX = 50

Step = Callable[[Tx, Sequence[UUID], int], Awaitable[Sequence[Any]]]


async def verdict_on(tx: Tx, referral: ReferralRow, programme: Programme) -> Verdict:
    """What is known now of the two and of those near them, judged."""
    return (await verdicts_near(tx, referral, programme))[referral.member_id]


async def verdicts_near(tx: Tx, referral: ReferralRow, programme: Programme) -> dict[UUID, Verdict]:
    """The same, with the bindings around it, by invitee.

    Of the others only what a ring or chain says is whole: their own marks may be read in part.
    """
    (row,) = await queries.bound(tx, [referral.member_id], 1)
    own = Binding(referral.member_id, row["inviter_id"], referral.bound_at)
    walk = _Walk(tx, {own.invitee_id: own})
    await walk.along(own.invitee_id, queries.bound_by)
    await walk.along(own.inviter_id, queries.bound)
    near = await walk.neighbourhood()
    nth = await _nth_of_day(tx, referral, programme)
    bindings = [
        replace(binding, nth_of_day=nth) if binding.invitee_id == referral.member_id else binding
        for binding in near.bindings
    ]
    return rules.judge(replace(near, bindings=bindings), programme)


async def marks_of(tx: Tx, member_ids: Sequence[UUID]) -> dict[UUID, frozenset[Mark]]:
    """What each of these left behind."""
    found: dict[UUID, set[Mark]] = {member_id: set() for member_id in member_ids}
    for row in await queries.marks_of(tx, member_ids):
        found[row["member_id"]].add(Mark(row["kind"], row["digest"]))
    return {member_id: frozenset(marks) for member_id, marks in found.items()}


async def review_of(tx: Tx, referral: ReferralRow) -> ReviewRow | None:
    row = await queries.review(tx, referral.bound_as)
    return None if row is None else review_row(dict(row))


async def may_pay(tx: Tx, referral: ReferralRow) -> bool:
    """Whether nobody has to look first, or somebody has and approved."""
    review = await review_of(tx, referral)
    return review is None or review.state == "APPROVED"


def review_row(row: dict[str, Any]) -> ReviewRow:
    row["reasons"] = tuple(map(Suspicion.of, orjson.loads(row["reasons"])))
    return ReviewRow(**row)


@dataclass(slots=True)
class _Walk:
    tx: Tx
    bindings: dict[UUID, Binding]
    marks: defaultdict[UUID, set[Mark]] = field(default_factory=lambda: defaultdict(set))

    async def along(self, start: UUID, step: Step) -> None:
        """From `start` over aliases and the bindings that `step` reads, nearest first."""
        seen: set[UUID] = set()
        fresh = {start}
        while fresh and len(seen) < MEMBERS_MAX:
            here = sorted(fresh)[: MEMBERS_MAX - len(seen)]
            seen.update(here)
            for row in await queries.sharing(self.tx, here, SHARING_MAX):
                self.marks[row["member_id"]].add(Mark(row["kind"], row["digest"]))
                fresh.add(row["member_id"])
            for row in await step(self.tx, here, MEMBERS_MAX):
                invitee, inviter = row["member_id"], row["inviter_id"]
                self.bindings[invitee] = Binding(invitee, inviter, row["bound_at"])
                fresh |= {invitee, inviter}
            fresh -= seen

    async def neighbourhood(self) -> Neighbourhood:
        people = {
            member
            for binding in self.bindings.values()
            for member in (binding.invitee_id, binding.inviter_id)
        }
        facts = await queries.facts(self.tx, sorted(people))
        return Neighbourhood(
            bindings=list(self.bindings.values()),
            marks={member: frozenset(marks) for member, marks in self.marks.items()},
            orders={row["member_id"]: row["orders"] for row in facts},
            invited={row["member_id"]: row["invited"] for row in facts},
        )


async def _nth_of_day(tx: Tx, referral: ReferralRow, programme: Programme) -> int:
    zone, hour = programme.zone, programme.day_start_hour
    starts_at = day_start(day_of(referral.bound_at, zone, hour), zone, hour)
    return await queries.nth_of_day(
        tx, referral.inviter_id, starts_at, referral.bound_at, referral.member_id
    )
