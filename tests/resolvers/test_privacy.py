"""Can members and staff export and erase over the API, and is nobody an erased member after it?"""

from datetime import timedelta

import pytest

from domain.members import aliases
from domain.members.model import Member
from domain.members.operations import suspend
from domain.privacy.operations import erase
from kit.clock import FrozenClock
from kit.ids import new_id
from tests.support.api import Asking, code_of, member_global_id
from tests.support.forgetting import asked
from tests.support.referring import register_by
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed

EXPORT = "{ exportMyData { document refusal { code } } }"
ERASE = """mutation($input: EraseMeInput!) { eraseMe(input: $input) {
  erasure { memberId erasedAt requestId content } refusal { code message } } }"""
ERASE_MEMBER = """mutation($input: EraseMemberInput!) { eraseMember(input: $input) {
  erasure { memberId erasedAt requestId content } refusal { code } } }"""
MINE = {"content": "DELETE", "requestId": "app-1"}


async def test_a_member_exports_what_is_known_of_them(ask: Asking, ming: Member) -> None:
    own = ask.member(ming.member_id)
    async with nothing_changed():
        made = (await ask(EXPORT, own))["data"]["exportMyData"]
    assert made["refusal"] is None
    document = made["document"]
    assert document["member"] == member_global_id(ming.member_id)
    assert document["sections"]["contacts"][0]["value"] == "ming@example.com"
    by_staff = "query($id: ID!) { exportMemberData(memberId: $id) { document refusal { code } } }"
    seen = await ask(by_staff, ask.staff(), id=document["member"])
    assert seen["data"]["exportMemberData"]["document"] == document
    unknown = await ask(by_staff, ask.staff(), id=member_global_id(new_id()))
    assert unknown["data"]["exportMemberData"]["refusal"] == {"code": "NOT_FOUND"}
    for _ in range(5):
        assert (await ask(EXPORT, own))["data"]["exportMyData"]["refusal"] is None
    assert (await ask(EXPORT, own))["data"]["exportMyData"]["refusal"] == {
        "code": "TOO_MANY_ATTEMPTS"
    }


async def test_a_member_with_a_password_erases_themselves_by_it(ask: Asking) -> None:
    who = (await register_by(None, email="canary@example.com")).member
    token = ask.member(who.member_id)
    for tried in ({}, {"password": "correct donkey"}):
        async with nothing_changed():
            wrong = await ask(ERASE, token, input={**MINE, **tried})
        assert wrong["data"]["eraseMe"]["refusal"]["code"] == "SIGN_IN_FAILED"
    made = await ask(ERASE, token, input={**MINE, "password": "correct horse"})
    assert made["data"]["eraseMe"] == {
        "erasure": {
            "memberId": member_global_id(who.member_id),
            "erasedAt": "2026-03-02T04:00:00Z",
            "requestId": "app-1",
            "content": "DELETE",
        },
        "refusal": None,
    }
    assert code_of(await ask("{ me { id } }", token)) == "UNAUTHENTICATED"
    assert code_of(await ask("mutation { checkIn { refusal { code } } }", token)) == (
        "UNAUTHENTICATED"
    )
    sign_in = """mutation { signIn(input: {email: "canary@example.com", password: "correct horse"})
      { accessToken refusal { code } } }"""
    assert (await ask(sign_in))["data"]["signIn"] == {
        "accessToken": None,
        "refusal": {"code": "SIGN_IN_FAILED"},
    }


async def test_without_a_password_the_token_must_be_fresh(
    ask: Asking, ming: Member, time: FrozenClock
) -> None:
    token = ask.member(ming.member_id)
    time.set(NOW + timedelta(minutes=11))
    async with nothing_changed():
        stale = (await ask(ERASE, token, input=MINE))["data"]["eraseMe"]
    assert stale["refusal"] == {
        "code": "FRESH_SIGN_IN_NEEDED",
        "message": "Give the password, or sign in and try again within 10 minutes.",
    }
    fresh = await ask(ERASE, ask.member(ming.member_id), input=MINE)
    assert fresh["data"]["eraseMe"]["refusal"] is None


async def test_staff_erase_once_and_see_the_books_under_the_pseudonym(
    ask: Asking, ming: Member
) -> None:
    await give(ming.member_id, 100)
    wanted = {
        "memberId": member_global_id(ming.member_id),
        "content": "KEEP",
        "reason": "LEGAL_DUTY",
        "requestId": "court/1",
    }
    first = await ask(ERASE_MEMBER, ask.staff(), input=wanted)
    assert first["data"]["eraseMember"]["refusal"] is None
    async with nothing_changed():
        again = await ask(ERASE_MEMBER, ask.staff(), input={**wanted, "requestId": "other"})
        assert again == first
    query = """query($id: ID!) { member(id: $id) { nickname email externalId erasedAt
      points { available } pointsHistory { nodes { amount kind } } } }"""
    seen = await ask(query, ask.staff(), id=wanted["memberId"])
    assert seen["data"]["member"] == {
        "nickname": "已注销会员",
        "email": None,
        "externalId": None,
        "erasedAt": "2026-03-02T04:00:00Z",
        "points": {"available": 0},
        "pointsHistory": {
            "nodes": [{"amount": -100, "kind": "expire"}, {"amount": 100, "kind": "earn"}]
        },
    }


async def test_another_process_learns_of_it_with_the_next_news(ask: Asking, ming: Member) -> None:
    token = ask.member(ming.member_id)
    await erase(ming.member_id, asked(), now=NOW)
    aliases.forget()
    await aliases.refresh()
    assert aliases.is_erased(ming.member_id)
    assert code_of(await ask("{ me { id } }", token)) == "UNAUTHENTICATED"


@pytest.mark.parametrize("query", [EXPORT, '{ members(search: "") { nodes { id } } }'])
async def test_nobody_else_sees_it(ask: Asking, query: str) -> None:
    assert code_of(await ask(query)) == "UNAUTHENTICATED"
    found = await ask(EXPORT, ask.staff())
    assert code_of(found) == "UNAUTHENTICATED"
    other = ask.member((await a_member()).member_id)
    by_staff = '{ exportMemberData(memberId: "x") { document } }'
    assert code_of(await ask(by_staff, other)) == "FORBIDDEN"


async def test_a_suspended_member_may_be_forgotten_too(ask: Asking, ming: Member) -> None:
    await suspend(ming.member_id, actor="ada@shop", reason="fraud", now=NOW)
    made = await ask(ERASE, ask.member(ming.member_id), input=MINE)
    assert made["data"]["eraseMe"]["refusal"] is None
