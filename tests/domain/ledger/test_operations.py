"""Do holds and dues work as verbs, once each, and on time however late?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.ledger.errors import HoldResolved, InsufficientPoints
from domain.ledger.operations import (
    Source,
    audit,
    commit,
    hold,
    release,
    release_lapsed_holds,
    settle_members,
)
from domain.members import operations as members
from kit.errors import IdempotencyKeyReused, InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.value import give, kinds, wallet
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)
CHECKOUT = Source("checkout", "1")
UNTIL = NOW + timedelta(minutes=15)


async def a_member_with(points, **facts):
    member_id = (await a_member()).member_id
    await give(member_id, points, **facts)
    return member_id


async def a_hold(member_id, amount=60):
    return await hold(member_id, amount, source=CHECKOUT, expires_at=UNTIL, now=NOW)


async def test_a_source_holds_once_and_another_amount_is_refused():
    member_id = await a_member_with(100)
    first = await a_hold(member_id)
    async with nothing_changed():
        assert await a_hold(member_id) == first
        with pytest.raises(IdempotencyKeyReused):
            await a_hold(member_id, 61)
    assert await kinds(member_id) == [("earn", 100), ("hold", 60)]


async def test_a_hold_is_refused_without_a_trace():
    member_id = await a_member_with(100)
    async with nothing_changed():
        with pytest.raises(InsufficientPoints):
            await a_hold(member_id, 101)
        with pytest.raises(InvalidInput):
            await a_hold(member_id, 0)
        with pytest.raises(InvalidInput):
            await hold(member_id, 1, source=CHECKOUT, expires_at=NOW, now=NOW)
        with pytest.raises(NotFound):
            await a_hold(new_id())
        with pytest.raises(NotFound):
            await commit(member_id, new_id(), now=NOW)
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await a_hold(member_id)


async def test_a_hold_is_committed_once_and_then_not_released():
    member_id = await a_member_with(100)
    held = await a_hold(member_id)
    first = await commit(member_id, held.id, now=NOW)
    async with nothing_changed():
        assert await commit(member_id, held.id, now=NOW + DAY) == first
        with pytest.raises(HoldResolved):
            await release(member_id, held.id, now=NOW)
    assert await kinds(member_id) == [("earn", 100), ("hold", 60), ("commit", 60)]


async def test_a_hold_is_released_once_and_then_not_committed():
    member_id = await a_member_with(100)
    held = await a_hold(member_id)
    first = await release(member_id, held.id, now=NOW)
    async with nothing_changed():
        assert await release(member_id, held.id, now=NOW + DAY) == first
        with pytest.raises(HoldResolved):
            await commit(member_id, held.id, now=NOW)
    assert (await wallet(member_id)).available == 100


async def test_a_hold_whose_time_is_over_is_not_committed_although_no_job_has_released_it():
    member_id = await a_member_with(100)
    held = await a_hold(member_id)
    async with nothing_changed():
        with pytest.raises(HoldResolved):
            await commit(member_id, held.id, now=UNTIL)


async def test_lapsed_holds_are_released_a_batch_at_a_time():
    holders = [await a_member_with(100) for _ in range(3)]
    for member_id in holders:
        await a_hold(member_id)
    early = UNTIL - timedelta(seconds=1)
    assert await release_lapsed_holds(as_of=early) == 0
    assert [await release_lapsed_holds(as_of=UNTIL, limit=2) for _ in range(3)] == [2, 1, 0]
    assert [(await wallet(member_id)).available for member_id in holders] == [100] * 3
    assert (await audit(now=UNTIL)).breaches == []


async def test_a_members_next_verb_finds_a_lapsed_hold_let_go_before_any_job():
    member_id = await a_member_with(100)
    held = await a_hold(member_id)
    other = Source("checkout", "2")
    await hold(member_id, 100, source=other, expires_at=UNTIL + DAY, now=UNTIL)
    assert await kinds(member_id) == [("earn", 100), ("hold", 60), ("release", 60), ("hold", 100)]
    async with nothing_changed():
        assert await release_lapsed_holds(as_of=UNTIL) == 0
        assert (await release(member_id, held.id, now=UNTIL)).state == "released"
    assert (await audit(now=UNTIL)).breaches == []


async def test_what_is_due_is_posted_page_by_page_and_once():
    waiting = [
        await a_member_with(10, activates_at=NOW + DAY, expires_at=NOW + 9 * DAY) for _ in range(5)
    ]
    pages, after = 0, None
    while (after := await settle_members(as_of=NOW + DAY, after=after, limit=2)) is not None:
        pages += 1
    assert pages == 2
    async with nothing_changed():
        assert await settle_members(as_of=NOW + DAY) is None
    assert [(await wallet(member_id)).available for member_id in waiting] == [10] * 5
    await settle_members(as_of=NOW + 30 * DAY)
    assert await kinds(waiting[0]) == [("earn", 10), ("activate", 10), ("expire", 10)]
    assert (await wallet(waiting[0])).next_due_at is None


async def test_a_suspended_members_wallet_is_looked_at_once_and_then_waits():
    member_id = await a_member_with(10, activates_at=NOW + DAY, expires_at=NOW + 9 * DAY)
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    await settle_members(as_of=NOW + DAY)
    assert (await wallet(member_id)).pending == 10
    async with reader() as tx:
        due = await tx.fetchval("SELECT count(*) FROM wallet WHERE next_due_at IS NOT NULL")
    assert due == 0


async def test_a_member_who_resumes_is_looked_at_again():
    member_id = await a_member_with(10, activates_at=NOW + 5 * DAY, expires_at=NOW + 9 * DAY)
    await members.suspend(member_id, actor="staff", reason="test", now=NOW)
    await settle_members(as_of=NOW + 5 * DAY)
    await members.resume(member_id, actor="staff", reason="test", now=NOW + 6 * DAY)
    await settle_members(as_of=NOW + 6 * DAY)
    assert (await wallet(member_id)).available == 10
    assert (await audit(now=NOW + 6 * DAY)).breaches == []
