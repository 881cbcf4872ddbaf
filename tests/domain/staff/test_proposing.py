"""What becomes of an adjustment that one may not make alone?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.coupons.model import BulkAsked, VouchersAsked
from domain.coupons.operations import issue_in_bulk, make_vouchers
from domain.ledger.errors import InsufficientPoints
from domain.ledger.operations import audit
from domain.members import aliases
from domain.members.errors import MemberErased
from domain.privacy.operations import erase, export
from domain.rewards.model import Adjusted, Operation
from domain.rewards.operations import adjust, approve
from domain.staff import operations, views
from domain.staff.errors import (
    ApprovalRequired,
    NotTheProposer,
    ProposalClosed,
    SecondPersonRequired,
)
from domain.staff.model import State
from kit.errors import IdempotencyKeyReused, InvalidInput, NotFound
from kit.ids import new_id
from tests.support import forgetting
from tests.support.merging import merged
from tests.support.programmes import in_force
from tests.support.staff import ADA, BOB, LIMITS, asking, chain, posted, proposed, state_of
from tests.support.value import give, wallet
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("shop")
DAY = timedelta(days=1)


async def yes(proposal, by=BOB, *, now=NOW):
    return await approve(proposal.id, staff=by, note="seen the mail", now=now)


async def test_nothing_is_posted_until_a_second_approves_and_then_it_is_posted_once():
    member_id = (await a_member()).member_id
    asked = asking(member_id, expires_at=NOW + 30 * DAY, reason_code="GOODWILL")
    proposal = await proposed(asked)
    assert (await wallet(member_id)).available == 0
    assert (proposal.proposed_by, proposal.amount, proposal.programme_version) == (ADA, 600, 1)
    assert (proposal.reason, proposal.reason_code) == ("late parcel", "GOODWILL")
    assert proposal.expires_at == NOW + 7 * DAY
    async with nothing_changed():
        with pytest.raises(ApprovalRequired):
            await adjust(ADA, asked, now=NOW)
    found = await yes(proposal)
    assert found.adjusted == Adjusted(member_id, 1, 600)
    assert (found.proposal.state, found.proposal.decided_by) == ("APPROVED", BOB)
    async with nothing_changed():
        with pytest.raises(ProposalClosed):
            await yes(proposal, "carl")
        assert await adjust(ADA, asked, now=NOW + DAY) == found.adjusted
    assert await posted() == [600]
    async with reader() as tx:
        inputs = await tx.fetchval("SELECT inputs::text FROM decision WHERE kind = 'adjustment'")
        actions = await tx.fetch("SELECT actor, action, reason FROM staff_action ORDER BY id")
    for said in ('"by": "ada@shop"', '"approved_by": "bob@shop"', '"reason_code": "GOODWILL"'):
        assert said in inputs
    assert [tuple(row) for row in actions] == [
        (ADA, "adjustPoints", "late parcel"),
        (BOB, "approve", "seen the mail"),
    ]
    assert await chain(ADA) == [("propose", 600)]
    assert await chain(BOB) == [("approve", 600)]
    assert (await audit(now=NOW)).breaches == []


async def test_taking_points_needs_a_second_like_giving_them():
    member_id = (await a_member()).member_id
    await give(member_id, 2_000)
    proposal = await proposed(asking(member_id, -501))
    assert (await wallet(member_id)).available == 2_000
    await yes(proposal)
    assert (await wallet(member_id)).available == 1_499


async def test_many_small_ones_over_many_members_come_to_the_limit_of_a_day_which_rolls():
    members = [(await a_member()).member_id for _ in range(3)]
    for number, at in enumerate((NOW, NOW + timedelta(hours=10))):
        await adjust(ADA, asking(members[number], 500, f"k{number}"), now=at)
    await proposed(asking(members[2], 1, "third"), now=NOW + DAY - timedelta(seconds=1))
    await adjust("bob", asking(members[2], 500, "other"), now=NOW + DAY)
    await adjust(ADA, asking(members[2], 500, "later"), now=NOW + DAY)
    await proposed(asking(members[2], 1, "again"), now=NOW + DAY)
    assert await posted() == [500, 500, 500, 500]


async def test_what_was_taken_makes_no_room_for_what_is_given():
    member_id = (await a_member()).member_id
    await adjust(ADA, asking(member_id, 500, "up"), now=NOW)
    await adjust(ADA, asking(member_id, -500, "down"), now=NOW)
    await proposed(asking(member_id, 1, "more"))
    assert await posted() == [-500, 500]


async def test_what_was_approved_counts_for_nobody():
    member_id = (await a_member()).member_id
    await yes(await proposed(asking(member_id, 900)))
    for by in (ADA, BOB):
        await adjust(by, asking(member_id, 500, "a"), now=NOW)
        await adjust(by, asking(member_id, 500, "b"), now=NOW)
    assert await posted() == [500, 500, 500, 500, 900]


async def test_red_packets_and_corrections_of_credit_are_one_sum():
    member_id = (await a_member()).member_id
    grant, correct = Operation.GRANT_CREDIT, Operation.ADJUST_CREDIT
    await adjust(ADA, asking(member_id, 500, "a", operation=grant), now=NOW)
    await adjust(ADA, asking(member_id, -500, "b", operation=correct), now=NOW)
    proposal = await proposed(asking(member_id, 100, "c", operation=grant))
    assert (proposal.unit, proposal.verb) == ("CREDIT", "grantCredit")
    await adjust(ADA, asking(member_id, 500, "d"), now=NOW)
    found = await yes(proposal)
    assert found.adjusted is not None
    assert (await wallet(member_id, "CREDIT")).available == 100


@pytest.mark.parametrize("by", [ADA, "ADA@shop", " ada@shop "])
async def test_nobody_decides_about_their_own_however_their_name_is_written(by):
    proposal = await proposed(asking((await a_member()).member_id))
    async with nothing_changed():
        with pytest.raises(SecondPersonRequired):
            await yes(proposal, by)
        with pytest.raises(SecondPersonRequired):
            await operations.reject(proposal.id, staff=by, note="no", now=NOW)
    assert await posted() == []


async def test_who_is_the_member_gets_nothing_by_their_own_word():
    bob = await a_member(external_id="Bob@Shop")
    proposal = await proposed(asking(bob.member_id))
    async with nothing_changed():
        with pytest.raises(SecondPersonRequired):
            await yes(proposal)
    assert await state_of(await proposed(asking(bob.member_id, 1, "own"), BOB)) == State.PENDING
    await yes(proposal, "carl")
    assert await posted() == [600]


async def test_what_was_rejected_or_withdrawn_is_never_posted():
    member_id = (await a_member()).member_id
    one, other = await proposed(asking(member_id)), await proposed(asking(member_id, key="other"))
    await operations.reject(one.id, staff=BOB, note="no such parcel", now=NOW)
    async with nothing_changed():
        with pytest.raises(NotTheProposer):
            await operations.withdraw(other.id, staff=BOB, note="not mine", now=NOW)
    await operations.withdraw(other.id, staff=ADA, note="a mistake", now=NOW)
    async with nothing_changed():
        for found in (one, other):
            with pytest.raises(ProposalClosed):
                await yes(found)
        with pytest.raises(ProposalClosed) as closed:
            await adjust(ADA, asking(member_id), now=NOW)
    assert closed.value.facts == {"state": "REJECTED"}
    assert await chain(ADA) == [("propose", 600), ("propose", 600), ("withdraw", 600)]
    assert await chain(BOB) == [("reject", 600)]
    assert (await audit(now=NOW)).breaches == []


async def test_after_its_days_it_is_expired_and_decided_by_nobody():
    member_id = (await a_member()).member_id
    proposal, later = await proposed(asking(member_id)), NOW + 7 * DAY
    assert await state_of(proposal, now=later - timedelta(seconds=1)) == State.PENDING
    async with nothing_changed():
        with pytest.raises(ProposalClosed):
            await yes(proposal, now=later)
        with pytest.raises(ProposalClosed):
            await operations.withdraw(proposal.id, staff=ADA, note="late", now=later)
        with pytest.raises(ProposalClosed):
            await adjust(ADA, asking(member_id), now=later)
    assert [one.id for one in (await views.proposals(State.EXPIRED, now=later)).items] == [
        proposal.id
    ]
    assert (await views.proposals(State.PENDING, now=later)).items == []


async def test_what_the_change_is_refused_for_leaves_the_proposal_as_it_was():
    member_id = (await a_member()).member_id
    await give(member_id, 600)
    proposal = await proposed(asking(member_id, -600))
    await adjust(ADA, asking(member_id, -100, "spent"), now=NOW)
    async with nothing_changed():
        with pytest.raises(InsufficientPoints):
            await yes(proposal)
    await give(member_id, 100)
    await yes(proposal)
    assert (await wallet(member_id)).available == 0


async def test_a_key_of_a_proposal_is_for_the_very_same_request():
    member_id = (await a_member()).member_id
    await proposed(asking(member_id))
    elsewhere = (await a_member()).member_id
    async with nothing_changed():
        for other in (
            asking(member_id, 601),
            asking(member_id, 5),
            asking(elsewhere),
            asking(member_id, reason="other"),
            asking(member_id, reason_code="FRAUD"),
        ):
            with pytest.raises(IdempotencyKeyReused):
                await adjust(ADA, other, now=NOW)


async def test_a_proposal_about_who_was_merged_is_posted_to_whom_they_go_on_as():
    hong, ming = await a_member(nickname="小红"), await a_member()
    proposal = await proposed(asking(hong.member_id))
    await merged(ming, hong)
    with pytest.raises(ApprovalRequired):
        await adjust(ADA, asking(aliases.current(hong.member_id)), now=NOW)
    found = await yes(proposal)
    assert found.adjusted is not None
    assert (found.adjusted.member_id, found.adjusted.amount) == (ming.member_id, 600)
    assert await adjust(ADA, asking(ming.member_id), now=NOW) == found.adjusted
    assert (await audit(now=NOW)).breaches == []


async def test_nothing_is_posted_to_who_was_erased_and_its_words_are_gone():
    member_id = (await a_member()).member_id
    proposal = await proposed(asking(member_id))
    await erase(member_id, forgetting.asked(), now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberErased):
            await yes(proposal)
    assert (await views.proposal(proposal.id)).reason == ""
    assert (await audit(now=NOW)).breaches == []


async def test_what_can_not_be_a_decision_is_refused():
    proposal = await proposed(asking((await a_member()).member_id))
    async with nothing_changed():
        for note in ("", "  ", "n" * 501, "\x00"):
            with pytest.raises(InvalidInput):
                await approve(proposal.id, staff=BOB, note=note, now=NOW)
        for verb in (operations.reject, operations.withdraw, approve):
            with pytest.raises(NotFound):
                await verb(new_id(), staff=BOB, note="n", now=NOW)


async def test_a_reason_is_one_of_the_programmes():
    member_id = (await a_member()).member_id
    async with nothing_changed():
        with pytest.raises(InvalidInput) as refused:
            await adjust(ADA, asking(member_id, 1, reason_code="GIFT"), now=NOW)
    assert refused.value.path == ["input", "reasonCode"]
    await in_force(now=NOW + DAY, adjustments={**LIMITS, "reason_default": None})
    async with nothing_changed():
        with pytest.raises(InvalidInput):
            await adjust(ADA, asking(member_id, 1), now=NOW + DAY)
    await adjust(ADA, asking(member_id, 1, reason_code="GOODWILL"), now=NOW + DAY)


async def test_vouchers_above_the_limit_are_made_by_who_proposed_them_once_it_is_approved():
    asked = VouchersAsked("PRINTED", 4, "k")

    async def make(wanted=asked):
        return await make_vouchers(wanted, actor=ADA, secret=b"s", now=NOW)

    with pytest.raises(ApprovalRequired):
        await make()
    assert await counts("voucher") == [0]
    (proposal,) = (await views.proposals(State.PENDING, now=NOW)).items
    assert (proposal.amount, proposal.terms["template"]) == (4, "PRINTED")
    assert (await yes(proposal)).adjusted is None
    assert await counts("voucher") == [0]
    with pytest.raises(IdempotencyKeyReused):
        await make(VouchersAsked("PRINTED", 5, "k"))
    assert len((await make()).codes) == 4
    assert (await make()).codes == ()
    assert len((await make(VouchersAsked("PRINTED", 3, "alone"))).codes) == 3
    with pytest.raises(ApprovalRequired):
        await make(VouchersAsked("PRINTED", 1, "more"))
    assert await chain(ADA) == [
        ("propose", 4),
        ("makeVouchers", 4),
        ("makeVouchers", 3),
        ("propose", 1),
    ]


async def test_coupons_for_more_members_than_one_may_alone_wait_for_a_second():
    for number in range(4):
        await a_member(external_id=f"c{number}")

    async def issue(key, **facts):
        return await issue_in_bulk(BulkAsked("COUPON_10", key, **facts), actor=ADA, now=NOW)

    with pytest.raises(ApprovalRequired):
        await issue("all")
    assert await counts("batch") == [0]
    assert (await issue("two", external_ids=("c0", "c1"))).total == 2
    with pytest.raises(ApprovalRequired):
        await issue("more", external_ids=("c2", "c3"))
    proposals = (await views.proposals(State.PENDING, now=NOW)).items
    await yes(proposals[0])
    begun = await issue("all")
    assert (begun.total, (await issue("all")).id) == (4, begun.id)
    await operations.reject(proposals[1].id, staff=BOB, note="no", now=NOW)
    with pytest.raises(ProposalClosed):
        await issue("more", external_ids=("c2", "c3"))


async def test_an_export_says_what_was_done_to_a_member_and_names_nobody_of_the_staff():
    member_id = (await a_member()).member_id
    await adjust(ADA, asking(member_id, 5, "alone"), now=NOW)
    await yes(await proposed(asking(member_id)))
    sections = (await export(member_id, now=NOW))["sections"]
    assert [row["inputs"]["amount"] for row in sections["decisions"]] == [5, 600]
    assert [row["amount"] for row in sections["actsOfStaff"]] == [5, 600, 600]
    assert [row["reason"] for row in sections["proposalsOfStaff"]] == ["late parcel"]
    told = str(sections)
    assert "late parcel" in told
    assert [name for name in (ADA, BOB) if name in told] == []
