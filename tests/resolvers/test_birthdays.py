"""Who may see and set a birthday over the API?"""

from domain.members.model import Member
from tests.support.api import Asking, member_global_id
from tests.support.world import nothing_changed

UPDATE = """mutation($birthday: Date!) { updateProfile(input: {birthday: $birthday}) {
  member { birthday nickname }
  refusal { code message ... on BirthdayChangedRecently { againAt } ... on InvalidInput { path } }
} }"""
CORRECT = """mutation($id: ID!, $reason: String!) {
  correctBirthday(id: $id, birthday: "1990-05-22", reason: $reason) {
  member { birthday } refusal { code } } }"""


async def updated(ask: Asking, member: Member, birthday: str):
    answer = await ask(UPDATE, ask.member(member.member_id), birthday=birthday)
    return answer["data"]["updateProfile"]


async def test_a_member_states_a_birthday_and_changes_it_once(ask: Asking, ming: Member) -> None:
    first = await updated(ask, ming, "1990-05-20")
    assert first == {"member": {"birthday": "1990-05-20", "nickname": "小明"}, "refusal": None}
    assert (await updated(ask, ming, "1990-05-21"))["member"]["birthday"] == "1990-05-21"
    async with nothing_changed():
        assert (await updated(ask, ming, "1990-05-20"))["refusal"] == {
            "code": "BIRTHDAY_CHANGED_RECENTLY",
            "message": "A birthday may be changed once in 365 days, again from"
            " 2027-03-02 04:00 UTC.",
            "againAt": "2027-03-02T04:00:00Z",
        }
        ahead = await updated(ask, ming, "2026-03-03")
        assert ahead["refusal"]["path"] == ["input", "birthday"]


async def test_staff_correct_a_birthday_with_a_reason(ask: Asking, ming: Member) -> None:
    asked = {"id": member_global_id(ming.member_id)}
    made = (await ask(CORRECT, ask.staff(), **asked, reason="passport"))["data"]["correctBirthday"]
    assert made == {"member": {"birthday": "1990-05-22"}, "refusal": None}
    async with nothing_changed():
        refused = (await ask(CORRECT, ask.staff(), **asked, reason=""))["data"]["correctBirthday"]
        assert refused == {"member": None, "refusal": {"code": "INVALID_INPUT"}}


async def test_a_service_that_only_writes_members_states_a_birthday_and_does_not_read_it(
    ask: Asking,
) -> None:
    query = """mutation { enrolMember(input: {
      externalId: "customer-9", nickname: "Ann", birthday: "1992-02-29" }) {
      member { nickname } refusal { code } } }"""
    service = await ask.service("members:write")
    assert (await ask(query, service))["data"]["enrolMember"] == {
        "member": {"nickname": "Ann"},
        "refusal": None,
    }
    seen = '{ member(externalId: "customer-9") { birthday } }'
    assert (await ask(seen, ask.staff()))["data"]["member"] == {"birthday": "1992-02-29"}
    hidden = await ask(query.replace("nickname }", "birthday }"), service)
    assert hidden["errors"][0]["extensions"]["code"] == "FORBIDDEN"
