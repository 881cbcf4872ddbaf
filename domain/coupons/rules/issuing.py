"""May a coupon of this template be issued to this member now?

Refused in this order: ENDED, NOT_IN_AUDIENCE, LIMIT_REACHED, OUT_OF_STOCK. A refusal of something
that the member asked for is answered; what a deed gives without being asked leaves the coupon out
and says so in its decision.
"""

from datetime import datetime, timedelta

from domain.activity.errors import NotInAudience
from domain.activity.rules import suits
from domain.coupons.errors import Ended, LimitReached, OutOfStock
from domain.coupons.model import Prospect
from domain.programme.model import CouponTemplate, Programme
from domain.programme.rules.limits import limit_window
from kit.errors import Refusal


def check_issue(
    prospect: Prospect,
    programme: Programme,
    *,
    now: datetime,
    quantity: int = 1,
    takes_stock: bool = True,
) -> None:
    """Refuses what the module's docstring lists, in its order; a voucher has its stock already."""
    face = prospect.template
    if face.window is not None and now >= face.window.ends_at:
        raise Ended(face.window.ends_at)
    if not suits(face.audience, prospect.traits, now, programme):
        raise NotInAudience
    limit = face.limit
    if limit is not None and prospect.used + quantity > limit.count:
        _, resets_at = limit_window(limit, programme, now)
        raise LimitReached(limit.count, limit.period, resets_at)
    if takes_stock and face.stock is not None and prospect.issued + quantity > face.stock:
        raise OutOfStock


def why_not(
    prospect: Prospect, programme: Programme, *, now: datetime, quantity: int = 1
) -> Refusal | None:
    """What `check_issue` refuses; None where it may be issued."""
    try:
        check_issue(prospect, programme, now=now, quantity=quantity)
    except Refusal as refusal:
        return refusal
    return None


def validity(face: CouponTemplate, now: datetime) -> tuple[datetime | None, datetime]:
    """From when on and until when a coupon issued now is good."""
    if face.window is not None:
        return face.window.starts_at, face.window.ends_at
    return None, now + timedelta(days=face.valid_days)
