"""Does an entry of credit say why it is this amount, in money?"""

import pytest

from domain.points.explain import explain
from domain.points.words import Unit
from tests.domain.points.test_explain import stored, told

GIFT = {"occasion": "birthday", "code": "2026"}


@pytest.mark.parametrize(
    ("movement", "zh", "en"),
    [
        ("earn", "2026 年生日礼：¥8.88。", "Birthday gift of 2026: CN¥8.88."),
        (
            "expire",
            "¥5.00 红包余额有效期已到。来源：2026 年生日礼：¥8.88。",
            (
                "CN¥5.00 of credit reached the end of its time. Where from: Birthday gift of 2026: "
                "CN¥8.88."
            ),
        ),
        (
            "shortfall",
            "应收回的红包已被使用，¥5.00 记为欠款。2026 年生日礼：¥8.88。",
            (
                "What is to be taken back had been spent, so CN¥5.00 became a debt. Birthday gift "
                "of 2026: CN¥8.88."
            ),
        ),
    ],
)
def test_credit_is_told_in_money_where_the_same_decision_tells_points(movement, zh, en):
    decision = stored("birthday_gift", GIFT, {"points": 50, "credit_minor": 888})
    end = "（会员计划第 3 版）", " (Programme version 3.)"
    said = [
        explain(movement, 500, decision, locale=to, unit=Unit("CREDIT", "CNY"))
        for to in ("zh-CN", "en")
    ]
    assert said == [zh + end[0], en + end[1]]
    assert told(decision, 50) == ("2026 年生日礼：50 积分。", "Birthday gift of 2026: 50 points.")


def test_a_packet_from_staff_says_why():
    decision = stored("credit_grant", {"amount": 888, "reason": "{Sorry}"}, {"credit_minor": 888})
    assert told(decision, 888) == ("商家红包：{Sorry}", "A red packet from the shop: {Sorry}")
