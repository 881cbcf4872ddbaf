"""Does an entry of a checkout say what it was for, and why it was taken later than it was held?"""

import pytest

from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.points.words import POINTS, Unit

LATE = (
    "Paid toward an order. The payment was told late, when nothing was set aside for it any more,"
    " so it was taken again."
)


def told(kind: str, movement: str, locale: str, money: str = "", **inputs: object) -> str:
    decision = StoredDecision(kind=kind, programme_version=3, inputs=inputs, outcome={})
    return explain(
        movement, 500, decision, locale=locale, unit=Unit("CREDIT", money) if money else POINTS
    )


@pytest.mark.parametrize(
    ("kind", "inputs", "zh", "en"),
    [
        (
            "checkout",
            {},
            "结算时预留，等待支付。",
            "Set aside for a checkout until it is paid.",
        ),
        (
            "checkout_cancelled",
            {},
            "结算已取消，所预留的按原有效期退还。",
            "The checkout was cancelled: the very same comes back, with its former expiry.",
        ),
        (
            "checkout_completed",
            {"order_id": "A-1", "is_late": False},
            "用于支付订单 A-1。",
            "Paid toward order A-1.",
        ),
        (
            "checkout_completed",
            {"order_id": None, "is_late": True},
            "用于支付订单。支付通知晚到，预留已释放，故重新扣除。",
            LATE,
        ),
    ],
)
def test_what_a_checkout_moved_tells_its_cause(*, kind, inputs, zh, en):
    assert told(kind, "commit", "zh-CN", **inputs) == f"{zh}（会员计划第 3 版）"
    assert told(kind, "commit", "en", **inputs) == f"{en} (Programme version 3.)"


def test_what_a_late_payment_found_no_more_is_owed_in_points_and_in_credit():
    paid = {"order_id": "A-1", "is_late": False}
    points = told("checkout_completed", "shortfall", "en", **paid)
    credit = told("checkout_completed", "shortfall", "zh-CN", "CNY", **paid)
    owed = "500 points of it had been spent by then and is owed. Paid toward order A-1."
    assert points == f"{owed} (Programme version 3.)"
    assert credit.startswith("应付的 ¥5.00在此之前已被使用，记为欠账。用于支付订单 A-1。")
