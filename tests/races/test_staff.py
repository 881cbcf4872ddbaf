"""Does one of the staff stay within their limit, and is a proposal decided once, in parallel?"""

import asyncio
from collections import Counter

import pytest

from domain.ledger.operations import audit
from domain.rewards.model import Adjusted, Approved
from domain.rewards.operations import adjust, approve
from domain.staff import operations
from domain.staff.model import Proposal
from tests.support.programmes import in_force
from tests.support.staff import ADA, BOB, LIMITS, asking, posted, proposed, state_of, tried
from tests.support.value import give, wallet
from tests.support.world import NOW, a_member

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
PARALLEL, ROUNDS = 12, 5


async def test_adjustments_in_parallel_over_many_members_end_at_the_limit():
    await in_force(adjustments=LIMITS)
    members = [(await a_member()).member_id for _ in range(PARALLEL)]
    for member_id in members[::2]:
        await give(member_id, 300)
    asked = [
        asking(member_id, -300 if number % 2 == 0 else 300, f"k{number}")
        for number, member_id in enumerate(members)
    ]
    answers = await asyncio.gather(
        *(
            tried(adjust(ADA if number % 3 else "Ada@Shop", one, now=NOW))
            for number, one in enumerate(asked)
        )
    )
    kinds = Counter(found if isinstance(found, str) else "DONE" for found in answers)
    assert kinds == {"DONE": 3, "APPROVAL_REQUIRED": PARALLEL - 3}
    assert sum(map(abs, await posted())) == 900
    assert (await audit(now=NOW)).breaches == []


async def test_the_same_adjustment_sent_in_parallel_is_one_proposal():
    await in_force(adjustments=LIMITS)
    member_id = (await a_member()).member_id
    answers = await asyncio.gather(
        *(tried(adjust(ADA, asking(member_id), now=NOW)) for _ in range(PARALLEL))
    )
    assert answers == ["APPROVAL_REQUIRED"] * PARALLEL
    assert (await audit(now=NOW)).checked["acts of staff"] == 1


async def test_of_many_who_approve_one_posts():
    await in_force(adjustments=LIMITS)
    member_id = (await a_member()).member_id
    proposal = await proposed(asking(member_id))
    answers = await asyncio.gather(
        *(
            tried(approve(proposal.id, staff=f"second-{number}", note="n", now=NOW))
            for number in range(PARALLEL)
        ),
        *(tried(adjust(ADA, asking(member_id), now=NOW)) for _ in range(4)),
    )
    seconds = Counter(type(found) for found in answers[:PARALLEL])
    assert seconds == {Approved: 1, str: PARALLEL - 1}
    assert all(
        found == "APPROVAL_REQUIRED" or isinstance(found, Adjusted) for found in answers[PARALLEL:]
    )
    assert (await wallet(member_id)).available == 600
    assert (await audit(now=NOW)).breaches == []


async def test_approved_rejected_or_withdrawn_at_the_same_moment_is_one_of_them():
    await in_force(adjustments=LIMITS)
    member_id = (await a_member()).member_id
    expected = 0
    for number in range(ROUNDS):
        proposal = await proposed(asking(member_id, key=str(number)))
        answers = await asyncio.gather(
            tried(approve(proposal.id, staff=BOB, note="n", now=NOW)),
            tried(operations.withdraw(proposal.id, staff=ADA, note="n", now=NOW)),
            tried(operations.reject(proposal.id, staff="carl", note="n", now=NOW)),
            tried(approve(proposal.id, staff="dora", note="n", now=NOW)),
        )
        won = [found for found in answers if isinstance(found, Approved | Proposal)]
        assert [found for found in answers if isinstance(found, str)] == ["PROPOSAL_CLOSED"] * 3
        (one,) = won
        expected += 600 * isinstance(one, Approved)
        decided = one.proposal if isinstance(one, Approved) else one
        assert await state_of(proposal) == decided.state
    assert (await wallet(member_id)).available == expected
    assert (await audit(now=NOW)).breaches == []


async def test_two_who_approve_each_others_for_two_members_never_wait_for_each_other():
    await in_force(adjustments=LIMITS)
    one, other = [(await a_member()).member_id for _ in range(2)]
    for number in range(ROUNDS):
        first = await proposed(asking(one, key=f"a{number}"), ADA)
        second = await proposed(asking(other, key=f"b{number}"), BOB)
        made = await asyncio.gather(
            approve(first.id, staff=BOB, note="n", now=NOW),
            approve(second.id, staff=ADA, note="n", now=NOW),
            tried(adjust(ADA, asking(one, 10, f"c{number}"), now=NOW)),
            tried(adjust(BOB, asking(other, 10, f"d{number}"), now=NOW)),
        )
        assert {type(found) for found in made} == {Approved, Adjusted}
    assert (await wallet(one)).available == (await wallet(other)).available == 610 * ROUNDS
    assert (await audit(now=NOW)).breaches == []
