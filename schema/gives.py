"""What is given for something done?"""

import strawberry

from domain.programme import model
from schema.programme import Money
from schema.scalars import Points


@strawberry.type(description="Points, a red packet, coupons and badges together, by their names.")
class Gives:
    points: Points
    credit: Money | None = strawberry.field(description="Money to spend in the shop; null: none.")
    coupons: list[str]
    badges: list[str]

    @classmethod
    def of(cls, found: model.Gives, programme: model.Programme, locale: str) -> "Gives":
        coupons = [(code, programme.coupon(code)) for code in found.coupons]
        badges = [(code, programme.badge(code)) for code in found.badges]
        return cls(
            points=found.points,
            credit=Money.of(found.credit_minor, programme.currency, locale)
            if found.credit_minor
            else None,
            coupons=[code if face is None else face.name.in_(locale) for code, face in coupons],
            badges=[code if badge is None else badge.name.in_(locale) for code, badge in badges],
        )
