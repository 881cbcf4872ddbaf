"""Is it said which coupon a deed didn't bring, and why?"""

from tests.domain.points.test_explain import stored, told


def test_a_coupon_that_was_left_out_is_named_with_its_reason():
    name = {"zh-CN": "满100减10", "en": "10 off 100"}
    reasons = ("OUT_OF_STOCK", "LIMIT_REACHED", "NOT_IN_AUDIENCE", "ENDED")
    left_out = [{"template": "TEN", "name": name, "reason": reason} for reason in reasons]
    gift = {"occasion": "welcome", "code": "once"}
    zh, en = told(stored("welcome_gift", gift, {"points": 5, "coupons_left_out": left_out}), 5)
    assert zh.endswith(
        "「满100减10」未发放：已发完。「满100减10」未发放：您已领满。"
        "「满100减10」未发放：面向其他会员。「满100减10」未发放：活动已结束。"
    )
    assert en.endswith(
        " “10 off 100” was not given: none was left."
        " “10 off 100” was not given: you have had as many as you may."
        " “10 off 100” was not given: it is for other members."
        " “10 off 100” was not given: its time was over."
    )
