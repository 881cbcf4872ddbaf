"""What do the verbs that move points answer, and what do their refusals leave behind?"""

import pytest

from domain.members.model import Member
from kit.ids import global_id
from tests.support.api import REFUSAL, Asking, member_global_id
from tests.support.value import give, wallet
from tests.support.world import a_member, nothing_changed

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


async def test_staff_stock_a_pool_once(ask: Asking) -> None:
    query = """mutation($codes: [String!]!) { importRewardCodes(pool: "p", codes: $codes) {
      added duplicates refusal { code } } }"""
    made = (await ask(query, ask.staff(), codes=["A", "B", "A"]))["data"]["importRewardCodes"]
    assert made == {"added": 2, "duplicates": 1, "refusal": None}
    async with nothing_changed():
        again = (await ask(query, ask.staff(), codes=["A", ""]))["data"]["importRewardCodes"]
        assert again == {"added": 0, "duplicates": 0, "refusal": {"code": "INVALID_INPUT"}}
