"""When are two members not merged or parted, and does nothing change then?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.ledger.operations import Source, hold, release
from domain.members.errors import MemberMerged
from domain.members.operations import resume, suspend
from domain.merging.errors import (
    MergedLately,
    NotMerged,
    SameMember,
    UnmergeTooLate,
    ValueReserved,
)
from domain.merging.operations import merge, preview, unmerge
from domain.merging.rules import UNMERGE_WITHIN
from kit.errors import IdempotencyKeyReused, InvalidInput, MemberSuspended, NotFound
from kit.ids import global_id, new_id
from tests.support.merging import STAFF, asked, balance, has_nothing, merged, parted
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed, published

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def two():
    await published()
    return await a_member(), await a_member()


async def refused(refusal, verb, what, *, now=NOW):
    async with nothing_changed():
        with pytest.raises(refusal) as caught:
            await verb(STAFF, what, now=now)
    return caught.value


@pytest.mark.parametrize("verb", [merge, preview, unmerge])
async def test_a_member_and_themselves_are_refused(verb):
    ming, _ = await two()
    await refused(SameMember, verb, asked(ming, ming))


@pytest.mark.parametrize("verb", [merge, preview, unmerge])
async def test_somebody_who_is_not_there_is_refused(verb):
    ming, hong = await two()
    unknown = replace(hong, member_id=new_id())
    await refused(NotFound, verb, asked(ming, unknown))
    await refused(NotFound, verb, asked(unknown, ming))


@pytest.mark.parametrize("verb", [merge, preview, unmerge])
async def test_without_a_reason_or_with_an_endless_key_nothing_is_done(verb):
    ming, hong = await two()
    await refused(InvalidInput, verb, replace(asked(ming, hong), reason=" "))
    await refused(InvalidInput, verb, replace(asked(ming, hong), key="k" * 201))
    await refused(InvalidInput, verb, replace(asked(ming, hong), key=""))


@pytest.mark.parametrize("holder", [0, 1])
async def test_nobody_is_merged_while_either_has_an_open_hold(holder):
    both = await two()
    await give(both[holder].member_id, 100)
    held = await hold(
        both[holder].member_id, 40, source=Source("test", "1"), expires_at=NOW + DAY, now=NOW
    )
    refusal = await refused(ValueReserved, merge, asked(*both))
    assert refusal.facts == {"member_id": global_id("Member", both[holder].member_id)}
    await release(both[holder].member_id, held.id, now=NOW)
    await merged(*both)
    assert await balance(both[0]) == (0, 100, 0)


@pytest.mark.parametrize("who", [0, 1])
async def test_nobody_is_merged_while_either_is_suspended(who):
    both = await two()
    await suspend(both[who].member_id, actor="staff:1", reason="fraud", now=NOW)
    await refused(MemberSuspended, merge, asked(*both))
    await resume(both[who].member_id, actor="staff:1", reason="settled", now=NOW)
    await merged(*both)


async def test_who_was_merged_is_merged_with_nobody_else():
    ming, hong = await two()
    gang = await a_member()
    await merged(ming, hong)
    refusal = await refused(MemberMerged, merge, asked(gang, hong))
    assert refusal.facts == {"survivor_id": global_id("Member", ming.member_id)}
    await refused(MemberMerged, merge, asked(hong, gang))
    await refused(MemberMerged, merge, asked(ming, hong))


async def test_who_took_somebody_in_is_absorbed_once_that_cannot_be_undone():
    ming, hong = await two()
    gang = await a_member()
    await give(hong.member_id, 70)
    await merged(ming, hong)
    refusal = await refused(MergedLately, merge, asked(gang, ming), now=NOW + UNMERGE_WITHIN)
    assert refusal.facts == {"until": NOW + UNMERGE_WITHIN}
    await merged(gang, ming, at=NOW + UNMERGE_WITHIN + SECOND)
    assert await balance(gang) == (0, 70, 0)
    assert await has_nothing(ming)
    assert await has_nothing(hong)


async def test_only_who_is_merged_into_this_one_is_parted_from_them():
    ming, hong = await two()
    gang = await a_member()
    await refused(NotMerged, unmerge, asked(ming, hong))
    await merged(ming, hong)
    await refused(NotMerged, unmerge, asked(gang, hong))
    await refused(NotMerged, unmerge, asked(hong, ming))
    await parted(ming, hong)
    await refused(NotMerged, unmerge, asked(ming, hong))


async def test_a_merge_is_undone_for_30_days_and_not_longer():
    ming, hong = await two()
    await merged(ming, hong)
    until = NOW + UNMERGE_WITHIN
    refusal = await refused(UnmergeTooLate, unmerge, asked(ming, hong), now=until + SECOND)
    assert refusal.facts == {"until": until}
    await parted(ming, hong, at=until)


async def test_nobody_is_parted_while_the_survivor_has_an_open_hold():
    ming, hong = await two()
    await give(hong.member_id, 100)
    await merged(ming, hong)
    await hold(ming.member_id, 40, source=Source("test", "1"), expires_at=NOW + DAY, now=NOW)
    await refused(ValueReserved, unmerge, asked(ming, hong))


async def test_a_request_that_is_sent_again_is_answered_the_same_and_done_once():
    ming, hong = await two()
    await give(hong.member_id, 100)
    wanted = asked(ming, hong, key="k")
    first = await merge(STAFF, wanted, now=NOW)
    async with nothing_changed():
        assert await merge(STAFF, wanted, now=NOW + DAY) == first
    back = await unmerge(STAFF, wanted, now=NOW + DAY)
    async with nothing_changed():
        assert await unmerge(STAFF, wanted, now=NOW + 2 * DAY) == back
        assert await merge(STAFF, wanted, now=NOW + 2 * DAY) == first
    await refused(IdempotencyKeyReused, merge, replace(wanted, reason="another"))


async def test_a_preview_says_what_a_merge_then_does_and_changes_nothing():
    ming, hong = await two()
    await give(hong.member_id, 100)
    await give(ming.member_id, 30, activates_at=NOW + DAY)
    async with nothing_changed():
        seen = await preview(STAFF, asked(ming, hong), now=NOW)
    assert await merge(STAFF, asked(ming, hong), now=NOW) == seen
    assert [(b.pending, b.available) for b in seen.balances if b.currency == "POINTS"] == [
        (30, 100)
    ]
    assert seen.lots == 1
