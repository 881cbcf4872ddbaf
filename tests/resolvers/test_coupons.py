"""What do clients see of coupons, and how do members and staff come to them?"""

import csv
import io

import pytest

from domain.effects.model import IssueCoupon
from kit.clock import FrozenClock
from tests.domain.coupons.test_issuing import in_force
from tests.support.api import REFUSAL, Asking, code_of
from tests.support.value import issue_to
from tests.support.world import a_member, nothing_changed

ONCE = {"count": 1, "period": "ever"}
TEMPLATE = """code name kind amountOffMinor percentOff amountOffMaxMinor thresholdMinor stacking
  gift { sku quantity valueMinor } exchange { sku priceMinor }
  cashback { points percent pointsMax } included { sku category brand } excluded { category }"""
WALLET = f"""query($state: CouponGroup, $first: Int, $after: String) {{ me {{
  coupons(state: $state, first: $first, after: $after) {{
    nodes {{ id code state issuedAt startsAt expiresAt template {{ {TEMPLATE} }} }}
    pageInfo {{ hasNextPage endCursor }} }} }} }}"""


@pytest.fixture
def asking(database: str, time: FrozenClock) -> Asking:
    assert time
    return Asking(database)


async def test_the_wallet_says_what_a_coupon_says_in_the_viewer_s_language(asking: Asking):
    await in_force(
        {
            "code": "FRESH",
            "kind": "PERCENT_OFF",
            "amount_off": None,
            "percent_off": "12.5",
            "amount_off_max": 30,
            "threshold": 100,
            "scope": {"include": {"category": ["fresh"]}, "exclude": {"category": ["wine"]}},
            "stacking": "exclusive_coupons",
        }
    )
    member = await a_member()
    issued = await issue_to(member.member_id, [IssueCoupon("COUPON_10"), IssueCoupon("FRESH")])
    token = asking.member(member.member_id)
    answer = await asking(WALLET, token, state="USABLE", first=1)
    (first,) = answer["data"]["me"]["coupons"]["nodes"]
    assert (first["code"], first["state"]) == (issued.coupons[0].code, "ISSUED")
    assert first["template"]["name"] == "¥10 off"
    after = answer["data"]["me"]["coupons"]["pageInfo"]["endCursor"]
    answer = await asking(WALLET, token, locale="zh-CN", state="USABLE", after=after)
    (second,) = answer["data"]["me"]["coupons"]["nodes"]
    assert second["template"] == {
        "code": "FRESH",
        "name": "测试券",
        "kind": "PERCENT_OFF",
        "amountOffMinor": None,
        "percentOff": "12.5",
        "amountOffMaxMinor": 3_000,
        "thresholdMinor": 10_000,
        "stacking": "exclusive_coupons",
        "gift": None,
        "exchange": None,
        "cashback": None,
        "included": {"sku": [], "category": ["fresh"], "brand": []},
        "excluded": {"category": ["wine"]},
    }
    assert (await asking(WALLET, token, state="USED"))["data"]["me"]["coupons"]["nodes"] == []


async def test_a_member_claims_a_coupon_once_and_sees_why_not_again(asking: Asking):
    await in_force({"code": "HELLO", "limit": ONCE, "channels": ["claim"], "stock": 5})
    member = await a_member()
    token = asking.member(member.member_id)
    offered = "{ couponTemplates { template { code } stockLeft claimable refusal { code } } }"
    found = {"template": {"code": "HELLO"}, "stockLeft": 5, "claimable": True, "refusal": None}
    assert (await asking(offered, token))["data"]["couponTemplates"] == [found]
    stranger = (await asking(offered))["data"]["couponTemplates"]
    assert stranger == [found | {"claimable": False}]
    claim = (
        'mutation($key: String!) { claimCoupon(input: {template: "HELLO", idempotencyKey: $key})'
        f" {{ coupon {{ id state }} {REFUSAL} }} }}"
    )
    claimed = (await asking(claim, token, key="a"))["data"]["claimCoupon"]
    assert (claimed["coupon"]["state"], claimed["refusal"]) == ("ISSUED", None)
    assert (await asking(claim, token, key="a"))["data"]["claimCoupon"] == claimed
    again = (await asking(claim, token, key="b"))["data"]["claimCoupon"]
    assert (again["coupon"], again["refusal"]["code"]) == (None, "LIMIT_REACHED")
    (shown,) = (await asking(offered, token))["data"]["couponTemplates"]
    assert shown["refusal"] == {"code": "LIMIT_REACHED"}
    assert (shown["stockLeft"], shown["claimable"]) == (4, False)


async def test_codes_are_exported_once(asking: Asking):
    await in_force({"code": "PRINTED", "channels": ["voucher"]})
    make = f"""mutation {{ makeVouchers(input: {{template: "PRINTED", quantity: 3,
      idempotencyKey: "k", expiresAt: "2026-04-01T00:00:00Z"}}) {{
        batchId quantity csv {REFUSAL} }} }}"""
    made = (await asking(make, asking.staff()))["data"]["makeVouchers"]
    rows = list(csv.reader(io.StringIO(made["csv"])))
    assert rows[0] == ["code", "template", "expires_at"]
    assert [row[1:] for row in rows[1:]] == [["PRINTED", "2026-04-01T00:00:00+00:00"]] * 3
    async with nothing_changed():
        again = (await asking(make, asking.staff()))["data"]["makeVouchers"]
    assert again == made | {"csv": None}
    revoke = "mutation($id: ID!) { revokeVouchers(id: $id) { revoked refusal { code } } }"
    answer = await asking(revoke, asking.staff(), id=made["batchId"])
    assert answer["data"]["revokeVouchers"] == {"revoked": 3, "refusal": None}


async def test_staff_revoke_a_coupon_and_the_shop_asks_for_a_code_s_state(asking: Asking):
    await in_force()
    member = await a_member()
    (coupon,) = (await issue_to(member.member_id, [IssueCoupon("COUPON_10")])).coupons
    shop = await asking.service("members:read")
    ask = "query($code: String!) { couponByCode(code: $code) { id state revokedAt } }"
    found = (await asking(ask, shop, code=coupon.code))["data"]["couponByCode"]
    assert (found["state"], found["revokedAt"]) == ("ISSUED", None)
    revoke = f"""mutation($id: ID!) {{ revokeCoupon(id: $id, reason: "a mistake") {{
      coupon {{ state }} {REFUSAL} }} }}"""
    answer = await asking(revoke, asking.staff(), id=found["id"])
    assert answer["data"]["revokeCoupon"] == {"coupon": {"state": "REVOKED"}, "refusal": None}
    assert (await asking(ask, shop, code=coupon.code))["data"]["couponByCode"]["state"] == "REVOKED"
    assert (await asking(ask, shop, code="0" * 16))["data"]["couponByCode"] is None
    async with nothing_changed():
        unknown = await asking(revoke, asking.staff(), id="nonsense")
    assert unknown["data"]["revokeCoupon"]["refusal"]["code"] == "NOT_FOUND"


async def test_staff_begin_a_batch_that_issues_to_an_audience(asking: Asking):
    await in_force()
    issue = """mutation($tiers: [String!]!) { issueCoupons(input: {template: "COUPON_10",
      idempotencyKey: "k", audience: {tiers: $tiers}}) {
        batch { kind state total parameters } refusal { code message } } }"""
    answer = (await asking(issue, asking.staff(), tiers=["GOLD"]))["data"]["issueCoupons"]
    batch = answer["batch"]
    assert (batch["kind"], batch["state"], batch["total"]) == ("coupons.issue", "READY", 0)
    assert batch["parameters"]["audience"]["tiers"] == ["GOLD"]
    async with nothing_changed():
        answer = await asking(issue, asking.staff(), tiers=["GOLDEN"])
    assert answer["data"]["issueCoupons"]["refusal"]["code"] == "INVALID_INPUT"


async def test_a_member_s_coupons_are_their_own_affair(asking: Asking):
    await in_force()
    member = await a_member(external_id="c-1")
    query = '{ member(externalId: "c-1") { coupons { nodes { code } } } }'
    assert code_of(await asking(query, asking.staff())) is None
    assert code_of(await asking(query, await asking.service("members:read"))) is None
    assert code_of(await asking(query, asking.member(member.member_id))) == "FORBIDDEN"
