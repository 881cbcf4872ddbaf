"""When are the ranks fixed, and is each prize paid once?"""

import asyncio
from datetime import timedelta

import pytest

from db.connection import reader
from db.jobs import LEASE, LeaseLost
from domain.challenges import operations, views
from domain.challenges.model import State
from domain.checkins import operations as checkins
from domain.members import operations as members
from tests.support.contests import ENDS, SETTLED, close, contest, entry, held, prize, results
from tests.support.programmes import in_force
from tests.support.shop import completed, done, paid, refunded, tell
from tests.support.value import wallet
from tests.support.working import claim_due, do, jobs_of, work
from tests.support.world import NOW, a_member, nothing_changed

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
PRIZES = [prize(1, 1, points=1_000, badges=["CHECKIN_30"]), prize(2, 3, points=100)]


async def winners(code="SPRING"):
    return [(result.rank, result.member_id, result.score) for result in await results(code)]


async def prizes_of(member):
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT amount, occurred_at FROM transfer"
            " WHERE member_id = $1 AND reason = 'challenge_prize' ORDER BY seq",
            member.member_id,
        )
    return [(row["amount"], row["occurred_at"]) for row in rows]


async def racers(*yuan):
    """A member for each amount, who has spent so much."""
    found = [await a_member() for _ in yuan]
    for number, (member, amount) in enumerate(zip(found, yuan, strict=True)):
        await done(paid(member, f"O{number}", amount * 100, at=NOW + number * MINUTE))
    return found


async def test_each_rank_gets_its_prize_when_all_has_settled():
    await held(contest(prizes=PRIZES))
    ann, bob, cleo, dan = await racers(10, 40, 30, 20)
    assert await close() == 1
    closed_at = SETTLED + MINUTE
    assert await winners() == [
        (1, bob.member_id, 40),
        (2, cleo.member_id, 30),
        (3, dan.member_id, 20),
    ]
    assert [await prizes_of(member) for member in (ann, bob, cleo, dan)] == [
        *([], [(1_000, closed_at)], [(100, closed_at)], [(100, closed_at)]),
    ]
    async with reader() as tx:
        told = await tx.fetch(
            "SELECT member_id, facts->>'rank' AS rank FROM notification"
            " WHERE template = 'challenge_prize' ORDER BY 2"
        )
        badge = await tx.fetchrow(
            "SELECT d.key, d.kind FROM badge b JOIN decision d"
            " ON d.member_id = b.member_id AND d.id = b.decision_id WHERE b.member_id = $1",
            bob.member_id,
        )
    assert [(row["member_id"], row["rank"]) for row in told] == [
        (bob.member_id, "1"),
        (cleo.member_id, "2"),
        (dan.member_id, "3"),
    ]
    assert badge is not None
    assert dict(badge) == {"key": "challenge:SPRING", "kind": "challenge_prize"}
    ((_, state),) = await views.challenges(closed_at)
    assert state is State.CLOSED


async def test_closing_waits_for_the_return_window_of_the_last_order_that_counts():
    await held(contest(prizes=PRIZES))
    ann = await a_member()
    await done(paid(ann, "A", 50_00, at=ENDS - HOUR))
    settles_at = ENDS - HOUR + timedelta(days=15)
    assert await close(settles_at - 2 * MINUTE) == 0
    assert await close(settles_at - MINUTE) == 1


async def test_an_order_that_is_completed_early_is_waited_for_no_longer():
    await held(contest(prizes=PRIZES))
    ann = await a_member()
    await done(paid(ann, "A", 50_00, at=ENDS - HOUR))
    await done(completed(ann, "A", at=ENDS + HOUR))
    assert await close(ENDS + timedelta(hours=23)) == 0
    assert await close(ENDS + timedelta(hours=24)) == 1


async def test_an_order_that_the_shop_never_completes_is_waited_for_until_silence_decides():
    await held(contest(prizes=PRIZES), points={"completion": "completed_only"})
    ann, bob = await racers(50, 40)
    await done(completed(bob, "O1", at=NOW + DAY))
    silent_at = NOW + timedelta(days=60)
    assert await close(silent_at - 2 * MINUTE) == 0
    await operations.close_due(as_of=silent_at)
    assert await results() == []
    await work(silent_at)
    assert await close(silent_at) == 1
    assert await winners() == [(1, bob.member_id, 40)]
    found = await entry(ann.member_id)
    assert found is not None
    assert found.score == 0


async def test_what_was_told_in_time_counts_even_if_the_worker_is_late():
    await held(contest(prizes=PRIZES))
    ann, bob = await racers(50, 40)
    await tell(refunded(ann, "O0", "R", at=NOW + DAY))
    assert await close_without_work() == 0
    await work(SETTLED)
    assert await close() == 1
    assert await winners() == [(1, bob.member_id, 40)]


async def close_without_work():
    await operations.close_due(as_of=SETTLED)
    return await operations.close_due(as_of=SETTLED + MINUTE)


async def test_a_refund_before_the_close_moves_the_prize_and_one_after_it_moves_nothing():
    await held(contest(prizes=PRIZES))
    ann, bob = await racers(50, 40)
    await done(refunded(ann, "O0", "R", at=NOW + DAY))
    await close()
    assert await winners() == [(1, bob.member_id, 40)]
    before = await results()
    await done(refunded(bob, "O1", "R", at=SETTLED + DAY))
    assert await results() == before
    assert await prizes_of(bob) == [(1_000, SETTLED + MINUTE)]
    found = await entry(bob.member_id)
    assert found is not None
    assert found.score == 40


async def test_a_suspended_member_wins_nothing_and_the_next_one_moves_up():
    await held(contest(prizes=PRIZES))
    ann, bob = await racers(50, 40)
    await members.suspend(ann.member_id, actor="ada", reason="fraud", now=NOW + DAY)
    await work(NOW + DAY)
    await close()
    assert await winners() == [(1, bob.member_id, 40)]


async def test_the_prize_of_who_is_suspended_after_the_close_waits():
    await held(contest(prizes=PRIZES))
    (ann,) = await racers(50)
    await close_without_work()
    await members.suspend(ann.member_id, actor="ada", reason="fraud", now=SETTLED + 2 * MINUTE)
    await work(SETTLED + 2 * MINUTE)
    found = await wallet(ann.member_id)
    assert (found.pending, found.available) == (1_050, 0)


async def test_who_has_left_wins_nothing():
    await held(contest(prizes=PRIZES))
    ann, bob = await racers(50, 40)
    await operations.leave(ann.member_id, "SPRING", now=NOW + DAY)
    await close()
    assert await winners() == [(1, bob.member_id, 40)]


async def test_check_ins_settle_at_once_and_late_facts_are_waited_for():
    await held(contest(metric="check_ins", wait_hours=2, prizes=PRIZES))
    ann = await a_member()
    await checkins.check_in(ann.member_id, now=NOW)
    await work(NOW)
    assert await close(ENDS + 2 * HOUR - 2 * MINUTE) == 0
    assert await close(ENDS + 2 * HOUR - MINUTE) == 1
    assert await winners() == [(1, ann.member_id, 1)]


async def test_a_challenge_without_anybody_closes_too():
    await held(contest(prizes=PRIZES))
    assert await close() == 1
    assert await results() == []
    async with nothing_changed():
        assert await operations.close_due(as_of=SETTLED + HOUR) == 0


async def test_closing_in_several_processes_at_once_pays_once():
    await held(contest(prizes=PRIZES), contest("OTHER", prizes=PRIZES))
    ann, bob = await racers(50, 40)
    await operations.close_due(as_of=SETTLED)
    counts = await asyncio.gather(*(operations.close_due(as_of=SETTLED + MINUTE) for _ in range(6)))
    assert sum(counts) == 2
    await work(SETTLED + MINUTE)
    assert await prizes_of(ann) == [(1_000, SETTLED + MINUTE)] * 2
    assert await prizes_of(bob) == [(100, SETTLED + MINUTE)] * 2
    async with nothing_changed():
        assert await operations.close_due(as_of=SETTLED + HOUR) == 0
        await work(SETTLED + HOUR)


async def test_a_worker_that_lost_its_lease_pays_nothing_and_the_next_one_pays_once():
    await held(contest(prizes=PRIZES))
    (ann,) = await racers(50)
    await close_without_work()
    at = SETTLED + MINUTE
    (stale,) = await claim_due(at, operations.PAY)
    (fresh,) = await claim_due(at + LEASE, operations.PAY)
    async with nothing_changed():
        with pytest.raises(LeaseLost):
            await do(stale, at + LEASE)
    await do(fresh, at + LEASE)
    assert await prizes_of(ann) == [(1_000, at)]
    async with nothing_changed():
        with pytest.raises(LeaseLost):
            await do(fresh, at + LEASE)
    assert (await jobs_of(ann.member_id)).count((operations.PAY, "done")) == 1


async def test_the_version_in_force_at_the_end_says_what_is_paid():
    await held(contest(prizes=[prize(1, 1, points=1)]))
    (ann,) = await racers(50)
    dearer = contest(prizes=[prize(1, 1, points=2)])
    await in_force(challenges=[dearer], since=NOW + DAY, now=NOW + DAY)
    await in_force(challenges=[], since=ENDS + HOUR, now=ENDS + HOUR)
    await close()
    assert await prizes_of(ann) == [(2, SETTLED + MINUTE)]


async def test_a_contest_that_is_withdrawn_before_its_end_pays_nothing():
    await held(contest(prizes=PRIZES))
    (ann,) = await racers(50)
    await in_force(challenges=[], since=NOW + DAY, now=NOW + DAY)
    assert await close() == 0
    assert await prizes_of(ann) == []


async def test_a_closed_contest_stays_as_it_was_when_a_later_version_moves_its_end():
    prizes = [prize(1, 1, points=100)]
    await held(contest(prizes=prizes))
    one, other = await a_member(), await a_member()
    await done(paid(one, "A", 80_00))
    await close()
    later = SETTLED + timedelta(days=10)
    longer = contest(prizes=prizes, ends_at=(later + timedelta(days=10)).isoformat())
    await held(longer, now=later)
    await done(paid(other, "B", 90_00, at=later + timedelta(days=1)))
    assert await entry(other.member_id) is None
    assert [found.member_id for found in await results()] == [one.member_id]
