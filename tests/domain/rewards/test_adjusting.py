"""How is a balance corrected by staff?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.connection import reader
from domain.ledger.errors import InsufficientPoints
from domain.members import operations as members
from domain.points.rules import expires_at
from domain.rewards.model import Adjusted, Adjustment
from domain.rewards.operations import adjust
from kit.errors import IdempotencyKeyReused, InvalidInput, NotFound
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.value import give, kinds, lots, wallet
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")


async def asked(amount=50, **facts) -> Adjustment:
    member = await a_member()
    return Adjustment(member.member_id, amount, **{"reason": "goodwill", "key": "k", **facts})


async def test_points_are_added_with_the_programmes_expiry_or_ones_own(shop):
    one = await asked()
    other = await asked(expires_at=NOW + timedelta(days=5), key="other")
    assert await adjust("staff:1", one, now=NOW) == Adjusted(one.member_id, 1, 50)
    await adjust("staff:1", other, now=NOW)
    (lot,), (short,) = await lots(one.member_id), await lots(other.member_id)
    assert (lot.remaining, lot.expires_at) == (50, expires_at(NOW, shop))
    assert short.expires_at == NOW + timedelta(days=5)
    found = await wallet(one.member_id)
    assert (found.available, found.lifetime_earned) == (50, 0)
    async with reader() as tx:
        rows = await tx.fetch("SELECT actor, action, reason FROM staff_action ORDER BY id")
    assert [tuple(row) for row in rows] == [("staff:1", "adjustPoints", "goodwill")] * 2


async def test_where_inactivity_ends_points_added_ones_end_by_it_too():
    later = NOW + timedelta(days=1)
    await in_force(now=later, points={"expiry": {"kind": "inactivity", "months": 12}})
    found = await asked()
    await adjust("staff:1", found, now=later)
    (lot,) = await lots(found.member_id)
    assert lot.expires_at == datetime(2027, 3, 3, 16, tzinfo=UTC)


async def test_points_are_taken_down_to_nothing_and_not_below():
    found = await asked(-60)
    await give(found.member_id, 50)
    with pytest.raises(InsufficientPoints) as refused:
        await adjust("staff:1", found, now=NOW)
    assert refused.value.facts == {"available": 50, "required": 60}
    await give(found.member_id, 50)
    async with nothing_changed():
        with pytest.raises(InsufficientPoints) as again:
            await adjust("staff:1", found, now=NOW)
    assert again.value.facts == refused.value.facts
    await adjust("staff:1", replace(found, key="other"), now=NOW)
    assert await kinds(found.member_id) == [("earn", 50), ("earn", 50), ("adjust", 60)]


async def test_a_key_is_the_callers_and_is_used_once():
    found = await asked()
    first = await adjust("staff:1", found, now=NOW)
    elsewhere = (await a_member()).member_id
    async with nothing_changed():
        assert await adjust("staff:1", found, now=NOW + timedelta(days=1)) == first
        for other in ({"amount": 51}, {"reason": "other"}, {"member_id": elsewhere}):
            with pytest.raises(IdempotencyKeyReused):
                await adjust("staff:1", replace(found, **other), now=NOW)
    second = await adjust("staff:2", found, now=NOW)
    assert (first.seq, second.seq) == (1, 2)


async def test_a_suspended_members_adjustment_waits_as_pending():
    found = await asked()
    await members.suspend(found.member_id, actor="staff", reason="test", now=NOW)
    await adjust("staff:1", found, now=NOW)
    kept = await wallet(found.member_id)
    assert (kept.pending, kept.available) == (50, 0)


WRONG = [
    ({"amount": 0}, "amount"),
    ({"amount": 10**9 + 1}, "amount"),
    ({"amount": -(10**9) - 1}, "amount"),
    ({"reason": ""}, "reason"),
    ({"reason": "  "}, "reason"),
    ({"reason": "r" * 201}, "reason"),
    ({"key": ""}, "idempotencyKey"),
    ({"expires_at": NOW}, "expiresAt"),
]


@pytest.mark.parametrize(("facts", "path"), WRONG)
async def test_what_can_not_be_an_adjustment_is_refused(facts, path):
    found = replace(await asked(), **facts)
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await adjust("staff:1", found, now=NOW)
    assert refused.value.path == ["input", path]


async def test_an_unknown_member_is_not_found():
    found = replace(await asked(), member_id=new_id())
    async with nothing_changed():
        with pytest.raises(NotFound):
            await adjust("staff:1", found, now=NOW)
