"""Does it pay to invite oneself? Each trick from the first tap to the last look, for no points."""

import itertools
from datetime import timedelta

import pytest

from db.connection import reader
from domain.ledger.operations import audit
from domain.referrals import views
from domain.referrals.errors import (
    AlreadyBound,
    CircularReferral,
    OwnCode,
    SameContact,
    SameDevice,
)
from domain.referrals.model import Arrival
from domain.referrals.operations import look
from tests.support.referring import (
    bind,
    coupons,
    enrol_by,
    entries,
    pay,
    refund,
    register_by,
    states,
)
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, counts, nothing_changed, published

pytestmark = pytest.mark.journey
NIGHT = NOW + timedelta(hours=12)
SETTLED = NOW + timedelta(days=15)
ON_ONE_DEVICE = 200


@pytest.fixture(autouse=True)
async def programme(database: str):
    assert database
    return await published()


async def refused(refusal, member, code):
    async with nothing_changed():
        with pytest.raises(refusal):
            await bind(member.member_id, code, now=NOW)


async def let_time_pass(*, until=SETTLED):
    """A night, and the end of every return window."""
    await work(NOW)
    await look(as_of=NIGHT, cursor=None, limit=1_000)
    await work(until)
    await work(until + timedelta(minutes=1))


async def gained(*members):
    """What referrals moved of anybody's points, net."""
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT coalesce(sum(CASE WHEN kind = 'earn' THEN amount ELSE -amount END), 0)::int"
            " FROM transfer WHERE source_type LIKE 'referral%' AND currency = 'POINTS'"
            " AND (member_id = ANY($1) OR $2)",
            [member.member_id for member in members],
            not members,
        )


async def reasons(state="OPEN"):
    """Of every review in that state, what it is for."""
    page = await views.reviews(state, first=100)
    return [{reason.code for reason in shown.review.reasons} for shown in page.items]


async def require_sound_books():
    assert (await audit(now=SETTLED + timedelta(days=70))).breaches == []


async def test_oneself_by_a_plus_tag():
    me = (await register_by(None, email="ann.lee@gmail.com")).member
    again = await register_by(me.referral_code, email="a.n.n.lee+points@googlemail.com")
    assert isinstance(again.refusal, SameContact)
    await refused(SameContact, again.member, me.referral_code)
    await refused(OwnCode, me, me.referral_code)

    # The shop's customer of the same mailbox, and one of the same device.
    customer = await enrol_by(me.referral_code, email="annlee+2@gmail.com")
    assert isinstance(customer.refusal, SameContact)
    phone = Arrival(device_id="my phone")
    mine = (await enrol_by(None, arrival=phone)).member
    assert isinstance((await enrol_by(mine.referral_code, arrival=phone)).refusal, SameDevice)

    await pay(customer.member, "o1")
    await let_time_pass()
    assert await gained() == 0
    assert await counts("referral", "referral_review") == [0, 0]


async def test_two_of_one_mailbox_by_an_accomplice():
    accomplice = await a_member()
    friends = []
    for number in range(3):
        found = await enrol_by(accomplice.referral_code, email=f"bo+{number}@outlook.com")
        assert found.refusal is None
        friends.append(found.member)
        await pay(found.member, "o1")
    await let_time_pass()
    assert await gained() == 0
    assert await reasons() == [{"SHARED_CONTACT"}] * 3
    assert [(await states(friend))[0] for friend in friends] == ["QUALIFIED"] * 3


async def test_a_ring_of_five():
    people = [await a_member() for _ in range(5)]
    for one, other in itertools.pairwise(people):
        await bind(other.member_id, one.referral_code, now=NOW)
    await refused(CircularReferral, people[0], people[-1].referral_code)
    await refused(AlreadyBound, people[-1], people[0].referral_code)
    for person in people:
        await pay(person, "o1", 2_000)
    await let_time_pass()
    assert await gained() == 0
    assert await reasons() == [{"CHAIN"}] * 4


async def test_a_ring_of_five_that_second_accounts_close():
    inviters = [await a_member(email=f"p{number}@gmail.com") for number in range(5)]
    for number, inviter in enumerate(inviters):
        alias = f"p{(number + 1) % 5}+alias@googlemail.com"
        found = await enrol_by(inviter.referral_code, email=alias)
        assert found.refusal is None
        await pay(found.member, "o1", 2_000)
    await let_time_pass()
    assert await gained() == 0
    assert await reasons() == [{"CHAIN", "RING", "SHARED_CONTACT"}] * 5


async def test_50_friends_on_one_device():
    boss = await a_member()
    for _ in range(50):
        found = await enrol_by(boss.referral_code, arrival=Arrival(device_id="one tablet"))
        assert found.refusal is None
        await pay(found.member, "o1", 2_000)
    await let_time_pass()
    assert await gained() == 0
    found = await reasons()
    assert len(found) == 50
    assert all("SHARED_DEVICE" in one for one in found)


async def test_of_200_accounts_on_one_device_no_more_are_paid_than_the_programme_passes(programme):
    """Ten inviters, four days: the crowd comes while the first few have been paid already."""
    cap = programme.referral.review.members_per_device
    device = Arrival(device_id="a farm")
    inviters = [await a_member() for _ in range(10)]
    friends = [(await enrol_by(inviters[n].referral_code, arrival=device)).member for n in range(2)]
    for friend in friends:
        await pay(friend, "o1")
    await let_time_pass()
    assert await gained(*friends) == 2 * 200

    for n in range(2, ON_ONE_DEVICE):
        code = inviters[n % 10].referral_code
        at = SETTLED + timedelta(days=n % 4)
        friends.append((await enrol_by(code, now=at, arrival=device)).member)
        await pay(friends[-1], "o1", at=at)
    later = SETTLED + timedelta(days=4)
    await work(later)
    await work(later + timedelta(days=16))
    found = [(await states(friend))[0] for friend in friends]
    assert found.count("REWARDED") <= cap
    assert found.count("REWARDED") == 2
    assert found.count("QUALIFIED") == ON_ONE_DEVICE - 2
    assert await counts("referral_review") == [ON_ONE_DEVICE - 2]
    assert await gained() == 2 * (200 + 500)


async def test_orders_that_are_sent_back():
    """Five friends buy, everybody is paid with the milestone for three, and all is sent back."""
    boss = await a_member()
    friends = [(await enrol_by(boss.referral_code)).member for _ in range(5)]
    for friend in friends:
        await pay(friend, "o1")
    await let_time_pass()
    assert (await wallet(boss.member_id)).available == 5 * 500 + 300

    refunded_at = SETTLED + timedelta(days=5)
    for friend in friends:
        await refund(friend, "o1", at=refunded_at)
    await work(refunded_at)
    assert await gained() == 0
    assert (await wallet(boss.member_id)).available == 0
    assert (await views.summary(boss.member_id)).points_earned == 0
    for friend in friends:
        assert await states(friend) == ("REVERSED", "REVERSED", 0)
        assert (await wallet(friend.member_id)).available == 0
        assert await coupons(friend) == [("NEW_MEMBER_20", "REVOKED")]
    assert {reason for _, reason, _ in (await entries(boss))[6:]} == {"referral_reversal"}
    await require_sound_books()


async def test_a_burst_of_friends_in_a_day():
    boss = await a_member()
    friends = [(await enrol_by(boss.referral_code)).member for _ in range(12)]
    for friend in friends:
        await pay(friend, "o1")
    await let_time_pass()
    found = [(await states(friend))[0] for friend in friends]
    assert found == ["REWARDED"] * 5 + ["QUALIFIED"] * 7
    assert await reasons() == [{"MANY_A_DAY"}] * 7


async def test_honest_friends_are_paid_without_anybody_looking():
    boss = await a_member(email="boss@qq.com")
    friends = []
    for number in range(4):
        arrival = Arrival(device_id=f"phone {number}", address=f"Elm St {number}")
        made = await enrol_by(boss.referral_code, email=f"f{number}@qq.com", arrival=arrival)
        friends.append(made.member)
        await pay(made.member, "o1", paymentFingerprint=f"card {number}")
    await let_time_pass()
    assert [(await states(friend))[0] for friend in friends] == ["REWARDED"] * 4
    assert await counts("referral_review") == [0]
