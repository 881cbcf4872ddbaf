"""What does each verb answer over HTTP, and what does its refusal leave behind?"""

from datetime import timedelta

import pytest

from domain.members import operations as members
from domain.members.model import Member
from kit.clock import FrozenClock
from kit.ids import global_id
from tests.support.api import Asking, code_of, member_global_id
from tests.support.value import give, wallet
from tests.support.world import a_member, nothing_changed

REFUSAL = """refusal { __typename code message
  ... on InvalidInput { path } ... on InsufficientPoints { available required }
  ... on AlreadyCheckedIn { checkIn { day streakDays pointsAwarded } }
  ... on LimitReached { limit period resetsAt } ... on ContactTaken { kind }
  ... on TimezoneChangedRecently { againAt } }"""
PASSWORD = "correct horse"


async def test_somebody_registers_and_signs_in(ask: Asking) -> None:
    register = f"""mutation($input: RegisterInput!) {{ register(input: $input) {{
      accessToken expiresAt member {{ nickname email timezone }} {REFUSAL} }} }}"""
    asked = {"nickname": "Ann", "email": "Ann@Example.com", "password": PASSWORD}
    made = (await ask(register, input=asked))["data"]["register"]
    token = made.pop("accessToken")
    assert made == {
        "expiresAt": "2026-03-02T16:00:00Z",
        "member": {"nickname": "Ann", "email": "ann@example.com", "timezone": "Asia/Shanghai"},
        "refusal": None,
    }
    me = "{ me { nickname email } }"
    assert (await ask(me, token))["data"]["me"] == {"nickname": "Ann", "email": "ann@example.com"}
    sign_in = f"""mutation($input: SignInInput!) {{ signIn(input: $input) {{
      accessToken member {{ nickname }} {REFUSAL} }} }}"""
    again = {"email": "ann@example.com", "password": PASSWORD}
    signed_in = (await ask(sign_in, input=again))["data"]["signIn"]
    assert (await ask(me, signed_in["accessToken"]))["data"]["me"]["nickname"] == "Ann"
    async with nothing_changed():
        wrong = await ask(sign_in, input={**again, "password": "wrong horse"})
        assert wrong["data"]["signIn"] == {
            "accessToken": None,
            "member": None,
            "refusal": {
                "__typename": "GenericRefusal",
                "code": "SIGN_IN_FAILED",
                "message": "The contact or the password is wrong.",
            },
        }
        taken = (await ask(register, input=asked))["data"]["register"]
        assert taken["refusal"]["__typename"] == "ContactTaken"
        assert taken["refusal"]["kind"] == "email"
        short = (await ask(register, input={**asked, "password": "short"}))["data"]["register"]
        assert short["refusal"]["path"] == ["input", "password"]
        assert short["accessToken"] is None


async def test_a_wrong_referral_code_makes_the_member_all_the_same(ask: Asking) -> None:
    asked = {"nickname": "Ann", "phone": "13800138000", "password": PASSWORD, "referralCode": "?"}
    query = """mutation($input: RegisterInput!) { register(input: $input) {
      accessToken member { nickname phone } refusal { code } } }"""
    made = (await ask(query, input=asked))["data"]["register"]
    assert made["accessToken"] is not None
    assert made["member"] == {"nickname": "Ann", "phone": "+8613800138000"}
    assert made["refusal"] == {"code": "NOT_FOUND"}


async def test_a_second_check_in_on_a_day_is_refused_with_the_first(
    ask: Asking, ming: Member
) -> None:
    query = f"""mutation {{ checkIn {{ checkIn {{ day streakDays pointsAwarded }}
      member {{ points {{ available }} checkInStatus {{ checkedInToday }} }} {REFUSAL} }} }}"""
    token = ask.member(ming.member_id)
    first = {"day": "2026-03-02", "streakDays": 1, "pointsAwarded": 10}
    member = {"points": {"available": 10}, "checkInStatus": {"checkedInToday": True}}
    answer = await ask(query, token)
    assert answer == {"data": {"checkIn": {"checkIn": first, "member": member, "refusal": None}}}
    async with nothing_changed():
        refused = (await ask(query, token))["data"]["checkIn"]
    assert refused == {
        "checkIn": None,
        "member": None,
        "refusal": {
            "__typename": "AlreadyCheckedIn",
            "code": "ALREADY_CHECKED_IN",
            "message": "Checked in on 2026-03-02 already: day 1 in a row, 10 points.",
            "checkIn": first,
        },
    }


async def test_a_missed_day_is_made_up_for_points(
    ask: Asking, ming: Member, time: FrozenClock
) -> None:
    await give(ming.member_id, 100)
    time.advance(timedelta(days=2))
    query = """mutation($day: Date!) { makeUpCheckIn(day: $day) {
      checkIn { day } member { points { available } } refusal { code } } }"""
    token = ask.member(ming.member_id)
    made = (await ask(query, token, day="2026-03-03"))["data"]["makeUpCheckIn"]
    assert made == {
        "checkIn": {"day": "2026-03-03"},
        "member": {"points": {"available": 50}},
        "refusal": None,
    }
    async with nothing_changed():
        again = (await ask(query, token, day="2026-03-03"))["data"]["makeUpCheckIn"]
        assert again["refusal"] == {"code": "DAY_NOT_MISSED"}


REDEEM = f"""mutation($code: String!, $quantity: Int = 1, $key: String!) {{
  redeemReward(input: {{rewardCode: $code, quantity: $quantity, idempotencyKey: $key}}) {{
    redemption {{ id state quantity pricePoints codes reward {{ code title pricePoints }} }}
    member {{ points {{ available }} redemptions {{ nodes {{ id }} }} }} {REFUSAL} }} }}"""
CANCEL = """mutation($id: ID!) { cancelRedemption(id: $id) {
  redemption { id state } member { points { available } } refusal { code } } }"""


async def test_a_reward_is_redeemed_once_for_a_key_and_cancelled(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 2_500)
    token = ask.member(ming.member_id)
    made = (await ask(REDEEM, token, code="MUG", quantity=2, key="a"))["data"]["redeemReward"]
    redemption = made["redemption"]
    redemption_id = redemption.pop("id")
    assert redemption == {
        "state": "REQUESTED",
        "quantity": 2,
        "pricePoints": 2_400,
        "codes": [],
        "reward": {"code": "MUG", "title": "Mug", "pricePoints": 1_200},
    }
    nodes = [{"id": redemption_id}]
    assert made["member"] == {"points": {"available": 100}, "redemptions": {"nodes": nodes}}
    async with nothing_changed():
        again = (await ask(REDEEM, token, code="MUG", quantity=2, key="a"))["data"]["redeemReward"]
        assert again["redemption"] == {"id": redemption_id, **redemption}
        reused = (await ask(REDEEM, token, code="MUG", quantity=1, key="a"))["data"]
        assert reused["redeemReward"]["refusal"]["code"] == "IDEMPOTENCY_KEY_REUSED"
        unknown = (await ask(REDEEM, token, code="NOTHING", key="b"))["data"]["redeemReward"]
        assert unknown["refusal"]["code"] == "NOT_FOUND"
        many = (await ask(REDEEM, token, code="MUG", quantity=0, key="c"))["data"]["redeemReward"]
        assert many["refusal"]["path"] == ["input", "quantity"]
    cancelled = (await ask(CANCEL, token, id=redemption_id))["data"]["cancelRedemption"]
    assert cancelled == {
        "redemption": {"id": redemption_id, "state": "CANCELLED"},
        "member": {"points": {"available": 2_500}},
        "refusal": None,
    }


async def test_too_few_points_change_no_balance(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 799)
    before = await wallet(ming.member_id)
    token = ask.member(ming.member_id)
    refused = (await ask(REDEEM, token, code="COUPON_10", key="a"))["data"]["redeemReward"]
    assert refused == {
        "redemption": None,
        "member": None,
        "refusal": {
            "__typename": "InsufficientPoints",
            "code": "INSUFFICIENT_POINTS",
            "message": "Not enough points: 800 needed, 799 available.",
            "available": 799,
            "required": 800,
        },
    }
    assert await wallet(ming.member_id) == before


@pytest.mark.parametrize("bad", ["", "x", global_id("Member"), "🐼"])
async def test_ids_that_are_none_are_refused_as_not_found(
    ask: Asking, ming: Member, bad: str
) -> None:
    async with nothing_changed():
        cancelled = await ask(CANCEL, ask.member(ming.member_id), id=bad)
        assert cancelled["data"]["cancelRedemption"]["refusal"] == {"code": "NOT_FOUND"}
        for verb in ("shipRedemption", "deliverRedemption"):
            query = f"mutation($id: ID!) {{ {verb}(id: $id) {{ refusal {{ code }} }} }}"
            assert (await ask(query, ask.staff(), id=bad))["data"][verb]["refusal"][
                "code"
            ] == "NOT_FOUND"
        for verb in ("suspendMember", "resumeMember", "failRedemption"):
            query = (
                f'mutation($id: ID!) {{ {verb}(id: $id, reason: "r") {{ refusal {{ code }} }} }}'
            )
            assert (await ask(query, ask.staff(), id=bad))["data"][verb]["refusal"][
                "code"
            ] == "NOT_FOUND"


async def test_nobody_cancels_what_is_anothers(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 1_000)
    token = ask.member(ming.member_id)
    made = (await ask(REDEEM, token, code="COUPON_10", key="a"))["data"]["redeemReward"]
    stranger = ask.member((await a_member()).member_id)
    async with nothing_changed():
        refused = await ask(CANCEL, stranger, id=made["redemption"]["id"])
    assert refused["data"]["cancelRedemption"]["refusal"] == {"code": "NOT_FOUND"}


async def test_staff_ship_deliver_and_fail_parcels(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 2_400)
    token = ask.member(ming.member_id)
    first, second = [
        (await ask(REDEEM, token, code="MUG", key=key))["data"]["redeemReward"]["redemption"]["id"]
        for key in "ab"
    ]
    ship = (
        "mutation($id: ID!) { shipRedemption(id: $id) { redemption { state } refusal { code } } }"
    )
    deliver = ship.replace("ship", "deliver")
    fail = """mutation($id: ID!) { failRedemption(id: $id, reason: "lost") {
      redemption { state } member { points { available } } refusal { code } } }"""
    shipped = (await ask(ship, ask.staff(), id=first))["data"]["shipRedemption"]
    assert shipped == {"redemption": {"state": "SHIPPED"}, "refusal": None}
    async with nothing_changed():
        refused = (await ask(CANCEL, token, id=first))["data"]["cancelRedemption"]
        assert refused["refusal"] == {"code": "NOT_CANCELLABLE"}
        early = (await ask(deliver, ask.staff(), id=second))["data"]["deliverRedemption"]
        assert early == {"redemption": None, "refusal": {"code": "WRONG_STATE"}}
    delivered = (await ask(deliver, ask.staff(), id=first))["data"]["deliverRedemption"]
    assert delivered["redemption"] == {"state": "DELIVERED"}
    failed = (await ask(fail, ask.staff(), id=second))["data"]["failRedemption"]
    assert failed["redemption"] == {"state": "FAILED"}
    assert failed["member"] == {"points": {"available": 1_200}}


async def test_a_code_binds_its_owner_once(ask: Asking, ming: Member) -> None:
    friend = await a_member()
    query = f"""mutation($code: String!) {{ bindReferral(code: $code) {{
      referral {{ code bound }} {REFUSAL} }} }}"""
    bound = (await ask(query, ask.member(friend.member_id), code=ming.referral_code))["data"]
    assert bound["bindReferral"] == {
        "referral": {"code": friend.referral_code, "bound": 0},
        "refusal": None,
    }
    async with nothing_changed():
        own = (await ask(query, ask.member(ming.member_id), code=ming.referral_code))["data"]
        assert own["bindReferral"]["refusal"]["code"] == "OWN_CODE"
        unknown = (await ask(query, ask.member(ming.member_id), code="NOBODY"))["data"]
        assert unknown["bindReferral"] == {
            "referral": None,
            "refusal": {
                "__typename": "GenericRefusal",
                "code": "NOT_FOUND",
                "message": unknown["bindReferral"]["refusal"]["message"],
            },
        }


async def test_the_shop_enrols_a_customer_once(ask: Asking, ming: Member) -> None:
    query = f"""mutation($input: EnrolMemberInput!) {{ enrolMember(input: $input) {{
      created member {{ externalId nickname joinedAt email }} {REFUSAL} }} }}"""
    service = await ask.service("members:write", "members:read")
    asked = {
        "externalId": "customer-2",
        "nickname": "Ann",
        "email": "ann@example.com",
        "joinedAt": "2025-01-01T08:00:00+08:00",
        "referralCode": ming.referral_code,
    }
    member = {
        "externalId": "customer-2",
        "nickname": "Ann",
        "joinedAt": "2025-01-01T00:00:00Z",
        "email": "ann@example.com",
    }
    made = (await ask(query, service, input=asked))["data"]["enrolMember"]
    assert made["created"] is True
    assert made["member"] == member
    assert made["refusal"]["code"] == "TOO_LATE"
    async with nothing_changed():
        again = (await ask(query, service, input=asked))["data"]["enrolMember"]
        assert again == {"created": False, "member": member, "refusal": None}
        taken = (await ask(query, service, input={**asked, "externalId": "customer-3"}))["data"]
        assert taken["enrolMember"]["member"] is None
        assert taken["enrolMember"]["refusal"]["kind"] == "email"


ADJUST = f"""mutation($input: AdjustPointsInput!) {{ adjustPoints(input: $input) {{
  entry {{ amount kind reason expiresAt explanation }} member {{ points {{ available }} }}
  {REFUSAL} }} }}"""


async def test_staff_adjust_points_once_for_a_key(ask: Asking, ming: Member) -> None:
    asked = {
        "memberId": member_global_id(ming.member_id),
        "amount": 100,
        "reason": "an apology",
        "idempotencyKey": "a",
        "expiresAt": "2026-04-01T00:00:00Z",
    }
    made = (await ask(ADJUST, ask.staff(), input=asked))["data"]["adjustPoints"]
    explanation = made["entry"].pop("explanation")
    assert "an apology" in explanation
    assert made["entry"]["amount"] == 100
    assert made["entry"]["expiresAt"] == "2026-04-01T00:00:00Z"
    assert made["member"] == {"points": {"available": 100}}
    async with nothing_changed():
        again = (await ask(ADJUST, ask.staff(), input=asked))["data"]["adjustPoints"]
        assert again["entry"]["amount"] == 100
        unknown = {**asked, "memberId": "x", "idempotencyKey": "c"}
        refused = (await ask(ADJUST, ask.staff(), input=unknown))["data"]["adjustPoints"]
        assert refused["refusal"]["code"] == "NOT_FOUND"
    less = {**asked, "amount": -101, "idempotencyKey": "b"}
    less.pop("expiresAt")
    before = await wallet(ming.member_id)
    refused = (await ask(ADJUST, ask.staff(), input=less))["data"]["adjustPoints"]
    assert refused["entry"] is None
    assert refused["refusal"]["available"] == 100
    assert refused["refusal"]["required"] == 101
    assert await wallet(ming.member_id) == before


async def test_a_suspended_member_reads_and_does_nothing_else(ask: Asking, ming: Member) -> None:
    token = ask.member(ming.member_id)
    query = """mutation($id: ID!) {{ {verb}Member(id: $id, reason: "fraud") {{
      member {{ suspendedAt }} refusal {{ code }} }} }}"""
    me = member_global_id(ming.member_id)
    suspended = await ask(query.format(verb="suspend"), ask.staff(), id=me)
    member = {"suspendedAt": "2026-03-02T04:00:00Z"}
    expected = {"member": member, "refusal": None}
    assert suspended == {"data": {"suspendMember": expected}}
    async with nothing_changed():
        assert (await ask("{ me { suspendedAt } }", token))["data"]["me"] == member
        for verb, arguments in {
            "checkIn": "",
            "redeemReward": '(input: {rewardCode: "MUG", idempotencyKey: "a"})',
            "changeTimezone": '(timezone: "Europe/Berlin")',
            "updateProfile": '(input: {nickname: "Ann"})',
        }.items():
            answer = await ask(f"mutation {{ {verb}{arguments} {{ refusal {{ code }} }} }}", token)
            assert answer["data"][verb]["refusal"] == {"code": "MEMBER_SUSPENDED"}
    resumed = await ask(query.format(verb="resume"), ask.staff(), id=me)
    assert resumed["data"]["resumeMember"] == {"member": {"suspendedAt": None}, "refusal": None}


async def test_a_member_changes_name_language_and_zone(ask: Asking, ming: Member) -> None:
    token = ask.member(ming.member_id)
    profile = f"""mutation($input: UpdateProfileInput!) {{ updateProfile(input: $input) {{
      member {{ nickname locale }} {REFUSAL} }} }}"""
    changed = (await ask(profile, token, input={"nickname": " Ann ", "locale": "en"}))["data"]
    assert changed["updateProfile"]["member"] == {"nickname": "Ann", "locale": "en"}
    zone = f"""mutation($zone: String!) {{ changeTimezone(timezone: $zone) {{
      member {{ nickname }} {REFUSAL} }} }}"""
    moved = (await ask(zone, token, zone="Europe/Berlin"))["data"]["changeTimezone"]
    assert moved == {"member": {"nickname": "Ann"}, "refusal": None}
    async with nothing_changed():
        again = (await ask(zone, token, zone="Asia/Tokyo"))["data"]["changeTimezone"]
        assert again["refusal"]["__typename"] == "TimezoneChangedRecently"
        assert again["refusal"]["againAt"] == "2026-04-01T04:00:00Z"
        nowhere = (await ask(zone, token, zone="Mars/Base"))["data"]["changeTimezone"]
        assert nowhere["refusal"]["code"] == "INVALID_INPUT"
        empty = (await ask(profile, token, input={"locale": "fr"}))["data"]["updateProfile"]
        assert empty["refusal"]["code"] == "INVALID_INPUT"
    assert (await members.update_profile(ming.member_id)).nickname == "Ann"


async def test_staff_stock_a_pool_once(ask: Asking) -> None:
    query = """mutation($codes: [String!]!) { importRewardCodes(pool: "p", codes: $codes) {
      added duplicates refusal { code } } }"""
    made = (await ask(query, ask.staff(), codes=["A", "B", "A"]))["data"]["importRewardCodes"]
    assert made == {"added": 2, "duplicates": 1, "refusal": None}
    async with nothing_changed():
        again = (await ask(query, ask.staff(), codes=["A", ""]))["data"]["importRewardCodes"]
        assert again == {"added": 0, "duplicates": 0, "refusal": {"code": "INVALID_INPUT"}}


RECORD = """mutation($events: [EventInput!]!) { recordEvents(events: $events) {
  accepted duplicates refused { id refusal { __typename code ... on InvalidInput { path } } } } }"""
EVENT = {
    "id": "1",
    "source": "shop",
    "type": "order.paid",
    "time": "2026-03-02T04:00:00Z",
    "subject": "customer-1",
    "data": {
        "orderId": "A-1",
        "paidAt": "2026-03-02T04:00:00Z",
        "currency": "CNY",
        "lines": [{"lineId": "1", "sku": "TEA", "amountMinor": 9_990}],
    },
}


async def test_each_event_is_accepted_or_refused_on_its_own(ask: Asking, ming: Member) -> None:
    assert ming.external_id == "customer-1"
    service = await ask.service("events:write")
    lines = [{"lineId": "1", "sku": "TEA", "amountMinor": -1}]
    events = [
        EVENT,
        EVENT,
        {**EVENT, "id": "2", "type": "order.lost"},
        {**EVENT, "id": "3", "subject": "nobody"},
        {**EVENT, "id": "4", "time": "2026-03-02T04:05:01Z"},
        {**EVENT, "id": "5", "data": {**EVENT["data"], "orderId": "A-2", "lines": lines}},
    ]
    answer = (await ask(RECORD, service, events=events))["data"]["recordEvents"]
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
    refused = {one["id"]: one["refusal"] for one in answer["refused"]}
    invalid = {"__typename": "InvalidInput", "code": "INVALID_INPUT"}
    assert refused == {
        "2": {**invalid, "path": ["type"]},
        "3": {"__typename": "GenericRefusal", "code": "NOT_FOUND"},
        "4": {**invalid, "path": ["time"]},
        "5": {**invalid, "path": ["data", "lines", "0", "amountMinor"]},
    }


@pytest.mark.parametrize(
    ("events", "path"),
    [
        ([{**EVENT, "time": None}], ["events", "0", "time"]),
        ([EVENT, {**EVENT, "time": "2026-03-02T04:00:00"}], ["events", "1", "time"]),
        ([{**EVENT, "id": None}], ["events", "0", "id"]),
        ([{**EVENT, "data": [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}], ["events", "0", "data"]),
        ([EVENT] * 501, ["events"]),
        (None, ["events"]),
    ],
)
async def test_events_of_the_wrong_shape_refuse_the_whole_call(
    ask: Asking, ming: Member, events: object, path: list[str]
) -> None:
    del ming
    service = await ask.service("events:write")
    async with nothing_changed():
        answer = await ask(RECORD, service, events=events)
    assert code_of(answer) == "INVALID_INPUT"
    assert answer["errors"][0]["extensions"]["path"] == path
    assert answer.get("data") is None


async def test_numbers_that_json_cannot_say_are_refused(ask: Asking, ming: Member) -> None:
    service = await ask.service("events:write")
    del ming
    query = (
        'mutation { recordEvents(events: [{id: "1", source: "s", type: "order.paid",'
        ' time: "2026-03-02T04:00:00Z", subject: "customer-1", data: {a: 99999999999999999999}}])'
        " { accepted } }"
    )
    async with nothing_changed():
        answer = await ask(query, service)
    assert "errors" in answer
    assert code_of(answer) != "INTERNAL"


async def test_refusals_are_counted_by_code(ask: Asking, ming: Member) -> None:
    await ask("mutation { checkIn { refusal { code } } }", ask.member(ming.member_id))
    await ask("mutation { checkIn { refusal { code } } }", ask.member(ming.member_id))
    rendered = ask.api.metrics.render().decode()
    assert 'accrue_refusals_total{code="ALREADY_CHECKED_IN"} 1.0' in rendered
