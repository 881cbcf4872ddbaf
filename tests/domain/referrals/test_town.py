"""Do the tables, read in part and within bounds, say of each binding what the whole town says?"""

import random
from collections import Counter
from datetime import timedelta

from db.changes import Changes
from db.connection import transactional
from domain.members.model import Member
from domain.programme.model import Programme
from domain.referrals import steps
from domain.referrals.errors import SameContact, SameDevice, SamePayment
from domain.referrals.model import Verdict
from domain.referrals.rules import judge
from tests.support.inviting import TRICKS, Town, honest_friends
from tests.support.referring import bind, enrol_by, pay, states
from tests.support.working import work
from tests.support.world import NOW

HONEST = 24
ORDERS_MAX = 2
SAME = (SameContact, SameDevice, SamePayment)


@transactional
async def leave(tx, member: Member, marks) -> None:
    changes = Changes()
    steps.put_marks(changes, member.member_id, marks, NOW)
    await changes.write(tx)


async def moved_in(town: Town) -> dict:
    """Everybody of the town as a member, bound as they were and having bought since."""
    in_order = sorted(town.bindings, key=lambda one: one.bound_at)
    came_at = dict.fromkeys(town.orders, NOW)
    for binding in reversed(in_order):
        came_at |= dict.fromkeys((binding.inviter_id, binding.invitee_id), binding.bound_at)
    members = {}
    for person, at in came_at.items():
        members[person] = (await enrol_by(None, now=at)).member
        await leave(members[person], town.marks[person])
    for binding in in_order:
        inviter, invitee = members[binding.inviter_id], members[binding.invitee_id]
        try:
            await bind(invitee.member_id, inviter.referral_code, now=binding.bound_at)
        except SAME:
            continue
    at = max(binding.bound_at for binding in town.bindings) + timedelta(hours=1)
    for person, member in members.items():
        for number in range(min(town.orders[person], ORDERS_MAX)):
            await pay(member, f"o{number}", at=at)
    await work(at)
    await work(at + timedelta(days=16))
    return members


def expected(verdict: Verdict) -> str | None:
    if verdict.refused is not None:
        return None
    return "QUALIFIED" if verdict.suspicions else "REWARDED"


async def test_each_binding_of_a_town_is_paid_held_or_refused_as_the_whole_town_says(
    programme: Programme,
):
    town = Town(random.Random(7))  # noqa: S311  made-up people
    honest = honest_friends(town, HONEST)
    for bound in town.bindings:
        # As people do who live here for some weeks: within what an order may follow.
        assert bound.bound_at < NOW + timedelta(days=59)
    tricked = [invitee for trick in TRICKS for invitee in trick(town)]
    verdicts = judge(town.seen(programme), programme)
    members = await moved_in(town)

    wanted = {invitee: expected(verdicts[invitee]) for invitee in (*honest, *tricked)}
    found = {invitee: (await states(members[invitee]))[0] for invitee in wanted}
    assert found == wanted
    assert Counter(wanted[invitee] for invitee in honest) == {"REWARDED": HONEST}
    assert "REWARDED" not in {wanted[invitee] for invitee in tricked}
