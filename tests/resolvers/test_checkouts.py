"""How does a shop quote a cart, open it and have it paid over GraphQL, and who may?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.members.model import Member
from domain.members.model import Scope as Right
from domain.merging.operations import merge
from kit.clock import FrozenClock
from kit.ids import global_id
from tests.support.api import Asking, member_global_id
from tests.support.buying import LAPSES, a_coupon, coupon_states, in_force_with_coupons
from tests.support.merging import STAFF
from tests.support.merging import asked as merging
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed

PRICE = """digest currency payableMinor payable points pointsMinor shippingMinor isBest
  takesTierDiscount lines { lineId netMinor pointsMinor payableMinor
    discounts { kind reference amountMinor } }
  coupons { id template amountMinor gives } refusedCoupons { id reason message facts }"""
REFUSED = """refusal { __typename code message ... on InvalidInput { path }
  ... on PriceChanged { quote { digest payableMinor } }
  ... on NotApplicable { reasons { id reason message } }
  ... on CheckoutClosed { state } ... on CheckoutExpired { expiresAt paidAt }
  ... on CheckoutBound { orderId } }"""
QUOTE = f"""query($input: QuoteCartInput!) {{
  quoteCart(input: $input) {{ quote {{ {PRICE} }} {REFUSED} }} }}"""
_MADE = f"""checkout {{ id state expiresAt paidAt source orderId debtPoints overusedCoupons
  memberId price {{ digest payableMinor points }} }}
  member {{ points {{ available held }} }} {REFUSED}"""
OPEN = f"mutation($input: OpenCheckoutInput!) {{ openCheckout(input: $input) {{ {_MADE} }} }}"
COMPLETE = f"""mutation($id: ID!, $paidAt: DateTime!, $order: CheckoutOrderInput) {{
  completeCheckout(id: $id, paidAt: $paidAt, order: $order) {{ {_MADE} }} }}"""
CANCEL = f"mutation($id: ID!) {{ cancelCheckout(id: $id) {{ {_MADE} }} }}"
CHECKOUT = "query($id: ID!) { checkout(id: $id) { state price { payableMinor } } }"
CART = {"lines": [{"lineId": "1", "sku": "tea", "amountMinor": 10_000}], "shippingMinor": 1_000}


@pytest.fixture
async def ask(database: str, time: FrozenClock) -> AsyncIterator[Asking]:
    """With coupons of several kinds in the programme."""
    del time
    await in_force_with_coupons()
    asking = Asking(database)
    async with asking.client:
        yield asking


async def quoted(ask: Asking, token: str, **wanted: Any) -> dict[str, Any]:
    return (await ask(QUOTE, token, input={"cart": CART, **wanted}))["data"]["quoteCart"]


async def opened(ask: Asking, token: str, key: str = "k", **wanted: Any) -> dict[str, Any]:
    digest = (await quoted(ask, token, **wanted))["quote"]["digest"]
    asked = {"cart": CART, "digest": digest, "idempotencyKey": key, **wanted}
    return (await ask(OPEN, token, input=asked))["data"]["openCheckout"]


async def test_a_coupon_of_who_was_merged_is_used_by_the_id_that_it_had(ask: Asking) -> None:
    ming, hong = await a_member(), await a_member()
    (ten,) = await a_coupon(hong.member_id, "TEN")
    await merge(STAFF, merging(ming, hong), now=NOW)
    old = global_id("Coupon", hong.member_id, ten.id)
    made = await opened(ask, ask.member(ming.member_id), coupons=[old])
    assert made["refusal"] is None
    assert await coupon_states(ming.member_id, ten) == ["RESERVED"]


async def test_a_quote_says_what_each_line_costs_and_why_each_other_coupon_is_not_in_it(
    ask: Asking, ming: Member
) -> None:
    await give(ming.member_id, 800)
    ten, fifth = await a_coupon(ming.member_id, "TEN", "FIFTH")
    ids = [global_id("Coupon", ming.member_id, one.id) for one in (ten, fifth)]
    async with nothing_changed():
        made = await quoted(ask, ask.member(ming.member_id), points=800)
    assert made["refusal"] is None
    quote = made["quote"]
    assert quote.pop("digest")
    assert quote == {
        "currency": "CNY",
        "payableMinor": 7_600,
        "payable": "CN¥76.00",
        "points": 800,
        "pointsMinor": 1_000,
        "shippingMinor": 1_000,
        "isBest": True,
        "takesTierDiscount": True,
        "lines": [
            {
                "lineId": "1",
                "netMinor": 7_600,
                "pointsMinor": 1_000,
                "payableMinor": 6_600,
                "discounts": [
                    {"kind": "tier", "reference": "NORMAL", "amountMinor": 500},
                    {"kind": "coupon", "reference": ids[1], "amountMinor": 1_900},
                ],
            }
        ],
        "coupons": [{"id": ids[1], "template": "FIFTH", "amountMinor": 1_900, "gives": {}}],
        "refusedCoupons": [
            {
                "id": ids[0],
                "reason": "NOT_COMBINABLE",
                "message": "it can't be combined with other coupons of this price",
                "facts": {"with": [str(fifth.id)]},
            }
        ],
    }


async def test_a_shop_opens_a_checkout_for_its_customer_and_completes_it(
    ask: Asking, ming: Member
) -> None:
    await give(ming.member_id, 1_000)
    shop = await ask.service(Right.CHECKOUTS_WRITE, Right.MEMBERS_READ)
    made = await opened(ask, shop, externalId="customer-1", points=800)
    found = made["checkout"]
    assert (found["state"], found["expiresAt"]) == ("OPEN", "2026-03-02T04:15:00Z")
    assert found["memberId"] == member_global_id(ming.member_id)
    assert made["member"] == {"points": {"available": 200, "held": 800}}
    paid = {"id": found["id"], "paidAt": "2026-03-02T04:00:00Z"}
    order = {"source": "shop", "orderId": "A-1"}
    done = (await ask(COMPLETE, shop, **paid, order=order))["data"]["completeCheckout"]
    assert done["checkout"] | {"price": None} == {
        **found,
        **order,
        "state": "COMPLETED",
        "paidAt": "2026-03-02T04:00:00Z",
        "price": None,
    }
    assert done["member"] == {"points": {"available": 200, "held": 0}}
    async with nothing_changed():
        again = (await ask(COMPLETE, shop, **paid))["data"]["completeCheckout"]
        assert again["checkout"] == done["checkout"]
        other = {**paid, "order": {"source": "shop", "orderId": "A-2"}}
        bound = (await ask(COMPLETE, shop, **other))["data"]["completeCheckout"]["refusal"]
        assert (bound["__typename"], bound["orderId"]) == ("CheckoutBound", "A-1")
        nameless = {**paid, "order": {"source": "", "orderId": "A-1"}}
        unnamed = (await ask(COMPLETE, shop, **nameless))["data"]["completeCheckout"]
        assert unnamed["refusal"]["path"] == ["order", "source"]
        closed = (await ask(CANCEL, shop, id=found["id"]))["data"]["cancelCheckout"]["refusal"]
        assert (closed["__typename"], closed["state"]) == ("CheckoutClosed", "COMPLETED")


async def test_a_changed_price_and_coupons_that_do_not_fit_are_told_in_full(
    ask: Asking, ming: Member
) -> None:
    token = ask.member(ming.member_id)
    (ten,) = await a_coupon(ming.member_id, "TEN")
    coupon = global_id("Coupon", ming.member_id, ten.id)
    asked = {"cart": CART, "digest": "another", "idempotencyKey": "k"}
    async with nothing_changed():
        changed = (await ask(OPEN, token, input=asked))["data"]["openCheckout"]["refusal"]
    quote = (await quoted(ask, token))["quote"]
    assert changed["quote"] == {"digest": quote["digest"], "payableMinor": 9_500}
    assert changed["message"].startswith("The price has changed: CN¥95.00")
    await opened(ask, token, coupons=[coupon])
    (reason,) = (await quoted(ask, token, coupons=[coupon]))["refusal"]["reasons"]
    assert reason == {
        "id": coupon,
        "reason": "RESERVED",
        "message": "another open checkout holds it",
    }


async def test_a_late_payment_is_told_to_be_refunded(
    ask: Asking, ming: Member, time: FrozenClock
) -> None:
    shop = await ask.service(Right.CHECKOUTS_WRITE)
    made = (await opened(ask, ask.member(ming.member_id)))["checkout"]
    time.set(LAPSES + timedelta(seconds=1))
    await ask(CHECKOUT, shop, id=made["id"])  # the key's use is noted
    async with nothing_changed():
        late = {"id": made["id"], "paidAt": "2026-03-02T04:16:01Z"}
        refused = (await ask(COMPLETE, shop, **late))["data"]["completeCheckout"]["refusal"]
    assert refused["expiresAt"] == "2026-03-02T04:15:00Z"
    assert (refused["code"], refused["paidAt"]) == ("CHECKOUT_EXPIRED", late["paidAt"])
    found = (await ask(CHECKOUT, shop, id=made["id"]))["data"]["checkout"]
    assert found == {"state": "EXPIRED", "price": {"payableMinor": 10_500}}


async def test_a_member_buys_for_nobody_else_and_sees_nobody_elses(
    ask: Asking, ming: Member
) -> None:
    other = await a_member(external_id="customer-2")
    (ten,) = await a_coupon(other.member_id, "TEN")
    theirs = (await opened(ask, ask.member(other.member_id), coupons=[]))["checkout"]["id"]
    token = ask.member(ming.member_id)
    wrong = [
        {"memberId": member_global_id(other.member_id)},
        {"externalId": "customer-2"},
        {"coupons": [global_id("Coupon", other.member_id, ten.id)]},
    ]
    async with nothing_changed():
        for wanted in wrong:
            assert (await quoted(ask, token, **wanted))["refusal"]["code"] == "NOT_FOUND"
        assert (await ask(CHECKOUT, token, id=theirs))["data"] == {"checkout": None}
        refused = (await ask(CANCEL, token, id=theirs))["data"]["cancelCheckout"]["refusal"]
        assert refused["code"] == "NOT_FOUND"
    assert (await ask(CHECKOUT, ask.staff(), id=theirs))["data"]["checkout"]["state"] == "OPEN"
    own = {"memberId": member_global_id(ming.member_id)}
    assert (await quoted(ask, token, **own))["quote"]["payableMinor"] == 10_500


async def test_a_service_says_for_whom_and_only_in_the_programmes_currency(
    ask: Asking, ming: Member
) -> None:
    del ming
    shop = await ask.service(Right.CHECKOUTS_WRITE)
    assert (await quoted(ask, shop))["refusal"]["path"] == ["memberId"]
    assert (await quoted(ask, shop, externalId="nobody"))["refusal"]["code"] == "NOT_FOUND"
    dollars = {"cart": CART | {"currency": "USD"}, "externalId": "customer-1"}
    refused = (await ask(QUOTE, shop, input=dollars))["data"]["quoteCart"]["refusal"]
    assert refused["code"] == "CURRENCY_NOT_SUPPORTED"
    many = {"lines": [{"lineId": str(n), "sku": "tea", "amountMinor": 1} for n in range(101)]}
    asked = {"cart": many, "externalId": "customer-1"}
    refused = (await ask(QUOTE, shop, input=asked))["data"]["quoteCart"]["refusal"]
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["cart", "lines"])


async def test_a_request_prices_three_carts_at_most(ask: Asking, ming: Member) -> None:
    one = '{input: {cart: {lines: [{lineId: "1", sku: "tea", amountMinor: 100}]}}}'.strip("{}")
    asked = " ".join(f"q{n}: quoteCart({one}}}}}) {{ refusal {{ code }} }}" for n in range(4))
    answer = (await ask(f"{{ {asked} }}", ask.member(ming.member_id)))["data"]
    refused = [found["refusal"] for found in answer.values()]
    assert refused == [None, None, None, {"code": "INVALID_INPUT"}]


async def test_staff_see_whose_coupons_were_used_twice(
    ask: Asking, ming: Member, time: FrozenClock
) -> None:
    shop, token = await ask.service(Right.CHECKOUTS_WRITE), ask.member(ming.member_id)
    (ten,) = await a_coupon(ming.member_id, "TEN")
    coupon = global_id("Coupon", ming.member_id, ten.id)
    first = (await opened(ask, token, coupons=[coupon]))["checkout"]["id"]
    time.set(LAPSES)
    second = (await opened(ask, token, "k2", coupons=[coupon]))["checkout"]["id"]
    for made, at in ((second, LAPSES), (first, NOW)):
        await ask(COMPLETE, shop, id=made, paidAt=at.isoformat())
    query = "{ overusedCheckouts { nodes { id state overusedCoupons } } }"
    found = (await ask(query, ask.staff()))["data"]["overusedCheckouts"]["nodes"]
    assert found == [{"id": first, "state": "COMPLETED", "overusedCoupons": [coupon]}]
