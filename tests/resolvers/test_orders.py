"""What does a shop learn of a refund before it pays it out?"""

from datetime import timedelta

import pytest

from domain.members.model import Member
from tests.support.api import Asking
from tests.support.buying import COUPONS, a_coupon, cart, opened, template
from tests.support.buying import paid as complete
from tests.support.programmes import in_force
from tests.support.selling import order_of
from tests.support.shop import done, refunded
from tests.support.value import give
from tests.support.world import NOW, nothing_changed

QUOTE = """query($input: RefundQuoteInput!) { refundQuote(input: $input) {
  quote { refunded { amountMinor } payBack { amountMinor formatted } giftCharge { amountMinor }
    points pointsWorth { amountMinor } credit { amountMinor } pointsTaken cashbackTaken
    couponsReturned couponsForfeited }
  refusal { __typename code ... on InvalidInput { path } } } }"""
ASKED = {"subject": "customer-1", "source": "shop", "orderId": "o1"}


async def an_order(ming: Member) -> None:
    """¥100 at 5 % with ¥10 off is ¥85, of which 2,000 points pay ¥25; a cup on top."""
    cup = template("CUP_80", kind="GIFT", gift={"sku": "cup", "value": 12}, threshold=80)
    await in_force(coupons=[*COUPONS, cup])
    await give(ming.member_id, 2_000)
    coupons = await a_coupon(ming.member_id, "TEN", "BACK", "CUP_80")
    ids = tuple(coupon.id for coupon in coupons)
    found = await opened(ming.member_id, of=cart(6_000, 4_000), coupon_ids=ids, points=2_000)
    await done(order_of(ming, await complete(found)))


def money(found: dict) -> dict:
    return {
        name: value["amountMinor"] if isinstance(value, dict) else value
        for name, value in found.items()
    }


async def test_a_refund_is_quoted_line_by_line_and_nothing_changes(
    ask: Asking, ming: Member
) -> None:
    await an_order(ming)
    service = await ask.service("events:write")
    async with nothing_changed():
        whole = (await ask(QUOTE, service, input=ASKED))["data"]["refundQuote"]["quote"]
        lines = [{"lineId": "2", "amountMinor": 3_400}]
        part = (await ask(QUOTE, service, input={**ASKED, "lines": lines}))["data"]
    assert whole["payBack"]["formatted"] == "CN¥60.00"
    assert money(whole) == {
        "refunded": 8_500,
        "payBack": 6_000,
        "giftCharge": 0,
        "points": 2_000,
        "pointsWorth": 2_500,
        "credit": 0,
        "pointsTaken": 60,
        "cashbackTaken": 100,
        "couponsReturned": 3,
        "couponsForfeited": 0,
    }
    assert money(part["refundQuote"]["quote"]) == {
        "refunded": 3_400,
        "payBack": 3_400 - 1_000 - 1_200,
        "giftCharge": 1_200,
        "points": 800,
        "pointsWorth": 1_000,
        "credit": 0,
        "pointsTaken": 24,
        "cashbackTaken": 40,
        "couponsReturned": 0,
        "couponsForfeited": 0,
    }


async def test_what_was_quoted_is_what_the_refund_does(ask: Asking, ming: Member) -> None:
    await an_order(ming)
    service = await ask.service("events:write")
    lines = [{"lineId": "2", "amountMinor": 3_400}]
    quoted = (await ask(QUOTE, service, input={**ASKED, "lines": lines}))["data"]["refundQuote"]
    refund = refunded(ming, "o1", "r1", ("2", 3_400), at=NOW + timedelta(days=1))
    await done(refund)
    rest = (await ask(QUOTE, service, input=ASKED))["data"]["refundQuote"]["quote"]
    assert money(rest)["points"] == 2_000 - quoted["quote"]["points"]
    assert money(rest)["pointsTaken"] == 60 - quoted["quote"]["pointsTaken"]
    assert money(rest)["giftCharge"] == -1_200
    assert money(rest)["payBack"] == 5_100 - 1_500 + 1_200


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"subject": "nobody"}, {"__typename": "GenericRefusal", "code": "NOT_FOUND"}),
        ({"orderId": "o9"}, {"__typename": "GenericRefusal", "code": "NOT_FOUND"}),
        (
            {"lines": [{"lineId": "9", "amountMinor": 1}]},
            {"__typename": "InvalidInput", "code": "INVALID_INPUT"}
            | {"path": ["input", "lines", "0", "lineId"]},
        ),
        (
            {"lines": [{"lineId": "1", "amountMinor": -1}]},
            {"__typename": "InvalidInput", "code": "INVALID_INPUT"}
            | {"path": ["input", "lines", "0", "amountMinor"]},
        ),
        (
            {"lines": [{"lineId": "1", "amountMinor": 9_999}]},
            {"__typename": "GenericRefusal", "code": "REFUND_EXCEEDS_ORDER"},
        ),
    ],
)
async def test_a_refund_that_cannot_be_is_refused(
    ask: Asking, ming: Member, more: dict, refusal: dict
) -> None:
    await an_order(ming)
    service = await ask.service("events:write")
    async with nothing_changed():
        answer = (await ask(QUOTE, service, input={**ASKED, **more}))["data"]["refundQuote"]
    assert answer == {"quote": None, "refusal": refusal}
