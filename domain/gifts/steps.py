"""How is a gift given? Once for its occasion, with a row that says so."""

from collections.abc import Iterable
from typing import Any

from db.connection import Tx
from domain.coupons.model import Coupon
from domain.gifts.model import GiftRow, Kind, Occasion
from domain.ledger.steps import Desk
from domain.programme.model import Gives, Programme
from domain.programme.views import Published
from domain.rewards.steps import Issued
from domain.rewards.steps import give as issue_gives

_KEYS = {Kind.WELCOME: "welcome", Kind.BIRTHDAY: "birthday:{code}", Kind.TIER: "gift:{code}"}


async def give(
    tx: Tx, desk: Desk, occasion: Occasion, gives: Gives, published: Published
) -> Issued:
    """Issue what the programme gives for this occasion, dated now; the key admits no second one.

    A suspended member's points wait until they are back.
    """
    decision = desk.decide(
        _KEYS[occasion.kind].format(code=occasion.code),
        f"{occasion.kind}_gift",
        published.version,
        inputs={
            "occasion": occasion.kind,
            "code": occasion.code,
            "day": occasion.day.isoformat(),
            "coupons": list(gives.coupons),
            "badges": list(gives.badges),
        },
        outcome=gives.amounts(),
        occurred_at=desk.now,
    )
    issued = await issue_gives(
        tx,
        desk,
        decision,
        gives,
        programme=published.programme,
        source_type="gift",
        source_id=f"{occasion.kind}:{occasion.code}",
    )
    row = GiftRow(
        member_id=desk.member.member_id,
        kind=occasion.kind,
        code=occasion.code,
        day=occasion.day,
        points=gives.points,
        given_at=desk.now,
        decision_id=decision.id,
    )
    desk.changes.put("gift", row)
    return issued


def facts(points: int, coupons: Iterable[Coupon], programme: Programme) -> dict[str, Any]:
    """What a message says of a gift: its points and the names of its coupons."""
    faces = [programme.coupon(coupon.template) for coupon in coupons]
    names = [face.name.model_dump(mode="json", by_alias=True) for face in faces if face]
    return {"points": points, "coupons": names}
