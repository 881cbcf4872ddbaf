"""Does a merge hold whatever else is done to the two at the same moment?"""

import asyncio
from datetime import timedelta

import pytest

from db.connection import reader, transactional
from domain.challenges.operations import close_due
from domain.checkins.operations import check_in
from domain.ledger.errors import InsufficientPoints
from domain.members.errors import MemberMerged
from domain.merging.model import Outcome
from domain.merging.operations import merge, unmerge
from domain.programme import operations as programmes
from domain.rewards.operations import redeem
from kit import clock
from kit.errors import Refusal
from tests.domain.rewards.conftest import with_rewards
from tests.support import shop
from tests.support.contests import SETTLED, contest, held, prize
from tests.support.merging import STAFF, as_workers, asked, balance, sound
from tests.support.racing import together
from tests.support.value import give
from tests.support.world import NOW, a_member

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("database")]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
ROUNDS = 4
_WAITING = """
SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN (SELECT l.pid FROM pg_locks l
  JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database())
"""


async def two():
    await programmes.publish(with_rewards(), now=NOW, published_by="tests")
    return await a_member(), await a_member()


def joined(survivor, absorbed, **facts):
    return merge(STAFF, asked(survivor, absorbed, **facts), now=NOW)


async def test_of_two_merges_the_other_way_round_one_is_done():
    for _ in range(ROUNDS):
        ming, hong = await two()
        await give(ming.member_id, 30)
        await give(hong.member_id, 12)
        answers = await together(joined(ming, hong), joined(hong, ming))
        assert {type(answer) for answer in answers} == {Outcome, MemberMerged}
        assert sorted([await balance(ming), await balance(hong)]) == [(0, 0, 0), (0, 42, 0)]
    await sound(NOW)


async def test_ten_sends_of_one_merge_are_one():
    ming, hong = await two()
    await give(hong.member_id, 100)
    answers = await together(*(joined(ming, hong, key="k") for _ in range(10)))
    assert all(answer == answers[0] for answer in answers)
    assert await balance(ming) == (0, 100, 0)
    await sound(NOW)


async def test_of_two_survivors_one_gets_it():
    for _ in range(ROUNDS):
        ming, hong = await two()
        gang = await a_member()
        await give(gang.member_id, 100)
        answers = await together(joined(ming, gang), joined(hong, gang))
        assert {type(answer) for answer in answers} == {Outcome, MemberMerged}
        assert sorted([await balance(ming), await balance(hong)]) == [(0, 0, 0), (0, 100, 0)]
    await sound(NOW)


async def test_check_ins_of_both_and_their_merge_lose_nothing():
    for _ in range(ROUNDS):
        ming, hong = await two()
        answers = await together(
            check_in(hong.member_id, now=NOW),
            joined(ming, hong),
            check_in(ming.member_id, now=NOW),
        )
        given = sum(10 for answer in (answers[0], answers[2]) if not isinstance(answer, Refusal))
        assert not isinstance(answers[1], Refusal)
        assert await balance(ming) == (0, given, 0)
        assert await balance(hong) == (0, 0, 0)
        async with reader() as tx:
            days = await tx.fetchval(
                "SELECT count(*) FROM check_in WHERE member_id = $1", ming.member_id
            )
        assert days == 1
    await sound(NOW)


async def test_a_redemption_is_done_by_one_of_them_and_paid_once():
    for number in range(ROUNDS):
        ming, hong = await two()
        await give(hong.member_id, 1_200)
        await give(ming.member_id, 100)
        bought, answer, other = await together(
            redeem(hong.member_id, "MUG", 1, idempotency_key="k", now=NOW),
            joined(ming, hong),
            redeem(ming.member_id, "MUG", 1, idempotency_key=f"m{number}", now=NOW),
        )
        assert not isinstance(answer, Refusal)
        if isinstance(bought, Refusal):
            assert isinstance(bought, MemberMerged)
        paid = [one for one in (bought, other) if not isinstance(one, Refusal)]
        assert isinstance(other, InsufficientPoints) or len(paid) == 1
        assert await balance(ming) == (0, 1_300 - 1_200 * len(paid), 0)
    await sound(NOW)


async def test_events_that_are_recorded_and_processed_meanwhile_are_all_the_survivors():
    with clock.frozen(NOW):
        for number in range(ROUNDS):
            ming, hong = await two()
            await shop.tell(shop.paid(hong, f"A{number}", 10_000))
            told = [
                shop.tell(shop.paid(member, f"{name}{number}", 1_000))
                for member, name in ((hong, "B"), (ming, "C"), (hong, "D"))
            ]
            answers = await asyncio.gather(joined(ming, hong), as_workers(NOW), *told)
            assert isinstance(answers[0], Outcome)
            await as_workers(NOW)
            assert await balance(ming) == (130, 0, 0)
            assert await balance(hong) == (0, 0, 0)
        async with reader() as tx:
            assert await tx.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0
            assert await tx.fetchval("SELECT count(*) FROM job WHERE state = 'dead'") == 0
        await sound(NOW)


async def test_a_refund_at_that_moment_takes_back_once():
    with clock.frozen(NOW):
        for number in range(ROUNDS):
            ming, hong = await two()
            order = f"A{number}"
            await shop.done(shop.paid(hong, order, 10_000))
            await give(ming.member_id, 7)
            await shop.tell(shop.refunded(hong, order, "r", ("1", 4_000), at=NOW))
            await asyncio.gather(joined(ming, hong), as_workers(NOW))
            await as_workers(NOW)
            assert await balance(ming) == (60, 7, 0)
            assert await balance(hong) == (0, 0, 0)
        await sound(NOW)


async def until_waiting(count, *tasks):
    """Until so many sessions wait for a lock, or until one of the tasks has not had to."""
    while not any(task.done() for task in tasks):
        async with reader() as tx:
            if await tx.fetchval(_WAITING) >= count:
                return
        await asyncio.wait(tasks, timeout=0.01)


@transactional
async def hold_up(tx, member, begun, ended):
    """Let whatever refers to the member wait in the middle of what it does."""
    await tx.execute("SELECT FROM member WHERE member_id = $1 FOR UPDATE", member.member_id)
    begun.set()
    await ended.wait()


async def fix_ranks_and_merge(third, ming, hong):
    """Ranks are being fixed and known, but not told yet; the merge begins meanwhile."""
    begun, ended = asyncio.Event(), asyncio.Event()
    held_up = asyncio.ensure_future(hold_up(third, begun, ended))
    await begun.wait()
    closing = asyncio.create_task(close_due(as_of=SETTLED + MINUTE))
    await until_waiting(1, closing)
    merging = asyncio.create_task(merge(STAFF, asked(ming, hong), now=SETTLED))
    await until_waiting(2, closing, merging)
    ended.set()
    _, closed, outcome = await asyncio.gather(held_up, closing, merging)
    return closed, outcome


async def test_a_rank_that_is_fixed_at_that_moment_is_paid_once_to_who_the_winner_is_by_then():
    with clock.frozen(NOW) as frozen:
        await held(contest(prizes=[prize(1, 2, points=100)]))
        ming, hong, third = [await a_member() for _ in range(3)]
        await shop.done(shop.paid(hong, "A", 10_000), shop.paid(third, "B", 9_000))
        frozen.set(SETTLED)
        await as_workers(SETTLED)
        await close_due(as_of=SETTLED)
        closed, outcome = await fix_ranks_and_merge(third, ming, hong)
        assert (closed, type(outcome)) == (1, Outcome)
        frozen.set(SETTLED + MINUTE)
        await as_workers(SETTLED + MINUTE)
        async with reader() as tx:
            paid = await tx.fetch(
                "SELECT member_id FROM transfer WHERE reason = 'challenge_prize'"
                " AND debit_account = 'issuance'"
            )
            assert await tx.fetchval("SELECT count(*) FROM job WHERE state <> 'done'") == 0
        winners = sorted(row["member_id"] for row in paid)
        assert winners == sorted([ming.member_id, third.member_id])
        await sound(SETTLED + MINUTE)


async def test_a_merge_and_an_unmerge_and_what_the_shop_tells_end_in_whole_points():
    with clock.frozen(NOW):
        for number in range(ROUNDS):
            ming, hong = await two()
            await shop.done(shop.paid(hong, f"A{number}", 10_000))
            await joined(ming, hong)
            parting = unmerge(STAFF, asked(ming, hong), now=NOW)
            told = shop.tell(
                shop.paid(hong, f"B{number}", 2_000),
                shop.refunded(hong, f"A{number}", "r", ("1", 5_000), at=NOW),
            )
            await asyncio.gather(parting, as_workers(NOW), told)
            await as_workers(NOW)
            assert await balance(ming) == (0, 0, 0)
            assert await balance(hong) == (70, 0, 0)
        await sound(NOW)
