"""Does a contest know of one place for who is one, and pay nothing twice?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.challenges import operations
from tests.support.contests import SETTLED, close, contest, entry, held, prize, results
from tests.support.merging import merged, parted, sound
from tests.support.shop import done, paid
from tests.support.working import work
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PRIZES = [prize(1, 1, points=1_000), prize(2, 3, points=100)]
STEPS = [{"score": 50, "gives": {"points": 500}}, {"score": 100, "gives": {"points": 700}}]


async def racers(*yuan):
    """A member for each amount, who has spent so much."""
    found = [await a_member() for _ in yuan]
    for number, (member, amount) in enumerate(zip(found, yuan, strict=True)):
        await done(paid(member, f"O{number}", amount * 100, at=NOW + number * MINUTE))
    return found


async def place(member):
    found = await entry(member.member_id)
    assert found is not None
    return found.score, found.ranks


async def given(reason):
    """To whom challenges gave what for it."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT member_id, amount FROM transfer WHERE reason = $1"
            " AND debit_account = 'issuance' ORDER BY amount DESC",
            reason,
        )
    return [(row["member_id"], row["amount"]) for row in rows]


async def test_the_orders_of_both_are_one_score_and_each_has_a_place_again_once_they_are_parted():
    await held(contest())
    ming, hong, other = await racers(30, 20, 40)
    await merged(ming, hong)
    await work(NOW + HOUR)
    assert [await place(one) for one in (ming, other)] == [(50, True), (40, True)]
    assert (await place(hong))[1] is False
    await parted(ming, hong, at=NOW + HOUR)
    await work(NOW + HOUR)
    assert [await place(one) for one in (ming, hong)] == [(30, True), (20, True)]


async def test_a_step_that_both_were_paid_is_paid_once_more_to_nobody_and_the_next_one_once():
    await held(contest(milestones=STEPS))
    ming, hong = await racers(60, 60)
    await work(SETTLED)
    assert sorted(await given("challenge_milestone")) == sorted(
        [(ming.member_id, 500), (hong.member_id, 500)]
    )
    await merged(ming, hong, at=SETTLED)
    await work(SETTLED)
    assert (await given("challenge_milestone"))[0] == (ming.member_id, 700)
    await parted(ming, hong, at=SETTLED + HOUR)
    await work(SETTLED + HOUR)
    assert [amount for _, amount in await given("challenge_milestone")] == [700, 500, 500]
    await sound(SETTLED + HOUR)


async def test_a_prize_that_waits_to_be_paid_to_the_absorbed_is_paid_to_the_survivor_once():
    await held(contest(prizes=PRIZES))
    ming, hong, _ = await racers(0, 20, 40)
    await work(SETTLED)
    await operations.close_due(as_of=SETTLED)
    assert await operations.close_due(as_of=SETTLED + MINUTE) == 1
    await merged(ming, hong, at=SETTLED + MINUTE)
    await work(SETTLED + HOUR)
    prizes = await given("challenge_prize")
    assert [amount for _, amount in prizes] == [1_000, 100]
    assert prizes[1][0] == ming.member_id
    await sound(SETTLED + HOUR)


async def test_a_prize_that_both_won_and_were_paid_is_paid_to_nobody_again():
    await held(contest(prizes=PRIZES))
    ming, hong = await racers(30, 20)
    await close()
    await merged(ming, hong, at=SETTLED + HOUR)
    await work(SETTLED + HOUR)
    assert [amount for _, amount in await given("challenge_prize")] == [1_000, 100]
    ranks = sorted((result.rank, result.member_id) for result in await results())
    assert ranks == [(1, ming.member_id), (2, hong.member_id)]
