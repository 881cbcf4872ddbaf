"""What do workers, members and refunds at the same moment make of a task?"""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from db.jobs import LEASE, LeaseLost
from domain.ledger.operations import audit
from domain.tasks.errors import AlreadyClaimed, TaskNotClaimable
from domain.tasks.model import ProgressRow
from domain.tasks.operations import COMPLETE, backfill, claim
from tests.support.missions import a_task, balances, of_tasks, progress, tasks_in_force
from tests.support.programmes import in_force
from tests.support.shop import done, paid, refunded, reviewed, tell
from tests.support.working import claim_due, do, work
from tests.support.world import NOW, a_member, rows

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
LATER = NOW + timedelta(hours=1)


async def test_twenty_claims_and_workers_at_once_give_one_reward():
    await tasks_in_force(a_task(kind="reviews", claim="member"))
    member = await a_member()
    await tell(reviewed(member, "r"))
    await work(NOW, leaving=["tasks.assess"])
    answers = await asyncio.gather(
        *(claim(member.member_id, "T", now=NOW) for _ in range(20)),
        *(work(NOW) for _ in range(5)),
        return_exceptions=True,
    )
    await work(NOW)
    found = Counter(type(answer) for answer in answers)
    assert (found[ProgressRow], found[AlreadyClaimed]) == (1, 19)
    assert await of_tasks(member) == [100]
    assert await balances(member) == (0, 120, 120)


async def test_many_workers_with_the_same_jobs_reward_once():
    await tasks_in_force(a_task())
    member = await a_member()
    await tell(paid(member, "A", 10_000))
    await work(NOW, leaving=[COMPLETE])
    (held,) = await claim_due(NOW, COMPLETE)
    answers = await asyncio.gather(*(do(held, NOW) for _ in range(20)), return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {type(None): 1, LeaseLost: 19}
    assert await of_tasks(member) == [100]


@pytest.mark.parametrize("how", ["automatic", "member"])
async def test_a_refund_among_claims_and_workers_leaves_nothing(how):
    await tasks_in_force(a_task(claim=how))
    for number in range(8):
        member = await a_member()
        await tell(paid(member, f"A{number}", 10_000))
        await work(NOW, leaving=[COMPLETE] if number % 2 else ["tasks.assess"])
        answers = await asyncio.gather(
            tell(refunded(member, f"A{number}", "R", at=LATER)),
            *(claim(member.member_id, "T", now=LATER) for _ in range(5)),
            *(work(LATER) for _ in range(3)),
            return_exceptions=True,
        )
        unexpected = [
            answer
            for answer in answers[1:]
            if isinstance(answer, BaseException)
            and not isinstance(answer, AlreadyClaimed | TaskNotClaimable)
        ]
        assert unexpected == []
        await work(LATER + timedelta(minutes=1))
        assert await balances(member) == (0, 0, 0)
        assert sum(await of_tasks(member)) == 0
        assert [state for state, _, _ in (await progress(member)).values()] in ([], ["OPEN"])
    assert (await audit(now=LATER)).breaches == []


async def test_a_worker_that_dies_and_comes_back_rewards_nothing_twice():
    await tasks_in_force(a_task())
    member = await a_member()
    await tell(paid(member, "A", 10_000))
    await work(NOW, leaving=[COMPLETE])
    (dead,) = await claim_due(NOW, COMPLETE)
    (taken_over,) = await claim_due(NOW + LEASE, COMPLETE)
    await do(taken_over, NOW + LEASE)
    with pytest.raises(LeaseLost):
        await do(dead, NOW + LEASE)
    assert await of_tasks(member) == [100]


async def test_what_arrives_while_a_look_is_under_way_is_looked_at_too():
    await tasks_in_force(a_task(target=2))
    member = await a_member()
    await tell(paid(member, "A", 10_000))
    await work(NOW, leaving=["tasks.assess"])
    (held,) = await claim_due(NOW, "tasks.assess")
    await tell(paid(member, "B", 10_000, at=LATER))
    await work(LATER, leaving=["tasks.assess"])
    await do(held, LATER)
    await work(LATER)
    assert await progress(member) == {("T", "once"): ("REWARDED", 2, 1)}


async def test_members_are_looked_at_once_for_a_version_and_by_several_at_once_the_same():
    await in_force()
    members = [await a_member() for _ in range(7)]
    await done(*(reviewed(member, f"r{n}") for n, member in enumerate(members)))
    await tasks_in_force(a_task(kind="reviews"), now=LATER)
    looked_at = await asyncio.gather(*(backfill(as_of=LATER, limit=3) for _ in range(6)))
    assert sum(looked_at) == 7
    await work(LATER)
    assert [await of_tasks(member) for member in members] == [[100]] * 7
    before = await rows()
    assert await backfill(as_of=LATER, limit=3) == 0
    await work(LATER)
    assert await rows() == before
