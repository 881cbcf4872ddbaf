"""What is there to see of a member's credit, and what do the verbs of staff answer?"""

from datetime import timedelta

from db.connection import watched
from domain.members.model import Member
from kit.clock import FrozenClock
from tests.support.api import Asking, member_global_id
from tests.support.programmes import in_force
from tests.support.value import give, packet
from tests.support.world import NOW, a_member, nothing_changed

DAY = timedelta(days=1)
MONEY = "amountMinor currency formatted"
CREDIT = f"""{{ me {{ credit {{ available {{ {MONEY} }} pending {{ amountMinor }}
  held {{ amountMinor }} expiringWithin30Days {{ amountMinor }}
  asOf(at: "2026-03-02T04:00:00Z") {{ amountMinor }} }}
  creditHistory(first: 10) {{ nodes {{ amount {{ formatted }} kind expiresAt explanation }} }}
  points {{ available }} }} }}"""
GRANT = """mutation($input: GrantCreditInput!) { grantCredit(input: $input) {
  entry { id amount { formatted } kind reason explanation }
  member { credit { available { amountMinor } } }
  refusal { code ... on CreditLimitReached { balanceMinor limitMinor currency } } } }"""
ADJUST = """mutation($input: AdjustCreditInput!) { adjustCredit(input: $input) {
  entry { amount { amountMinor } }
  refusal { code ... on InsufficientCredit { availableMinor requiredMinor currency } } } }"""


async def test_who_never_had_any_sees_nothing_of_it(ask: Asking, ming: Member) -> None:
    seen = (await ask(CREDIT, ask.member(ming.member_id)))["data"]["me"]
    assert seen["credit"]["available"] == {
        "amountMinor": 0,
        "currency": "CNY",
        "formatted": "CN¥0.00",
    }
    assert seen["creditHistory"] == {"nodes": []}


async def test_balances_and_history_show_what_is_due_before_it_is_posted(
    ask: Asking, ming: Member, time: FrozenClock
) -> None:
    await give(ming.member_id, 700)
    await packet(ming.member_id, 500, expires_at=NOW + DAY)
    await packet(ming.member_id, 300, expires_at=NOW + 20 * DAY)
    await packet(ming.member_id, 200, activates_at=NOW + 50 * DAY)
    time.advance(2 * DAY)
    async with nothing_changed():
        seen = (await ask(CREDIT, ask.member(ming.member_id), locale="zh-CN"))["data"]["me"]
    assert seen["credit"] == {
        "available": {"amountMinor": 300, "currency": "CNY", "formatted": "¥3.00"},
        "pending": {"amountMinor": 200},
        "held": {"amountMinor": 0},
        "expiringWithin30Days": {"amountMinor": 300},
        "asOf": {"amountMinor": 800},
    }
    nodes = seen["creditHistory"]["nodes"]
    assert [(node["kind"], node["amount"]["formatted"]) for node in nodes] == [
        ("expire", "-¥5.00"),
        ("earn", "¥2.00"),
        ("earn", "¥3.00"),
        ("earn", "¥5.00"),
    ]
    assert nodes[0]["explanation"].startswith("¥5.00 红包余额有效期已到。")
    assert seen["points"] == {"available": 700}


async def test_a_page_of_credit_goes_on_where_the_one_before_ended(
    ask: Asking, ming: Member
) -> None:
    for amount in (100, 200, 300):
        await packet(ming.member_id, amount)
    query = """query($after: String) { me { creditHistory(first: 2, after: $after) {
      nodes { amount { amountMinor } } pageInfo { hasNextPage endCursor } } } }"""
    token = ask.member(ming.member_id)
    first = (await ask(query, token))["data"]["me"]["creditHistory"]
    assert [node["amount"]["amountMinor"] for node in first["nodes"]] == [300, 200]
    cursor = first["pageInfo"]["endCursor"]
    second = (await ask(query, token, after=cursor))["data"]["me"]["creditHistory"]
    assert [node["amount"]["amountMinor"] for node in second["nodes"]] == [100]
    assert second["pageInfo"]["hasNextPage"] is False


async def test_credit_is_read_by_the_one_statement_of_the_dashboard(
    ask: Asking, ming: Member
) -> None:
    await packet(ming.member_id, 500)
    token = ask.member(ming.member_id)
    for query in (CREDIT, "{ me { points { available } growth } }"):
        await ask(query, token)
        seen: list[str] = []
        async with watched(seen.append):
            await ask(query, token)
        assert [("CREDIT" in sql) for sql in seen] == [query == CREDIT]


async def test_staff_give_a_packet_whose_entry_explains_itself(ask: Asking, ming: Member) -> None:
    asked = {
        "memberId": member_global_id(ming.member_id),
        "amountMinor": 888,
        "reason": "春节快乐",
        "idempotencyKey": "a",
    }
    made = (await ask(GRANT, ask.staff(), input=asked))["data"]["grantCredit"]
    entry_id = made["entry"].pop("id")
    assert made == {
        "entry": {
            "amount": {"formatted": "CN¥8.88"},
            "kind": "earn",
            "reason": "春节快乐",
            "explanation": "A red packet from the shop: 春节快乐 [OTHER, by ada@shop]"
            " (Programme version 1.)",
        },
        "member": {"credit": {"available": {"amountMinor": 888}}},
        "refusal": None,
    }
    query = "query($id: ID!) { node(id: $id) { ... on CreditEntry { amount { amountMinor } } } }"
    own = await ask(query, ask.member(ming.member_id), id=entry_id)
    assert own["data"]["node"] == {"amount": {"amountMinor": 888}}
    stranger = ask.member((await a_member()).member_id)
    assert (await ask(query, stranger, id=entry_id))["data"]["node"] is None
    async with nothing_changed():
        again = (await ask(GRANT, ask.staff(), input=asked))["data"]["grantCredit"]
        assert again["entry"]["amount"] == {"formatted": "CN¥8.88"}
        large = {**asked, "amountMinor": 20_001, "idempotencyKey": "b"}
        refused = (await ask(GRANT, ask.staff(), input=large))["data"]["grantCredit"]
        assert refused["refusal"] == {"code": "INVALID_INPUT"}


async def test_what_is_refused_of_a_balance_comes_with_its_amounts(
    ask: Asking, ming: Member
) -> None:
    for _ in range(25):
        await packet(ming.member_id, 19_999)
    asked = {
        "memberId": member_global_id(ming.member_id),
        "amountMinor": 19_999,
        "reason": "r",
        "idempotencyKey": "a",
    }
    granted = (await ask(GRANT, ask.staff(), input=asked))["data"]["grantCredit"]
    assert granted["refusal"] == {
        "code": "CREDIT_LIMIT_REACHED",
        "balanceMinor": 499_975,
        "limitMinor": 500_000,
        "currency": "CNY",
    }
    less = {**asked, "amountMinor": -500_000}
    adjusted = (await ask(ADJUST, ask.staff(), input=less))["data"]["adjustCredit"]
    assert adjusted["refusal"] == {
        "code": "INSUFFICIENT_CREDIT",
        "availableMinor": 499_975,
        "requiredMinor": 500_000,
        "currency": "CNY",
    }
    down = {**less, "amountMinor": -499_975, "idempotencyKey": "c"}
    adjusted = (await ask(ADJUST, ask.staff(), input=down))["data"]["adjustCredit"]
    assert adjusted["entry"] == {"amount": {"amountMinor": -499_975}}


async def test_what_a_task_gives_shows_its_red_packet(ask: Asking, ming: Member) -> None:
    name = {"zh-CN": "任务", "en": "Task"}
    task = {"code": "T", "name": name, "kind": "orders", "gives": {"credit": "8.88"}}
    await in_force(tasks=[task])
    query = "{ me { tasks { gives { points credit { formatted } coupons } } } }"
    seen = (await ask(query, ask.member(ming.member_id), locale="zh-CN"))["data"]["me"]["tasks"]
    assert seen == [{"gives": {"points": 0, "credit": {"formatted": "¥8.88"}, "coupons": []}}]
