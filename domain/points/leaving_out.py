"""Which coupons did a deed not bring, and why?"""

from domain.points.words import Facts, Words

_COUPONS_MAX = 5
_WHY_LEFT_OUT = {
    "OUT_OF_STOCK": Words("已发完", "none was left"),
    "LIMIT_REACHED": Words("您已领满", "you have had as many as you may"),
    "NOT_IN_AUDIENCE": Words("面向其他会员", "it is for other members"),
    "ENDED": Words("活动已结束", "its time was over"),
}


def left_out(outcome: Facts) -> list[Words]:
    """Coupons that would have come with it."""
    found: list[Words] = []
    for coupon in outcome.get("coupons_left_out", ())[:_COUPONS_MAX]:
        why, name = _WHY_LEFT_OUT[coupon["reason"]], coupon["name"]
        found.append(
            Words(
                f"「{name['zh-CN']}」未发放：{why.zh}。",
                f"“{name['en']}” was not given: {why.en}.",
            )
        )
    return found
