"""Who is bound to whom, by which code, and who is refused?"""

import asyncio
from datetime import timedelta

import pytest

from db.connection import reader
from domain.members import operations as members
from domain.members.errors import ContactTaken
from domain.members.views import member as found_member
from domain.referrals import views
from domain.referrals.errors import (
    AlreadyBound,
    BindingTooLate,
    CircularReferral,
    OwnCode,
    SameContact,
    SameDevice,
)
from domain.referrals.model import InvitationRow, ReferralRow
from kit.errors import InvalidInput, MemberSuspended, NotFound
from kit.ids import new_id
from tests.support.referring import (
    a_friend,
    bind,
    enrol_by,
    pay,
    register_by,
    run,
    states,
    two_friends,
)
from tests.support.working import claim_due, jobs_of, work
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("programme")


async def refused(refusal, member, code, *, now=NOW):
    """That binding is refused, and that nothing changed."""
    async with nothing_changed():
        with pytest.raises(refusal) as found:
            await bind(member.member_id, code, now=now)
    return found.value


async def test_a_member_is_bound_and_the_inviter_sees_it():
    inviter, friend = await a_member(), await a_member()
    bound = await bind(friend.member_id, inviter.referral_code, now=NOW)
    assert bound == ReferralRow(
        member_id=friend.member_id,
        inviter_id=inviter.member_id,
        code=inviter.referral_code,
        state="BOUND",
        bound_at=NOW,
        qualified_at=None,
        rewarded_at=None,
        purchase_id=None,
        programme_version=1,
        bound_as=friend.member_id,
    )
    assert await jobs_of(inviter.member_id) == [("referral.bound", "ready")]
    assert await states(friend) == ("BOUND", None, None)

    await work(NOW)
    page = await views.invitations(inviter.member_id)
    assert page.items == [
        InvitationRow(inviter.member_id, friend.member_id, "BOUND", 0, NOW, None, None)
    ]
    assert await jobs_of(inviter.member_id) == [("referral.bound", "done")]


async def test_the_same_code_again_answers_the_same_in_whichever_way_it_is_typed():
    inviter, friend = await a_member(), await a_member()
    code = inviter.referral_code
    first = await bind(friend.member_id, code, now=NOW)
    async with nothing_changed():
        spelled = f" {code[:4].lower()}-{code[4:].lower()} "
        for again in (code, spelled, code.replace("0", "o").replace("1", "l")):
            assert await bind(friend.member_id, again, now=NOW + timedelta(days=90)) == first


@pytest.mark.parametrize("code", ["", "ZZZZZZZZ", "邀请码", "0" * 1_000, "a\x00b", "'; --"])
async def test_a_code_of_nobody_is_not_found(code):
    await refused(NotFound, await a_member(), code)


async def test_a_member_who_does_not_exist_is_not_found():
    inviter = await a_member()
    async with nothing_changed():
        with pytest.raises(NotFound):
            await bind(new_id(), inviter.referral_code, now=NOW)


async def test_a_suspended_member_is_refused():
    inviter, friend = await a_member(), await a_member()
    await members.suspend(friend.member_id, actor="staff", reason="look", now=NOW)
    await refused(MemberSuspended, friend, inviter.referral_code)


async def test_ones_own_code_is_refused():
    member = await a_member()
    await refused(OwnCode, member, member.referral_code)


async def test_a_circle_is_refused_however_long():
    first = await a_member()
    second = await a_friend(first)
    third = await a_friend(second)
    await refused(CircularReferral, first, second.referral_code)
    await refused(CircularReferral, first, third.referral_code)


async def test_a_circle_among_others_does_not_hold_a_binding_up():
    one, other, newcomer = await a_member(), await a_member(), await a_member()
    for invitee, inviter in ((one, other), (other, one)):
        await run(
            "INSERT INTO referral VALUES ($1, $2, 'x', 'BOUND', $3, NULL, NULL, NULL, 1, $1)",
            invitee.member_id,
            inviter.member_id,
            NOW,
        )
    await bind(newcomer.member_id, one.referral_code, now=NOW)
    assert await states(newcomer) == ("BOUND", None, None)


async def test_the_first_inviter_stays():
    _, friend = await two_friends()
    other = await a_member()
    await refused(AlreadyBound, friend, other.referral_code)


async def test_after_seven_days_it_is_too_late():
    inviter, friend = await a_member(), await a_member()
    refusal = await refused(
        BindingTooLate, friend, inviter.referral_code, now=NOW + timedelta(days=7)
    )
    assert refusal.facts == {"days": 7}
    await bind(friend.member_id, inviter.referral_code, now=NOW + timedelta(days=7, seconds=-1))


async def test_after_the_first_paid_order_it_is_too_late_be_it_processed_or_not():
    inviter, friend = await a_member(), await a_member()
    await pay(friend, "o1")
    await refused(BindingTooLate, friend, inviter.referral_code)
    await work(NOW)
    await refused(BindingTooLate, friend, inviter.referral_code)


async def test_the_same_device_is_refused():
    inviter = (await register_by(None, email="ann@example.test", device_id="phone")).member
    friend = (await register_by(None, email="ben@example.test", device_id="phone")).member
    await refused(SameDevice, friend, inviter.referral_code)


async def test_the_same_contact_is_refused_after_normalisation():
    inviter = await a_member(email="ann.lee+1@gmail.com")
    friend = await a_member(email="AnnLee@googlemail.com")
    await refused(SameContact, friend, inviter.referral_code)


async def test_who_registers_with_a_code_is_bound():
    inviter = await a_member()
    found = await register_by(inviter.referral_code.lower(), phone="13800138000", device_id="p")
    assert found.refusal is None
    assert await states(found.member) == ("BOUND", None, None)
    assert await found_member(found.member.member_id) == found.member
    signed_in = await members.sign_in(phone="13800138000", password="correct horse", now=NOW)
    assert signed_in == found.member


async def test_who_registers_without_a_code_is_bound_to_nobody():
    for code in (None, ""):
        found = await register_by(code, email=f"ann{code}@example.test")
        assert found.refusal is None
    assert await counts("member", "referral", "job") == [2, 0, 0]


async def test_a_code_of_nobody_makes_the_member_all_the_same():
    found = await register_by("ZZZZZZZZ", email="ann@example.test")
    assert isinstance(found.refusal, NotFound)
    assert await counts("member", "wallet", "credential", "referral", "job") == [1, 3, 1, 0, 0]
    assert (
        await members.sign_in(email="ann@example.test", password="correct horse", now=NOW)
        == found.member
    )


async def test_a_code_from_the_same_device_makes_the_member_all_the_same():
    inviter = (await register_by(None, email="ann@example.test", device_id="phone")).member
    found = await register_by(inviter.referral_code, email="ben@example.test", device_id="phone")
    assert isinstance(found.refusal, SameDevice)
    assert await counts("member", "referral", "job") == [2, 0, 0]


async def test_who_may_not_register_is_not_bound_either():
    inviter = await a_member(email="ann@example.test")
    async with nothing_changed():
        with pytest.raises(ContactTaken):
            await register_by(inviter.referral_code, email="ann@example.test")
        with pytest.raises(InvalidInput):
            await register_by(inviter.referral_code, email="ben@example.test", password="short")


async def test_a_shops_customer_is_bound_when_they_are_made_and_only_then():
    inviter, other = await a_member(), await a_member()
    made = await enrol_by(inviter.referral_code, external_id="c1")
    assert (made.created, made.refusal) == (True, None)
    async with nothing_changed():
        again = await enrol_by(other.referral_code, external_id="c1")
    assert (again.member, again.created, again.refusal) == (made.member, False, None)

    plain = await enrol_by(None, external_id="c2")
    async with nothing_changed():
        again = await enrol_by(inviter.referral_code, external_id="c2")
    assert (again.member, again.created, again.refusal) == (plain.member, False, None)


async def test_a_customer_of_long_ago_is_made_and_not_bound():
    inviter = await a_member()
    found = await enrol_by(inviter.referral_code, joined_at=NOW - timedelta(days=7))
    assert found.created
    assert isinstance(found.refusal, BindingTooLate)
    assert await counts("referral", "job") == [0, 0]


async def test_invitations_are_read_page_by_page():
    inviter = await a_member()
    friends = [await a_friend(inviter) for _ in range(5)]
    newest_first = [friend.member_id for friend in reversed(friends)]
    first = await views.invitations(inviter.member_id, first=3)
    second = await views.invitations(inviter.member_id, first=3, after=first.cursors[-1])
    assert [one.invitee_id for one in first.items + second.items] == newest_first
    assert (first.has_next, second.has_next) == (True, False)
    assert (first.has_previous, second.has_previous) == (False, True)
    with pytest.raises(InvalidInput):
        await views.invitations(inviter.member_id, first=101)
    for cursor in ("x", "WyJ4Il0"):
        with pytest.raises(InvalidInput):
            await views.invitations(inviter.member_id, after=cursor)
    with pytest.raises(NotFound):
        await views.summary(new_id())


@pytest.mark.race
async def test_of_20_codes_at_once_one_binds():
    friend = await a_member()
    inviters = [await a_member() for _ in range(20)]
    answers = await asyncio.gather(
        *(bind(friend.member_id, inviter.referral_code, now=NOW) for inviter in inviters),
        return_exceptions=True,
    )
    (bound,) = [answer for answer in answers if isinstance(answer, ReferralRow)]
    assert [type(answer) for answer in answers].count(AlreadyBound) == 19
    await work(NOW)
    async with reader() as tx:
        rows = await tx.fetch("SELECT member_id, invitee_id FROM invitation")
    assert [tuple(row) for row in rows] == [(bound.inviter_id, friend.member_id)]


@pytest.mark.race
async def test_one_code_20_times_at_once_binds_once_and_answers_the_same():
    inviter, friend = await a_member(), await a_member()
    answers = await asyncio.gather(
        *(bind(friend.member_id, inviter.referral_code, now=NOW) for _ in range(20))
    )
    assert answers == [answers[0]] * 20
    assert len(await claim_due(NOW)) == 1


@pytest.mark.race
async def test_a_code_entered_while_the_first_order_is_processed_binds_before_it_or_is_too_late():
    inviters = [await a_member() for _ in range(5)]
    friends = [await a_member() for _ in range(10)]
    codes = [inviter.referral_code for inviter in inviters * 2]
    at = NOW + timedelta(seconds=1)

    async def order_then_work():
        for friend in friends:
            await pay(friend, "o1", at=at)
        await work(at)

    async def all_bind():
        return await asyncio.gather(
            *(
                bind(friend.member_id, code, now=NOW)
                for friend, code in zip(friends, codes, strict=True)
            ),
            return_exceptions=True,
        )

    _, answers = await asyncio.gather(order_then_work(), all_bind())
    assert {type(answer) for answer in answers} <= {ReferralRow, BindingTooLate}
    await work(at)
    await work(at + timedelta(days=15))
    for friend, answer in zip(friends, answers, strict=True):
        bound = isinstance(answer, ReferralRow)
        assert (await states(friend))[0] == ("REWARDED" if bound else None)
