"""What waits for staff, is it paid to nobody until then, and once after that?"""

import asyncio
from datetime import timedelta

import pytest

from db.connection import reader
from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.referrals import views
from domain.referrals.errors import ReviewResolved
from domain.referrals.model import Arrival, ShownReview, Suspicion
from domain.referrals.operations import AWARD_INVITER, approve, look, reject
from domain.staff.errors import StaffLimitReached
from kit.errors import InvalidInput, NotFound
from tests.support.programmes import in_force
from tests.support.referring import (
    SETTLED,
    a_friend,
    coupons,
    enrol_by,
    entries,
    pay,
    refund,
    run,
    states,
    two_friends,
)
from tests.support.staff import LIMITS, chain
from tests.support.value import wallet
from tests.support.working import claim_due, do, work
from tests.support.world import NOW, a_member, counts, nothing_changed

pytestmark = pytest.mark.usefixtures("programme")
NIGHT = NOW + timedelta(hours=12)
HOME = Arrival(address="12, Elm St.")
INVITER_AWARD, INVITEE_AWARD = ("earn", "referral", 500), ("earn", "referral", 200)


async def neighbours(*, now=NOW):
    """An inviter and a friend at one address: to be looked at."""
    inviter = (await enrol_by(None, arrival=HOME, now=now)).member
    friend = await a_friend(inviter, arrival=Arrival(address="12 ELM ST"), now=now)
    return inviter, friend


async def waiting():
    """The same, the friend's order having qualified."""
    inviter, friend = await neighbours()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    return inviter, friend


async def queue(state="OPEN"):
    return (await views.reviews(state)).items


async def look_all(at):
    """A whole run of the nightly job, in batches of two."""
    cursor, count = None, 0
    while True:
        looked = await look(as_of=at, cursor=cursor, limit=2)
        count, cursor = count + looked.bindings, looked.cursor
        if cursor is None:
            return count


async def test_neighbours_wait_and_neither_is_paid():
    inviter, friend = await waiting()
    assert await states(friend) == ("QUALIFIED", "BOUND", 0)
    assert await entries(inviter) == await entries(friend) == await coupons(friend) == []
    (shown,) = await queue()
    assert shown == ShownReview(shown.review, "QUALIFIED", NOW)
    review = shown.review
    assert (review.member_id, review.inviter_id) == (friend.member_id, inviter.member_id)
    assert review.reasons == (Suspicion("SAME_ADDRESS", (inviter.member_id,)),)
    assert (review.state, review.opened_at, review.resolved_at) == ("OPEN", SETTLED, None)


async def test_what_is_approved_is_paid_to_both_once_and_dated_as_if_nobody_had_looked():
    inviter, friend = await waiting()
    later = SETTLED + timedelta(days=40)
    shown = await approve(friend.member_id, staff="ada", note="a block of flats", now=later)
    assert (shown.review.state, shown.review.resolved_by) == ("APPROVED", "ada")
    assert (shown.review.resolved_at, shown.review.note) == (later, "a block of flats")
    await work(later)
    async with nothing_changed():
        again = await approve(friend.member_id, staff="bob", note="once more", now=later)
        await work(later)
    assert again.review == shown.review
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]
    assert await coupons(friend) == [("NEW_MEMBER_20", "ISSUED")]
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    async with reader() as tx:
        at = await tx.fetch(
            "SELECT DISTINCT occurred_at FROM transfer WHERE source_type = 'referral'"
        )
        acted = await tx.fetch("SELECT actor, action, reason FROM staff_action")
    assert [row["occurred_at"] for row in at] == [SETTLED]
    assert [tuple(row) for row in acted] == [("ada", "approve_referral", "a block of flats")]


async def test_what_is_rejected_is_never_paid():
    inviter, friend = await waiting()
    shown = await reject(friend.member_id, staff="ada", note="one flat", now=SETTLED)
    assert (shown.review.state, shown.referral_state) == ("REJECTED", "REJECTED")
    await work(SETTLED)
    await pay(friend, "o2", at=SETTLED)
    await work(SETTLED)
    await work(SETTLED + timedelta(days=20))
    assert await states(friend) == ("REJECTED", "REVERSED", 0)
    assert await entries(inviter) == await entries(friend) == await coupons(friend) == []
    assert await queue() == []
    async with nothing_changed():
        again = await reject(friend.member_id, staff="bob", note="again", now=SETTLED)
    assert again.review == shown.review


async def test_the_other_word_afterwards_is_refused():
    for first, then in ((approve, reject), (reject, approve)):
        _, friend = await waiting()
        await first(friend.member_id, staff="ada", note="so be it", now=SETTLED)
        await work(SETTLED)
        async with nothing_changed():
            with pytest.raises(ReviewResolved):
                await then(friend.member_id, staff="ada", note="or not", now=SETTLED)


async def test_what_nobody_has_to_look_at_is_not_found_and_a_note_is_needed():
    friend = await a_friend(await a_member())
    inviter, doubtful = await waiting()
    async with nothing_changed():
        for verb in (approve, reject):
            for who in (friend, inviter):
                with pytest.raises(NotFound):
                    await verb(who.member_id, staff="ada", note="why", now=NOW)
            with pytest.raises(InvalidInput):
                await verb(doubtful.member_id, staff="ada", note=" ", now=NOW)


async def test_the_night_sends_to_review_before_anything_is_due_and_says_so_once():
    inviter, friend = await neighbours()
    other = await a_friend(inviter)
    assert await look_all(NIGHT) == 2
    (shown,) = await queue()
    assert (shown.review.member_id, shown.referral_state) == (friend.member_id, "BOUND")
    async with nothing_changed():
        assert await look_all(NIGHT + timedelta(days=1)) == 2
    await approve(friend.member_id, staff="ada", note="known", now=NIGHT)
    async with nothing_changed():
        await look_all(NIGHT + timedelta(days=1))
        assert await look_all(NIGHT + timedelta(days=15)) == 0
    for member in (friend, other):
        await pay(member, "o1", at=NIGHT)
    await work(NIGHT)
    await work(NIGHT + timedelta(days=15))
    assert await entries(inviter) == [INVITER_AWARD, INVITER_AWARD]


async def test_a_new_reason_opens_an_approved_review_again():
    inviter, friend = await neighbours()
    await look_all(NIGHT)
    await approve(friend.member_id, staff="ada", note="known", now=NIGHT)
    farm = Arrival(device_id="a farm")
    for _ in range(3):
        await enrol_by(None, arrival=farm)
    await run(
        "INSERT INTO fingerprint SELECT kind, digest, $1, seen_at FROM fingerprint"
        " WHERE kind = 'device' LIMIT 1",
        friend.member_id,
    )
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    assert await entries(inviter) == await entries(friend) == []
    (shown,) = await queue()
    codes = [reason.code for reason in shown.review.reasons]
    assert codes == ["SAME_ADDRESS", "SHARED_DEVICE"]
    assert (shown.review.opened_at, shown.review.resolved_by) == (SETTLED, None)
    await approve(friend.member_id, staff="ada", note="fine", now=SETTLED)
    await work(SETTLED)
    assert await entries(friend) == [INVITEE_AWARD]


async def test_a_ring_that_shows_after_the_award_is_looked_at_and_what_was_paid_comes_back():
    inviter = await a_member()
    friend = await a_friend(inviter)
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    # The friend's second account invites a second one of the inviter's.
    second = (await enrol_by(None, now=SETTLED, arrival=Arrival(device_id="friend's"))).member
    third = await a_friend(second, now=SETTLED, arrival=Arrival(device_id="inviter's"))
    for mine, theirs in ((friend, second), (inviter, third)):
        await run(
            "INSERT INTO fingerprint SELECT kind, digest, $1, seen_at FROM fingerprint"
            " WHERE kind = 'device' AND member_id = $2",
            mine.member_id,
            theirs.member_id,
        )
    await look_all(SETTLED)
    found = {shown.review.member_id: shown for shown in await queue()}
    assert found.keys() == {friend.member_id, third.member_id}
    people = {inviter.member_id, friend.member_id, second.member_id, third.member_id}
    (reason,) = found[friend.member_id].review.reasons
    assert (reason.code, set(reason.members), reason.count) == ("RING", people, 4)

    await reject(friend.member_id, staff="ada", note="one household", now=SETTLED)
    await work(SETTLED)
    assert await states(friend) == ("REJECTED", "REVERSED", 0)
    for member, award in ((inviter, INVITER_AWARD), (friend, INVITEE_AWARD)):
        taken = ("take_back", "referral_reversal", award[2])
        assert await entries(member) == [award, taken]
    assert await coupons(friend) == [("NEW_MEMBER_20", "REVOKED")]


async def test_an_inviter_who_pays_by_the_friends_card_after_the_award_is_looked_at():
    inviter = await a_member()
    friend = await a_friend(inviter)
    await pay(friend, "o1", paymentFingerprint="visa-1")
    await work(NOW)
    await work(SETTLED)
    later = SETTLED + timedelta(days=20)
    await pay(inviter, "o2", at=later, paymentFingerprint="visa-1")
    await work(later)
    await look_all(later)
    (shown,) = await queue()
    assert (shown.review.member_id, shown.referral_state) == (friend.member_id, "REWARDED")
    assert {reason.code for reason in shown.review.reasons} == {"RING", "SAME_PAYMENT"}


async def test_an_award_that_no_refund_could_undo_any_more_is_let_be():
    _, friend = await neighbours()
    await look_all(NIGHT)
    await approve(friend.member_id, staff="ada", note="known", now=NIGHT)
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    long_after = SETTLED + timedelta(days=60)
    await run("UPDATE referral SET bound_at = $1", long_after)
    async with nothing_changed():
        assert await look_all(long_after) == 1


async def test_a_refund_while_it_waits_ends_it():
    inviter, friend = await waiting()
    await refund(friend, "o1", at=SETTLED)
    await work(SETTLED)
    assert await states(friend) == ("REVERSED", "REVERSED", 0)
    assert await queue() == []
    await approve(friend.member_id, staff="ada", note="too late", now=SETTLED)
    await work(SETTLED)
    assert await entries(inviter) == await entries(friend) == []


async def test_the_same_card_that_only_an_order_shows_rejects_the_referral():
    inviter = await a_member()
    await pay(inviter, "mine", at=NOW, paymentFingerprint="visa 4242")
    friend = await a_friend(inviter)
    await pay(friend, "o1", paymentFingerprint="visa 4242")
    await work(NOW)
    await work(SETTLED)
    assert await states(friend) == ("REJECTED", "REVERSED", 0)
    assert await entries(inviter) == await entries(friend) == []
    (shown,) = await queue("REJECTED")
    assert shown.review.reasons == (Suspicion("SAME_PAYMENT", (inviter.member_id,)),)
    assert (shown.review.resolved_by, shown.review.resolved_at) == ("rules", SETTLED)
    with pytest.raises(ReviewResolved):
        await approve(friend.member_id, staff="ada", note="a couple", now=SETTLED)


async def test_a_review_that_opens_between_the_two_awards_holds_the_second_up_until_approved():
    inviter, friend = await two_friends()
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED, leaving=[AWARD_INVITER])
    assert await entries(friend) == [INVITEE_AWARD]
    await run(
        "INSERT INTO referral_review VALUES ($1, $1, $2, 'OPEN',"
        ' \'[{"code": "RING", "members": [], "count": 2, "limit": null}]\', $3)',
        friend.member_id,
        inviter.member_id,
        SETTLED,
    )
    await work(SETTLED)
    assert await states(friend) == ("REWARDED", "BOUND", 0)
    await approve(friend.member_id, staff="ada", note="fine", now=SETTLED)
    await work(SETTLED)
    assert await entries(inviter) == [INVITER_AWARD]
    assert await entries(friend) == [INVITEE_AWARD]


async def test_reviews_are_read_page_by_page():
    friends = [(await neighbours())[1] for _ in range(5)]
    assert await look_all(NIGHT) == 5
    found = [(await views.reviews("OPEN", first=2))]
    while found[-1].has_next:
        found.append(await views.reviews("OPEN", first=2, after=found[-1].cursors[-1]))
    shown = [one.review.member_id for page in found for one in page.items]
    assert len(found) == 3
    assert sorted(shown) == [friend.member_id for friend in friends]
    for bad in ("x", "WyJ4Il0"):
        with pytest.raises(InvalidInput):
            await views.reviews("OPEN", after=bad)


async def test_the_limits_are_those_in_force_when_it_is_looked_at():
    strict = Programme.of({"referral": {"review": {"bindings_per_day": 1}}})
    inviter = await a_member()
    first, second = await a_friend(inviter), await a_friend(inviter)
    later = NOW + timedelta(hours=1)
    await programmes.publish(strict, now=later, published_by="tests", effective_from=later)
    for friend in (first, second):
        await pay(friend, "o1", at=later)
    await work(later)
    await work(later + timedelta(days=15))
    assert (await states(first))[0] == "REWARDED"
    assert (await states(second))[0] == "QUALIFIED"
    (shown,) = await queue()
    assert shown.review.reasons == (Suspicion("MANY_A_DAY", (), 2, 1),)


@pytest.mark.race
async def test_of_approve_and_reject_at_once_one_decides_and_both_sides_agree():
    for number in range(6):
        inviter, friend = await neighbours()
        await pay(friend, "o1")
        await work(NOW)
        await work(SETTLED)
        verbs = (approve, reject) if number % 2 else (reject, approve)
        answers = await asyncio.gather(
            *(verb(friend.member_id, staff="ada", note="so", now=SETTLED) for verb in verbs * 3),
            return_exceptions=True,
        )
        decided = {one.review.state for one in answers if isinstance(one, ShownReview)}
        refused = [one for one in answers if isinstance(one, ReviewResolved)]
        assert (len(decided), len(refused)) == (1, 3)
        claims = await claim_due(SETTLED)
        await asyncio.gather(*(do(claim, SETTLED) for claim in claims))
        await work(SETTLED)
        paid = decided == {"APPROVED"}
        assert await entries(inviter) == ([INVITER_AWARD] if paid else [])
        assert await entries(friend) == ([INVITEE_AWARD] if paid else [])
        assert (await wallet(inviter.member_id)).available == (500 if paid else 0)
    assert await counts("referral_review") == [6]


async def test_one_of_the_staff_lets_no_more_be_paid_in_a_day_than_they_may_give_alone():
    await in_force(now=NOW, since=NOW, adjustments=LIMITS)
    for _ in range(2):
        await neighbours()
    await look_all(NIGHT)
    first, second = [shown.review.member_id for shown in await queue()]
    await approve(first, staff="ada", note="a block of flats", now=NIGHT)
    assert await chain("ada") == [("approveReferral", 700)]
    async with nothing_changed():
        with pytest.raises(StaffLimitReached) as refused:
            await approve(second, staff="Ada", note="another", now=NIGHT)
    assert refused.value.facts == {"limit": 1_000}
    await approve(second, staff="bob", note="another", now=NIGHT)
    assert await queue() == []


async def test_the_first_of_a_day_passes_whatever_the_limit():
    alone = {"alone": {"points": 0, "points_per_day": 0}}
    await in_force(now=NOW, since=NOW, adjustments=alone)
    await neighbours()
    await look_all(NIGHT)
    (shown,) = await queue()
    await approve(shown.review.member_id, staff="ada", note="a block of flats", now=NIGHT)
    assert await queue() == []
