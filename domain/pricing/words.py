"""In which words, of both languages, is a coupon not in a price?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kit.calendar import format_instant
from kit.money import format_money


class Words(NamedTuple):
    """Format strings over the facts of a reason."""

    zh: str
    en: str

    def in_(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en


REASONS = {
    "NOT_FOUND": Words("没有这张优惠券", "there is no such coupon"),
    "USED": Words("已使用", "it has been used"),
    "RESERVED": Words("已被另一笔未支付的订单占用", "another open checkout holds it"),
    "REVOKED": Words("已作废", "it has been revoked"),
    "EXPIRED": Words("已于 {expires_at} 过期", "it expired at {expires_at}"),
    "NOT_STARTED": Words("自 {starts_at} 起可用", "it is valid from {starts_at}"),
    "NOT_USABLE": Words("当前状态（{state}）不可用", "it can't be used as it is ({state})"),
    "NOT_CHOSEN": Words("未选用", "others were chosen"),
    "NOTHING_IN_SCOPE": Words("购物车中没有适用商品", "nothing in the cart is in its scope"),
    "THRESHOLD_NOT_MET": Words(
        "未满 {threshold}：适用金额 {amount}，还差 {missing}",
        "it needs {threshold}; there is {amount} in its scope, {missing} short",
    ),
    "NOTHING_OFF": Words("对此购物车没有优惠", "it would give nothing on this cart"),
    "NO_SHIPPING": Words("没有运费可减免", "there is no shipping to pay"),
    "NOT_IN_CART": Words("购物车中没有可换购的商品", "what it sells is not in the cart"),
    "NOT_COMBINABLE": Words(
        "不能与已选优惠券同时使用", "it can't be combined with other coupons of this price"
    ),
    "ONE_PER_ORDER": Words(
        "同一种优惠券每单最多 {most} 张", "at most {most} of this kind in one order"
    ),
    "TOO_MANY": Words("每单最多使用 {most} 张优惠券", "at most {most} coupons in one order"),
    "BETTER_WITHOUT": Words("不使用更优惠", "the price is no better with it"),
}
"""Every reason there is."""

_MONEY = "_minor"


def reason_text(reason: str, facts: Mapping[str, Any], currency: str, locale: str) -> str:
    """What a member reads; amounts in `currency`, instants to the minute."""
    said = {name: _said(name, value, currency, locale) for name, value in facts.items()}
    return REASONS[reason].in_(locale).format(**said, **_amounts(said))


def _amounts(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removesuffix(_MONEY): value for name, value in said.items() if name.endswith(_MONEY)
    }


def _said(name: str, value: object, currency: str, locale: str) -> object:
    if name.endswith(_MONEY) and isinstance(value, int):
        return format_money(value, currency, locale)
    return format_instant(value) if isinstance(value, datetime) else value
