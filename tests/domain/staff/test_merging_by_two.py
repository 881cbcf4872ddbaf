"""Can one of the staff bring a stranger's points to whom they like, by merging the two?"""

import pytest

from domain.ledger.operations import audit
from domain.merging.model import Asked
from domain.merging.operations import merge, preview
from domain.rewards.operations import adjust, approve
from domain.staff import operations, views
from domain.staff.errors import ApprovalRequired, ProposalClosed, SecondPersonRequired
from domain.staff.model import State
from kit.errors import IdempotencyKeyReused
from tests.support.merging import asked, balance, parted
from tests.support.staff import ADA, BOB, asking, chain, proposed
from tests.support.value import give, packet
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")


async def waiting():
    (found,) = (await views.proposals(State.PENDING, now=NOW)).items
    return found


async def test_more_points_than_one_may_give_alone_go_over_once_a_second_approves():
    ming, hong = await a_member(), await a_member(nickname="小红")
    await give(hong.member_id, 501)
    pair = asked(ming, hong, key="k")
    async with nothing_changed():
        await preview(ADA, pair, now=NOW)
    with pytest.raises(ApprovalRequired):
        await merge(ADA, pair, now=NOW)
    assert (await balance(ming), await balance(hong)) == ((0, 0, 0), (0, 501, 0))
    async with nothing_changed():
        with pytest.raises(ApprovalRequired):
            await merge(ADA, pair, now=NOW)
        with pytest.raises(IdempotencyKeyReused):
            await merge(ADA, asked(hong, ming, key="k"), now=NOW)
    proposal = await waiting()
    assert (proposal.verb, proposal.unit, proposal.amount) == ("mergeMembers", "POINTS", 501)
    await approve(proposal.id, staff=BOB, note="called both", now=NOW)
    assert await balance(ming) == (0, 0, 0)
    outcome = await merge(ADA, pair, now=NOW)
    async with nothing_changed():
        assert await merge(ADA, pair, now=NOW) == outcome
    assert await balance(ming) == (0, 501, 0)
    assert await chain(ADA) == [("propose", 501), ("mergeMembers", 501), ("mergeMembers", 0)]
    assert (await audit(now=NOW)).breaches == []
    await parted(ming, hong)


async def test_what_goes_over_counts_as_if_it_were_given():
    ming, hong = await a_member(), await a_member(nickname="小红")
    await give(hong.member_id, 500)
    await packet(hong.member_id, 500)
    await merge(ADA, asked(ming, hong), now=NOW)
    await adjust(ADA, asking(ming.member_id, 500), now=NOW)
    await proposed(asking(ming.member_id, 1, "more"))


async def test_credit_above_the_limit_needs_a_second_as_well():
    ming, hong = await a_member(), await a_member(nickname="小红")
    await packet(hong.member_id, 501)
    with pytest.raises(ApprovalRequired):
        await merge(ADA, asked(ming, hong, key="k"), now=NOW)
    proposal = await waiting()
    assert (proposal.unit, proposal.amount) == ("CREDIT", 501)
    await operations.reject(proposal.id, staff=BOB, note="strangers", now=NOW)
    async with nothing_changed():
        with pytest.raises(ProposalClosed):
            await merge(ADA, asked(ming, hong, key="k"), now=NOW)
    assert await balance(hong, "CREDIT") == (0, 501, 0)


async def test_nobody_merges_a_stranger_into_themselves_however_little_they_have():
    ada, hong = await a_member(external_id=ADA), await a_member(nickname="小红")
    await give(hong.member_id, 1)
    pair = Asked(ada.member_id, hong.member_id, "one person", "k")
    for staff in (ADA, BOB):
        if staff == BOB:
            await operations.reject((await waiting()).id, staff=BOB, note="no", now=NOW)
            await give(hong.member_id, 600)
        with pytest.raises(ApprovalRequired):
            await merge(staff, pair, now=NOW)
    async with nothing_changed():
        with pytest.raises(SecondPersonRequired):
            await approve((await waiting()).id, staff=ADA, note="that is me", now=NOW)
    assert await balance(ada) == (0, 0, 0)
