"""What does a member see of themselves, by how many statements?"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, Visitor, parse, print_ast, visit

from db.connection import watched
from domain.checkins.operations import check_in
from domain.members.model import Member
from domain.members.views import member as member_of
from domain.rewards.operations import redeem
from kit.ids import global_id
from tests.support.api import Asking, code_of, member_global_id
from tests.support.value import give
from tests.support.world import NOW, a_member

DASHBOARD = (Path(__file__).parents[2] / "benchmarks/dashboard.graphql").read_text(encoding="utf-8")


async def statements(ask: Asking, query: str, token: str, **variables: Any) -> int:
    """How many SQL statements the document takes, programme and keys being known already."""
    await ask("{ programme { version } }", token)
    seen: list[str] = []
    async with watched(seen.append):
        answer = await ask(query, token, **variables)
    assert "errors" not in answer
    return len(seen)


async def test_a_new_member_sees_their_whole_dashboard(ask: Asking, ming: Member) -> None:
    assert await ask(DASHBOARD, ask.member(ming.member_id)) == {
        "data": {
            "me": {
                "id": member_global_id(ming.member_id),
                "nickname": "小明",
                "tier": {
                    "code": "NORMAL",
                    "name": "Normal",
                    "discountPercent": "5",
                    "pointsMultiplier": "1",
                },
                "tierProgress": {
                    "score": 0,
                    "spendScore": 0,
                    "frequencyScore": 0,
                    "nextTier": {"code": "SILVER", "name": "Silver", "threshold": 100},
                    "scoreToNext": 100,
                    "keepScore": 0,
                    "periodEndsAt": None,
                    "state": "ACTIVE",
                },
                "points": {
                    "available": 0,
                    "pending": 0,
                    "held": 0,
                    "expiringWithin30Days": 0,
                    "lifetimeEarned": 0,
                },
                "growth": 0,
                "checkInStatus": {"checkedInToday": False, "streakDays": 0},
                "pointsHistory": {
                    "nodes": [],
                    "pageInfo": {"hasNextPage": False, "endCursor": None},
                },
                "redemptions": {"nodes": []},
                "referral": {
                    "code": ming.referral_code,
                    "bound": 0,
                    "qualified": 0,
                    "rewarded": 0,
                    "pointsEarned": 0,
                },
            }
        }
    }


async def test_the_dashboard_is_read_by_one_statement(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 2_000)
    await check_in(ming.member_id, now=NOW)
    await redeem(ming.member_id, "COUPON_10", 1, idempotency_key="a", now=NOW)
    assert await statements(ask, DASHBOARD, ask.member(ming.member_id)) == 1


@pytest.mark.parametrize(
    ("query", "statements_max"),
    [
        ("{ programme { name tiers { code } } }", 0),
        ("{ a: me { id } b: me { growth } c: me { points { held } } }", 1),
        (
            (
                "{ me { a: pointsHistory(first: 1) { nodes { id } }"
                " b: pointsHistory(first: 2) { nodes { explanation } } } }"
            ),
            1,
        ),
        (
            (
                "query($me: ID!) { me { nickname }"
                " node(id: $me) { ... on Member { growth redemptions { nodes { id } } } } }"
            ),
            1,
        ),
        (
            (
                '{ me { a: points { asOf(at: "2026-03-01T00:00:00Z") }'
                ' b: points { asOf(at: "2026-03-02T00:00:00Z") }'
                ' checkInStatus { days(month: "2026-03") } } }'
            ),
            1,
        ),
        ("{ __schema { types { name fields { name } } } }", 0),
    ],
)
async def test_no_document_takes_more_than_one_statement_for_a_field(
    ask: Asking, ming: Member, query: str, statements_max: int
) -> None:
    me = member_global_id(ming.member_id)
    token = ask.member(ming.member_id)
    assert await statements(ask, query, token, me=me) == statements_max


@pytest.mark.parametrize(
    "query",
    [
        DASHBOARD,
        "{ rewards { nodes { code stockLeft redeemable } } }",
        "{ me { redemptions { nodes { reward { redeemable } } } } rewards { totalCount } }",
        '{ member(externalId: "customer-1") { id points { available } } }',
        "{ members { nodes { id } } }",
        "{ events { nodes { id } } }",
        (
            "query($a: ID!, $b: ID!) { node(id: $a) { id } other: node(id: $b) { id }"
            " again: node(id: $a) { ... on Member { growth } } }"
        ),
    ],
)
async def test_statements_are_no_more_than_fields_with_their_arguments(
    ask: Asking, ming: Member, query: str
) -> None:
    await give(ming.member_id, 2_000)
    await redeem(ming.member_id, "COUPON_10", 1, idempotency_key="a", now=NOW)
    other = await a_member()
    ids = {"a": member_global_id(ming.member_id), "b": member_global_id(other.member_id)}
    is_for_staff = any(word in query for word in ("member(", "members", "events", "node("))
    token = ask.staff() if is_for_staff else ask.member(ming.member_id)
    assert await statements(ask, query, token, **ids) <= len(_fields(query))


def _fields(query: str) -> set[tuple[str, str]]:
    """Distinct fields of a document with their arguments."""
    found: set[tuple[str, str]] = set()

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            written = " ".join(print_ast(argument) for argument in node.arguments or ())
            found.add((node.name.value, written))

    visit(parse(query), Fields())
    return found


async def test_fragments_aliases_and_variables_ask_for_the_same(ask: Asking, ming: Member) -> None:
    for amount in (10, 20, 30):
        await give(ming.member_id, amount)
    query = """
    query Page($first: Int = 2, $after: String, $withPending: Boolean = false) {
      me { ...Points again: pointsHistory(first: 1, after: $after) { ...Entries } }
    }
    fragment Points on Member {
      ... on Node { id }
      newest: pointsHistory(first: $first) { ...Entries edges { cursor } pageInfo { hasNextPage } }
      points { available } balance: points @include(if: $withPending) { pending }
    }
    fragment Entries on PointsEntryConnection { nodes { amount } }
    """
    token = ask.member(ming.member_id)
    first = (await ask(query, token))["data"]["me"]
    assert first["points"] == {"available": 60}
    assert first["newest"]["nodes"] == [{"amount": 30}, {"amount": 20}]
    assert first["newest"]["pageInfo"] == {"hasNextPage": True}
    assert first["again"]["nodes"] == [{"amount": 30}]
    after = first["newest"]["edges"][1]["cursor"]
    second = (await ask(query, token, first=1, after=after, withPending=True))["data"]["me"]
    assert second["again"]["nodes"] == [{"amount": 10}]
    assert second["newest"]["nodes"] == [{"amount": 30}]
    assert second["balance"] == {"pending": 0}


async def test_null_and_left_out_page_arguments_mean_the_default(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 10)
    query = """
    query($first: Int, $after: String) {
      me { a: pointsHistory { nodes { amount } } b: pointsHistory(first: null) { nodes { amount } }
           c: pointsHistory(first: $first, after: $after) { nodes { amount } } }
    }
    """
    shown = {"nodes": [{"amount": 10}]}
    answer = await ask(query, ask.member(ming.member_id), first=None, after=None)
    assert answer == {"data": {"me": {"a": shown, "b": shown, "c": shown}}}


async def test_balances_are_told_as_of_any_instant_of_the_past(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 10, now=NOW - timedelta(days=2))
    await give(ming.member_id, 5)
    query = """
    { me { points { available
      before: asOf(at: "2026-02-27T00:00:00Z")
      after: asOf(at: "2026-03-01T12:00:00+08:00") } } }
    """
    answer = await ask(query, ask.member(ming.member_id))
    assert answer["data"]["me"]["points"] == {"available": 15, "before": 0, "after": 10}


async def test_entries_say_why_in_the_viewers_language(ask: Asking, ming: Member) -> None:
    await check_in(ming.member_id, now=NOW)
    query = "{ me { tier { name } pointsHistory { nodes { explanation } } } }"
    token = ask.member(ming.member_id)
    english = (await ask(query, token))["data"]["me"]
    chinese = (await ask(query, token, locale="zh-TW,en;q=0.5"))["data"]["me"]
    assert english["tier"]["name"] == "Normal"
    assert chinese["tier"]["name"] == "普通"
    assert "Check-in on 2026-03-02" in english["pointsHistory"]["nodes"][0]["explanation"]
    assert "签到" in chinese["pointsHistory"]["nodes"][0]["explanation"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ('{ me { pointsHistory(after: "?") { nodes { id } } } }', ["after"]),
        ('{ me { redemptions(after: "WzFd") { nodes { id } } } }', ["after"]),
        ("{ me { redemptions(first: 10000) { nodes { id } } } }", ["redemptions", "first"]),
        ('{ me { checkInStatus { days(month: "2026-13") } } }', ["month"]),
        ('{ me { checkInStatus { days(month: "") } } }', ["month"]),
        ('{ me { points { asOf(at: "2027-01-01T00:00:00Z") } } }', ["at"]),
        ('{ rewards(after: "?") { nodes { id } } }', ["after"]),
    ],
)
async def test_arguments_that_cannot_be_are_invalid_input(
    ask: Asking, ming: Member, query: str, path: list[str]
) -> None:
    (error,) = (await ask(query, ask.member(ming.member_id)))["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["path"] == path


async def test_staff_and_the_shop_find_a_member(ask: Asking, ming: Member) -> None:
    service = await ask.service("members:read")
    me = member_global_id(ming.member_id)
    for token in (ask.staff(), service):
        by_id = await ask("query($id: ID) { member(id: $id) { email } }", token, id=me)
        assert by_id == {"data": {"member": {"email": "ming@example.com"}}}
        by_shop = await ask('{ member(externalId: "customer-1") { id } }', token)
        assert by_shop == {"data": {"member": {"id": me}}}
    for unknown in ('externalId: "nobody"', 'id: "x"', f'id: "{global_id("Reward")}"'):
        answer = await ask(f"{{ member({unknown}) {{ id }} }}", service)
        assert answer == {"data": {"member": None}}
    assert code_of(await ask("{ member { id } }", service)) == "INVALID_INPUT"


async def test_staff_search_members_page_by_page(ask: Asking, ming: Member) -> None:
    other = await a_member(nickname="小红")
    query = """
    query($search: String!, $after: String) {
      members(search: $search, first: 1, after: $after) {
        nodes { id nickname } pageInfo { hasNextPage endCursor } } }
    """
    first = (await ask(query, ask.staff(), search="小"))["data"]["members"]
    assert first["nodes"] == [{"id": member_global_id(other.member_id), "nickname": "小红"}]
    after = first["pageInfo"]["endCursor"]
    second = (await ask(query, ask.staff(), search="小", after=after))["data"]["members"]
    assert second["nodes"] == [{"id": member_global_id(ming.member_id), "nickname": "小明"}]
    assert second["pageInfo"]["hasNextPage"] is False


NODE = """
query($id: ID!) { node(id: $id) { __typename id
  ... on Member { nickname } ... on PointsEntry { amount }
  ... on Redemption { state reward { code redeemable } } ... on Reward { code } } }
"""


async def test_every_node_is_found_again_by_its_id(ask: Asking, ming: Member) -> None:
    await give(ming.member_id, 2_000)
    await redeem(ming.member_id, "COUPON_10", 1, idempotency_key="a", now=NOW)
    token = ask.member(ming.member_id)
    ids = """{ me { id pointsHistory { nodes { id amount } }
      redemptions { nodes { id reward { id } } } } }"""
    shown = (await ask(ids, token))["data"]["me"]
    spent, earned = shown["pointsHistory"]["nodes"]
    (redemption,) = shown["redemptions"]["nodes"]
    reward = redemption.pop("reward")
    expected = {
        shown["id"]: {"__typename": "Member", "nickname": "小明"},
        spent["id"]: {"__typename": "PointsEntry", "amount": -800},
        earned["id"]: {"__typename": "PointsEntry", "amount": 2_000},
        redemption["id"]: {
            "__typename": "Redemption",
            "state": "ISSUED",
            "reward": {"code": "COUPON_10", "redeemable": True},
        },
        reward["id"]: {"__typename": "Reward", "code": "COUPON_10"},
    }
    for node_id, node in expected.items():
        answer = await ask(NODE, token, id=node_id)
        assert answer == {"data": {"node": {"id": node_id, **node}}}
        stranger = ask.member((await a_member()).member_id)
        seen = (await ask(NODE, stranger, id=node_id))["data"]["node"]
        assert (seen is None) == (node["__typename"] != "Reward")
        assert (await ask(NODE, ask.staff(), id=node_id))["data"]["node"] is not None


@pytest.mark.parametrize("node_id", ["", "x", "TWVtYmVyOg", "🐼", "A" * 500])
async def test_what_is_no_id_is_no_node(ask: Asking, ming: Member, node_id: str) -> None:
    answer = await ask(NODE, ask.member(ming.member_id), id=node_id)
    assert answer == {"data": {"node": None}}


async def test_the_token_of_a_member_who_is_not_there_signs_nobody_in(
    ask: Asking, ming: Member
) -> None:
    assert await member_of(ming.member_id) is not None
    answer = await ask("{ me { id } }", ask.token("member", "018f0000-0000-7000-8000-000000000000"))
    assert code_of(answer) == "UNAUTHENTICATED"


async def test_anybody_sees_the_shelf_and_a_member_what_they_can_have(
    ask: Asking, ming: Member
) -> None:
    await give(ming.member_id, 1_000)
    query = "{ rewards(first: 2) { totalCount nodes { code pricePoints stockLeft redeemable } } }"
    coupon = {"code": "COUPON_10", "pricePoints": 800, "stockLeft": None}
    mug = {"code": "MUG", "pricePoints": 1_200, "stockLeft": 100}
    stranger = (await ask(query))["data"]["rewards"]
    assert stranger["nodes"] == [{**coupon, "redeemable": False}, {**mug, "redeemable": False}]
    member = (await ask(query, ask.member(ming.member_id)))["data"]["rewards"]
    assert member["nodes"] == [{**coupon, "redeemable": True}, {**mug, "redeemable": False}]
