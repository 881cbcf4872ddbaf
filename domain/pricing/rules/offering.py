"""Which coupons could be used now, in the order in which they are taken off?"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.pricing.model import HeldCoupon, RefusedCoupon
from domain.pricing.rules.taking import Terms, terms_of
from domain.pricing.rules.worlds import World
from domain.programme.model import CouponTemplate

_NEVER = datetime.max.replace(tzinfo=UTC)
_STATES = {
    "RESERVED": "RESERVED",
    "REDEEMED": "USED",
    "FORFEITED": "USED",
    "REVOKED": "REVOKED",
    "EXPIRED": "EXPIRED",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A usable coupon. `version` tells apart what one code says in several coupons."""

    coupon: HeldCoupon
    terms: Terms
    version: int

    @property
    def template(self) -> CouponTemplate:
        return self.coupon.template

    @property
    def kind_of(self) -> tuple[int, str, int]:
        """Coupons that share it say the same."""
        return self.template.priority, self.template.code, self.version

    @property
    def order(self) -> tuple[int, str, int, UUID]:
        """In which they are taken off."""
        return (*self.kind_of, self.coupon.id)

    @property
    def urgency(self) -> tuple[datetime, int, str, int, UUID]:
        """What expires sooner is used first."""
        return (self.coupon.expires_at or _NEVER, *self.order)


def offers_of(coupons: Iterable[HeldCoupon], world: World) -> list[Offer]:
    """In the order in which they are taken off."""
    versions: dict[str, list[CouponTemplate]] = {}
    for coupon in coupons:
        known = versions.setdefault(coupon.template.code, [])
        if coupon.template not in known:
            known.append(coupon.template)
    for known in versions.values():
        if len(known) > 1:
            known.sort(key=_canonical)
    terms = {
        code: [terms_of(template, world.lines, world.payer) for template in known]
        for code, known in versions.items()
    }
    offers: list[Offer] = []
    for coupon in coupons:
        code = coupon.template.code
        version = versions[code].index(coupon.template)
        offers.append(Offer(coupon, terms[code][version], version))
    return sorted(offers, key=lambda offer: offer.order)


def unusable(coupon: HeldCoupon, now: datetime) -> RefusedCoupon | None:
    """Why it can't be used whatever is in the cart."""
    reason, facts = _state(coupon, now)
    return None if reason is None else RefusedCoupon(coupon.id, reason, facts)


def usable(coupons: Sequence[HeldCoupon], now: datetime) -> list[HeldCoupon]:
    return [coupon for coupon in coupons if _state(coupon, now)[0] is None]


def _state(coupon: HeldCoupon, now: datetime) -> tuple[str | None, dict[str, Any]]:
    expired = {"expires_at": coupon.expires_at}
    if not coupon.is_usable and coupon.state in _STATES:
        reason = _STATES[coupon.state]
        return reason, expired if reason == "EXPIRED" else {}
    if coupon.expires_at is not None and coupon.expires_at <= now:
        return "EXPIRED", expired
    if coupon.starts_at is not None and now < coupon.starts_at:
        return "NOT_STARTED", {"starts_at": coupon.starts_at}
    return (None, {}) if coupon.is_usable else ("NOT_USABLE", {"state": coupon.state})


def _canonical(template: CouponTemplate) -> str:
    return json.dumps(template.model_dump(mode="json"), sort_keys=True)
