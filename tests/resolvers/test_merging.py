"""Can staff merge members over the API, and do old ids and tokens lead to the survivor?"""

from db.connection import watched
from domain.intake.operations import record
from domain.members.model import Member
from domain.merging.operations import merge
from domain.rewards.operations import redeem
from kit.ids import global_id
from tests.support import shop
from tests.support.api import Asking, code_of, member_global_id
from tests.support.merging import STAFF, asked, sound
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed

OUTCOME = """outcome { survivorId absorbedId tier lots orders coupons checkInDays couponsRevoked
  referralReversed balances { currency pending available debt } }"""
MERGE = f"""mutation($input: MergeMembersInput!) {{ mergeMembers(input: $input) {{ {OUTCOME}
  member {{ nickname points {{ available pending }} mergedFrom {{ id externalId nickname }} }}
  refusal {{ code ... on MemberMerged {{ survivorId }} }} }} }}"""
UNMERGE = f"""mutation($input: UnmergeMembersInput!) {{ unmergeMembers(input: $input) {{ {OUTCOME}
  member {{ points {{ available }} mergedFrom {{ id }} }} refusal {{ code }} }} }}"""
PREVIEW = f"""query($s: ID!, $a: ID!) {{ mergePreview(survivorId: $s, absorbedId: $a) {{ {OUTCOME}
  refusal {{ code ... on ValueReserved {{ memberId }} }} }} }}"""


def wanted(survivor: Member, absorbed: Member) -> dict[str, str]:
    return {
        "survivorId": member_global_id(survivor.member_id),
        "absorbedId": member_global_id(absorbed.member_id),
        "reason": "one person",
        "idempotencyKey": "k",
    }


async def test_staff_look_merge_and_undo_it(ask: Asking, ming: Member) -> None:
    hong = await a_member(external_id="hong-1", nickname="小红")
    await give(hong.member_id, 100)
    expected = {
        "survivorId": member_global_id(ming.member_id),
        "absorbedId": member_global_id(hong.member_id),
        "tier": "NORMAL",
        "lots": 1,
        "orders": 0,
        "coupons": 0,
        "checkInDays": 0,
        "couponsRevoked": 0,
        "referralReversed": False,
        "balances": [
            {"currency": "COMMUNITY", "pending": 0, "available": 0, "debt": 0},
            {"currency": "GROWTH", "pending": 0, "available": 0, "debt": 0},
            {"currency": "POINTS", "pending": 0, "available": 100, "debt": 0},
        ],
    }
    named = wanted(ming, hong)
    async with nothing_changed():
        seen = await ask(PREVIEW, ask.staff(), s=named["survivorId"], a=named["absorbedId"])
    assert seen == {"data": {"mergePreview": {"outcome": expected, "refusal": None}}}
    for _ in range(2):
        made = await ask(MERGE, ask.staff(), input=named)
        assert made["data"]["mergeMembers"] == {
            "outcome": expected,
            "member": {
                "nickname": "小明",
                "points": {"available": 100, "pending": 0},
                "mergedFrom": [
                    {
                        "id": member_global_id(hong.member_id),
                        "externalId": "hong-1",
                        "nickname": "小红",
                    }
                ],
            },
            "refusal": None,
        }
    undone = await ask(UNMERGE, ask.staff(), input=named)
    assert undone["data"]["unmergeMembers"]["member"] == {
        "points": {"available": 0},
        "mergedFrom": [],
    }
    again = await ask(UNMERGE, ask.staff(), input=named | {"idempotencyKey": "k2"})
    assert again["data"]["unmergeMembers"]["refusal"] == {"code": "NOT_MERGED"}
    await sound(NOW)


async def test_who_was_merged_is_named_in_the_refusal(ask: Asking, ming: Member) -> None:
    hong, gang = await a_member(), await a_member()
    await merge(STAFF, asked(ming, hong), now=NOW)
    made = await ask(MERGE, ask.staff(), input=wanted(gang, hong))
    assert made["data"]["mergeMembers"] == {
        "outcome": None,
        "member": None,
        "refusal": {"code": "MEMBER_MERGED", "survivorId": member_global_id(ming.member_id)},
    }


async def test_ids_tokens_and_movements_of_the_absorbed_lead_to_the_survivor(
    ask: Asking, ming: Member
) -> None:
    hong = await a_member(external_id="hong-1")
    await give(hong.member_id, 2_000)
    bought = await redeem(hong.member_id, "COUPON_10", 1, idempotency_key="a", now=NOW)
    token = ask.member(hong.member_id)
    await merge(STAFF, asked(ming, hong), now=NOW)
    own = member_global_id(ming.member_id)
    me = await ask("{ me { id points { available } } }", token)
    assert me["data"]["me"] == {"id": own, "points": {"available": 1_200}}
    checked = await ask("mutation { checkIn { member { id } refusal { code } } }", token)
    assert checked["data"]["checkIn"] == {"member": {"id": own}, "refusal": None}
    for field in (f'id: "{member_global_id(hong.member_id)}"', 'externalId: "hong-1"'):
        found = await ask(f"{{ member({field}) {{ id }} }}", ask.staff())
        assert found["data"]["member"] == {"id": own}
    old = global_id("Redemption", hong.member_id, bought.redemption.id)
    entry = global_id("PointsEntry", hong.member_id, bought.redemption.id.__class__(int=1))
    node = "query($id: ID!) { node(id: $id) { __typename ... on PointsEntry { amount } } }"
    assert (await ask(node, token, id=old))["data"]["node"] == {"__typename": "Redemption"}
    assert (await ask(node, token, id=entry))["data"]["node"] == {
        "__typename": "PointsEntry",
        "amount": 2_000,
    }
    cancelled = await ask(
        "mutation($id: ID!) { cancelRedemption(id: $id) { redemption { state } } }", token, id=old
    )
    assert cancelled["data"]["cancelRedemption"]["redemption"] == {"state": "CANCELLED"}
    await sound(NOW)


async def test_a_correction_that_is_sent_again_shows_its_entry_and_who_the_member_is_now(
    ask: Asking, ming: Member
) -> None:
    hong = await a_member()
    await give(ming.member_id, 7)
    correction = {
        "memberId": member_global_id(hong.member_id),
        "amount": 100,
        "reason": "an apology",
        "idempotencyKey": "a",
    }
    adjust = """mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) {
      entry { id amount } member { id points { available } } refusal { code } } }"""
    first = (await ask(adjust, ask.staff(), input=correction))["data"]["adjustPoints"]
    await merge(STAFF, asked(ming, hong), now=NOW)
    async with nothing_changed():
        again = (await ask(adjust, ask.staff(), input=correction))["data"]["adjustPoints"]
    assert again == {
        "entry": first["entry"],
        "member": {"id": member_global_id(ming.member_id), "points": {"available": 107}},
        "refusal": None,
    }


async def test_an_alias_costs_the_dashboard_no_statement(ask: Asking, ming: Member) -> None:
    hong = await a_member()
    await merge(STAFF, asked(ming, hong), now=NOW)
    query = "{ me { id points { available } tier { code } } }"
    token = ask.member(hong.member_id)
    await ask(query, token)
    seen: list[str] = []
    async with watched(seen.append):
        answer = await ask(query, token)
    assert answer["data"]["me"]["id"] == member_global_id(ming.member_id)
    asked_of_aliases = [sql for sql in seen if "FROM alias" in sql]
    assert len(seen) - len(asked_of_aliases) == 1
    assert len(asked_of_aliases) <= 1


async def test_nobody_but_who_may_read_a_member_sees_who_is_part_of_them(
    ask: Asking, ming: Member
) -> None:
    hong = await a_member()
    await merge(STAFF, asked(ming, hong), now=NOW)
    mine = await ask("{ me { mergedFrom { id } } }", ask.member(ming.member_id))
    assert len(mine["data"]["me"]["mergedFrom"]) == 1
    assert code_of(await ask(MERGE, ask.member(ming.member_id), input=wanted(ming, hong))) == (
        "FORBIDDEN"
    )


async def test_the_shop_hears_no_difference(ask: Asking, ming: Member) -> None:
    del ask
    hong = await a_member(external_id="hong-1")
    await merge(STAFF, asked(ming, hong), now=NOW)
    fact = shop.paid(hong, "A", 1_000)
    assert (await record([fact, fact], now=NOW)).accepted == 1
