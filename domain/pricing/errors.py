"""Why can't a cart be priced as it was wished?"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.pricing.words import reason_text
from kit.errors import Refusal

Against = tuple[UUID, str, Mapping[str, Any]]
"""A coupon's id, what is the matter with it, and the facts of that."""


class NotApplicable(Refusal):
    """Fact: `reasons`, of each coupon at fault `coupon_id`, `reason` and `facts`.

    Codes and facts are those of a price's refused coupons.
    """

    code = "NOT_APPLICABLE"
    zh = "所选优惠券不能全部用于此订单：{reasons_zh}。"
    en = "The chosen coupons can't all be applied: {reasons_en}."

    def __init__(self, against: Sequence[Against], currency: str) -> None:
        super().__init__(
            reasons=[
                {"coupon_id": coupon_id, "reason": reason, "facts": facts}
                for coupon_id, reason, facts in against
            ],
            reasons_zh="；".join(_each(against, currency, "zh-CN")),
            reasons_en="; ".join(_each(against, currency, "en")),
        )


def _each(against: Sequence[Against], currency: str, locale: str) -> list[str]:
    return list(
        dict.fromkeys(reason_text(reason, facts, currency, locale) for _, reason, facts in against)
    )
