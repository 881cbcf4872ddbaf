"""What do clients see of links, first touches and the queue of what is doubtful?"""

from datetime import timedelta

import pytest

from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.referrals.model import Arrival
from kit import clock
from kit.clock import FrozenClock
from kit.ids import global_id
from tests.support.api import REFUSAL, Asking, member_global_id
from tests.support.merging import merged
from tests.support.referring import enrol_by, pay, states
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, published

SETTLED = NOW + timedelta(days=15)
SHOP = Programme.of({"referral": {"link": "https://shop.example/join?code={code}"}})
LAND = f"""mutation($code: String!, $touch: String) {{
  landReferral(code: $code, touch: $touch) {{ code touch expiresAt {REFUSAL} }} }}"""
REGISTER = f"""mutation($input: RegisterInput!) {{
  register(input: $input) {{ member {{ id }} {REFUSAL} }} }}"""
ENROL = f"""mutation($input: EnrolMemberInput!) {{
  enrolMember(input: $input) {{ created {REFUSAL} }} }}"""
BIND = f"""mutation($code: String!, $arrival: ArrivalInput) {{
  bindReferral(code: $code, arrival: $arrival) {{ referral {{ code }} {REFUSAL} }} }}"""
REVIEW = """review { id state inviteeId inviterId referralState boundAt openedAt resolvedAt
  resolvedBy note reasons { code message count limit memberIds } }"""
QUEUE = f"""query($state: ReviewState!) {{ referralReviews(state: $state) {{
  nodes {{ {REVIEW.removeprefix("review { ").removesuffix(" }")} }} }} }}"""
DECIDE = """mutation($id: ID!, $note: String!) { VERB(id: $id, note: $note) { REVIEW REFUSAL } }"""


@pytest.fixture
def asking(database: str, time: FrozenClock) -> Asking:
    assert time
    return Asking(database)


def deciding(verb: str) -> str:
    words = {"VERB": verb, "REVIEW": REVIEW, "REFUSAL": REFUSAL}
    document = DECIDE
    for word, text in words.items():
        document = document.replace(word, text)
    return document


async def doubtful():
    """Two at one address, the order having qualified."""
    inviter = (await enrol_by(None, arrival=Arrival(address="Elm St 1"))).member
    code = inviter.referral_code
    friend = (await enrol_by(code, arrival=Arrival(address="Elm St 1"))).member
    await pay(friend, "o1")
    await work(NOW)
    await work(SETTLED)
    return inviter, friend


async def test_a_member_has_a_link_and_its_code_where_the_programme_names_a_place(asking: Asking):
    await published()
    member = await a_member()
    query = "{ me { referral { code link qrCode } } }"
    token = asking.member(member.member_id)
    found = (await asking(query, token))["data"]["me"]["referral"]
    assert found == {"code": member.referral_code, "link": None, "qrCode": None}
    await programmes.publish(SHOP, now=NOW, published_by="tests", effective_from=NOW)
    found = (await asking(query, token))["data"]["me"]["referral"]
    assert found["link"] == f"https://shop.example/join?code={member.referral_code}"
    assert found["qrCode"].startswith("<svg ")


async def test_a_link_that_was_opened_first_binds_who_registers(asking: Asking, time: FrozenClock):
    await published()
    ann, bo = await a_member(), await a_member()
    first = (await asking(LAND, code=ann.referral_code))["data"]["landReferral"]
    assert first["code"] == ann.referral_code
    assert first["expiresAt"] == "2026-04-01T04:00:00Z"
    time.set(NOW + timedelta(days=20))
    second = await asking(LAND, code=bo.referral_code, touch=first["touch"])
    assert second["data"]["landReferral"] == first
    asked = {
        "nickname": "Cy",
        "email": "cy@qq.com",
        "password": "correct horse",
        "referralCode": bo.referral_code,
        "touch": first["touch"],
        "address": "Elm St 1",
    }
    made = (await asking(REGISTER, input=asked))["data"]["register"]
    assert made["refusal"] is None
    assert await counted(asking, ann) == 0  # the inviter hears of it by a job
    await work(clock.now())
    assert (await counted(asking, ann), await counted(asking, bo)) == (1, 0)


async def counted(asking: Asking, member) -> int:
    found = await asking("{ me { referral { bound } } }", asking.member(member.member_id))
    return found["data"]["me"]["referral"]["bound"]


async def test_a_code_of_nobody_lands_nowhere(asking: Asking):
    await published()
    found = (await asking(LAND, code="ZZZZZZZZ"))["data"]["landReferral"]
    assert found["refusal"]["code"] == "NOT_FOUND"
    assert (found["code"], found["touch"], found["expiresAt"]) == (None, None, None)


async def test_binding_and_enrolment_tell_what_came_along(asking: Asking):
    await published()
    key = await asking.service("members:write")
    told = {"deviceId": "till 1", "address": "Elm St 1", "paymentFingerprint": "visa"}
    for number in (1, 2):
        asked = {"externalId": f"c{number}", "nickname": "Cy"} | told
        assert (await asking(ENROL, key, input=asked))["data"]["enrolMember"]["created"]
    inviter, friend = await a_member(), await a_member()
    for member, arrival in ((inviter, told), (friend, told | {"deviceId": "other"})):
        code = (await a_member()).referral_code
        found = await asking(BIND, asking.member(member.member_id), code=code, arrival=arrival)
        assert found["data"]["bindReferral"]["refusal"] is None
    newcomer = asking.member((await a_member()).member_id)
    async with nothing_changed():
        for arrival, refusal in (
            (told, "SAME_DEVICE"),
            ({"paymentFingerprint": "visa"}, "SAME_PAYMENT"),
            ({"deviceId": "x" * 129}, "INVALID_INPUT"),
        ):
            found = await asking(BIND, newcomer, code=inviter.referral_code, arrival=arrival)
            assert found["data"]["bindReferral"]["refusal"]["code"] == refusal
        assert found["data"]["bindReferral"]["refusal"]["path"] == ["arrival", "deviceId"]


async def test_staff_see_why_and_approve(asking: Asking, time: FrozenClock):
    await published()
    inviter, friend = await doubtful()
    time.set(SETTLED)
    (found,) = (await asking(QUEUE, asking.staff(), state="OPEN"))["data"]["referralReviews"][
        "nodes"
    ]
    assert found == {
        "id": global_id("ReferralReview", friend.member_id),
        "state": "OPEN",
        "inviteeId": member_global_id(friend.member_id),
        "inviterId": member_global_id(inviter.member_id),
        "referralState": "QUALIFIED",
        "boundAt": "2026-03-02T04:00:00Z",
        "openedAt": "2026-03-17T04:00:00Z",
        "resolvedAt": None,
        "resolvedBy": None,
        "note": None,
        "reasons": [
            {
                "code": "SAME_ADDRESS",
                "message": "The inviter has the same address",
                "count": None,
                "limit": None,
                "memberIds": [member_global_id(inviter.member_id)],
            }
        ],
    }
    chinese = await asking(QUEUE, asking.staff(), locale="zh-CN", state="OPEN")
    (node,) = chinese["data"]["referralReviews"]["nodes"]
    assert node["reasons"][0]["message"] == "与邀请人地址相同"
    made = await asking(
        deciding("approveReferral"), asking.staff(), id=found["id"], note="one block"
    )
    payload = made["data"]["approveReferral"]
    assert payload["refusal"] is None
    assert payload["review"] == found | {
        "state": "APPROVED",
        "resolvedAt": "2026-03-17T04:00:00Z",
        "resolvedBy": "ada@shop",
        "note": "one block",
    }
    await work(SETTLED)
    assert await states(friend) == ("REWARDED", "REWARDED", 500)
    assert (await asking(QUEUE, asking.staff(), state="OPEN"))["data"]["referralReviews"][
        "nodes"
    ] == []


async def test_a_review_is_decided_about_by_its_id_whoever_its_invitee_is_by_now(
    asking: Asking, time: FrozenClock
):
    await published()
    _, friend = await doubtful()
    await merged(await a_member(), friend, at=SETTLED)
    time.set(SETTLED)
    (found,) = (await asking(QUEUE, asking.staff(), state="OPEN"))["data"]["referralReviews"][
        "nodes"
    ]
    made = await asking(deciding("approveReferral"), asking.staff(), id=found["id"], note="fine")
    payload = made["data"]["approveReferral"]
    assert (payload["refusal"], payload["review"]["state"]) == (None, "APPROVED")
    assert payload["review"]["id"] == found["id"] == global_id("ReferralReview", friend.member_id)


async def test_staff_reject_and_may_not_take_it_back(asking: Asking, time: FrozenClock):
    await published()
    _, friend = await doubtful()
    time.set(SETTLED)
    review = global_id("ReferralReview", friend.member_id)
    made = await asking(deciding("rejectReferral"), asking.staff(), id=review, note="one flat")
    payload = made["data"]["rejectReferral"]["review"]
    assert (payload["state"], payload["referralState"]) == ("REJECTED", "REJECTED")
    async with nothing_changed():
        for verb, id_, note, code in (
            ("approveReferral", review, "or not", "REVIEW_RESOLVED"),
            ("rejectReferral", member_global_id(friend.member_id), "n", "NOT_FOUND"),
            ("rejectReferral", review, " ", "INVALID_INPUT"),
        ):
            found = await asking(deciding(verb), asking.staff(), id=id_, note=note)
            refusal = found["data"][verb]["refusal"]
            assert refusal["code"] == code
            if code == "INVALID_INPUT":
                assert refusal["path"] == ["note"]
