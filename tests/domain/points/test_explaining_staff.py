"""Who of the staff is named in an explanation, and to whom?"""

import pytest

from domain.points.explain import explain
from domain.points.model import StoredDecision

ALONE = {"amount": 600, "reason": "late parcel", "reason_code": "GOODWILL", "by": "ada"}
TWO = {**ALONE, "approved_by": "bob", "proposal": "01"}


@pytest.mark.parametrize(
    ("inputs", "locale", "expected"),
    [
        (ALONE, "en", "Adjusted by staff: late parcel [GOODWILL, by ada]"),
        (ALONE, "zh-CN", "人工调整：late parcel[GOODWILL，操作人 ada]"),
        (TWO, "en", "Adjusted by staff: late parcel [GOODWILL, by ada, approved by bob]"),
        (TWO, "zh-CN", "人工调整：late parcel[GOODWILL，申请人 ada，批准人 bob]"),
        # As decisions were before anybody was named.
        ({"amount": 600, "reason": "late parcel"}, "en", "Adjusted by staff: late parcel"),
    ],
)
def test_staff_see_who_changed_a_balance_and_a_member_sees_the_reason(inputs, locale, expected):
    decision = StoredDecision(
        kind="adjustment", inputs=inputs, outcome={"points": 600}, programme_version=1
    )
    told = explain("adjust", 600, decision, locale=locale, for_staff=True)
    ending = "（会员计划第 1 版）" if locale == "zh-CN" else " (Programme version 1.)"
    assert told == expected + ending
    own = explain("adjust", 600, decision, locale=locale)
    assert [name for name in ("ada", "bob", "GOODWILL") if name in own] == []
