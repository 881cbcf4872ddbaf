"""How does a coupon come to a member, and how is it taken away?"""

import secrets
from datetime import timedelta

from domain.coupons.model import Coupon
from domain.coupons.rules import RANDOM_BYTES, code_of
from domain.ledger.model import Decision
from domain.ledger.steps import Desk
from domain.programme.model import CouponTemplate
from kit.ids import new_id


def issue(
    desk: Desk, decision: Decision, face: CouponTemplate, *, source_type: str, source_id: str
) -> Coupon:
    """Issue a coupon of that face, valid from now, under a new code."""
    code = code_of(secrets.token_bytes(RANDOM_BYTES))
    coupon = Coupon(
        member_id=desk.member.member_id,
        id=new_id(),
        template=face.code,
        code=code,
        state="ISSUED",
        source_type=source_type,
        source_id=source_id,
        decision_id=decision.id,
        issued_at=desk.now,
        expires_at=desk.now + timedelta(days=face.valid_days),
    )
    desk.changes.put("coupon", coupon)
    desk.changes.put("coupon_code", {"code": code, "member_id": desk.member.member_id})
    return coupon
