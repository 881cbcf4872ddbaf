"""What do the verbs of members and identity answer, and what do their refusals leave behind?"""

from datetime import timedelta

from domain.members import operations as members
from domain.members.model import Member
from kit.clock import FrozenClock
from tests.support.api import REFUSAL, Asking, member_global_id
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed

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
    assert (await members.update_profile(ming.member_id, now=NOW)).nickname == "Ann"


async def test_refusals_are_counted_by_code(ask: Asking, ming: Member) -> None:
    await ask("mutation { checkIn { refusal { code } } }", ask.member(ming.member_id))
    await ask("mutation { checkIn { refusal { code } } }", ask.member(ming.member_id))
    rendered = ask.api.metrics.render().decode()
    assert 'accrue_refusals_total{code="ALREADY_CHECKED_IN"} 1.0' in rendered


async def test_arguments_below_the_member_that_cannot_be_refuse_before_anything_is_done(
    ask: Asking, ming: Member
) -> None:
    token = ask.member(ming.member_id)
    wrong = (
        'pointsHistory(after: "?") { nodes { id } }',
        'redemptions(after: "WzFd") { nodes { id } }',
        'checkInStatus { days(month: "2026-13") }',
        'points { asOf(at: "2027-01-01T00:00:00Z") }',
    )
    asked = {"nickname": "Bo", "email": "bo@example.com", "password": PASSWORD}
    for shown in wrong:
        async with nothing_changed():
            checked_in = await ask(f"mutation {{ checkIn {{ member {{ {shown} }} }} }}", token)
            assert checked_in["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
            register = (
                f"mutation($input: RegisterInput!) {{ register(input: $input)"
                f" {{ accessToken member {{ {shown} }} }} }}"
            )
            registered = await ask(register, input=asked)
            assert registered["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
