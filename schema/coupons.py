"""What is in a member's wallet, what does a coupon say, and what may be claimed?"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

import strawberry

from domain.coupons import model
from domain.coupons.views import Offered
from domain.members.model import Scope
from domain.programme import model as programme
from resolvers import coupons
from schema.carts import coupon_id
from schema.guards import Info, allow, allow_everybody
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points

if TYPE_CHECKING:
    from resolvers.seeing import Seen

_TEMPLATES_MAX = 200
_WORDS_MAX = 500


@strawberry.enum(
    description="USED: by a checkout that was paid, and forfeited ones. REVOKED: taken away."
)
class CouponGroup(StrEnum):
    USABLE = "usable"
    RESERVED = "reserved"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@strawberry.type(description="Goods by any of these.")
class Picks:
    sku: list[str] = strawberry.field(metadata=cap(_WORDS_MAX))
    category: list[str] = strawberry.field(metadata=cap(_WORDS_MAX))
    brand: list[str] = strawberry.field(metadata=cap(_WORDS_MAX))

    @classmethod
    def of(cls, found: programme.Picks) -> "Picks":
        return cls(sku=list(found.sku), category=list(found.category), brand=list(found.brand))


@strawberry.type(description="What comes on top of the order; `valueMinor` is of one.")
class CouponGift:
    sku: str
    quantity: int
    value_minor: Points


@strawberry.type(description="One piece of `sku` in the cart for that price.")
class CouponExchange:
    sku: str
    price_minor: Points


@strawberry.type(
    description="Points, or percent of the scope's amount, once the order has settled."
)
class CouponCashback:
    points: Points | None
    percent: str | None
    points_max: Points | None


@strawberry.type(
    description="What a coupon says; money in minor units of the programme's currency."
)
class CouponTemplate:
    code: str
    name: str
    kind: str = strawberry.field(
        description="AMOUNT_OFF, PERCENT_OFF, GIFT, FREE_SHIPPING, EXCHANGE or CASHBACK."
    )
    amount_off_minor: Points | None
    percent_off: str | None
    amount_off_max_minor: Points | None
    gift: CouponGift | None
    exchange: CouponExchange | None
    cashback: CouponCashback | None
    threshold_minor: Points = strawberry.field(
        description="What the scope's amount must reach after the discounts before it."
    )
    included: Picks = strawberry.field(description="Nothing in it: all goods.")
    excluded: Picks
    stacking: str = strawberry.field(
        description="stackable, exclusive_coupons (alone among coupons) or exclusive_all."
    )
    valid_days: int = strawberry.field(description="From the issue, where there is no window.")
    starts_at: datetime | None = strawberry.field(description="Of its window.")
    ends_at: datetime | None

    @classmethod
    def of(cls, face: programme.CouponTemplate, locale: str) -> "CouponTemplate":
        gift, exchange, back = face.gift, face.exchange, face.cashback
        return cls(
            code=face.code,
            name=face.name.in_(locale),
            kind=face.kind,
            amount_off_minor=face.amount_off_minor,
            percent_off=_decimal(face.percent_off),
            amount_off_max_minor=face.amount_off_max_minor,
            gift=gift
            and CouponGift(sku=gift.sku, quantity=gift.quantity, value_minor=gift.value_minor),
            exchange=exchange
            and CouponExchange(sku=exchange.sku, price_minor=exchange.price_minor),
            cashback=back
            and CouponCashback(
                points=back.points, percent=_decimal(back.percent), points_max=back.points_max
            ),
            threshold_minor=face.threshold_minor,
            included=Picks.of(face.scope.include),
            excluded=Picks.of(face.scope.exclude),
            stacking=face.stacking,
            valid_days=face.valid_days,
            starts_at=face.window and face.window.starts_at,
            ends_at=face.window and face.window.ends_at,
        )


def _decimal(value: Any) -> str | None:  # noqa: ANN401  a decimal or None
    return None if value is None else programme.plain_decimal(value)


@strawberry.type
class Coupon:
    id: strawberry.ID
    code: str
    template: CouponTemplate = strawberry.field(description="As it was when it was issued.")
    state: str = strawberry.field(
        description="ISSUED, RESERVED, REDEEMED, RETURNED, FORFEITED, EXPIRED or REVOKED, now."
    )
    issued_at: datetime
    starts_at: datetime | None = strawberry.field(description="Null: good since its issue.")
    expires_at: datetime | None
    redeemed_at: datetime | None
    revoked_at: datetime | None = strawberry.field(
        description="Of one that is reserved or used: it does not come back."
    )

    @classmethod
    def of(cls, owned: model.Owned, info: Info) -> "Coupon":
        coupon = owned.coupon
        return cls(
            id=coupon_id(coupon.member_id, coupon.id),
            code=coupon.code,
            template=CouponTemplate.of(owned.template, info.context.locale),
            state=coupon.state_at(info.context.now).value,
            issued_at=coupon.issued_at,
            starts_at=coupon.starts_at,
            expires_at=coupon.expires_at,
            redeemed_at=coupon.redeemed_at,
            revoked_at=coupon.revoked_at,
        )


@strawberry.type(description="A template that may be claimed, as it stands for the viewer.")
class ClaimableCoupon:
    template: CouponTemplate
    stock_left: Points | None = strawberry.field(description="Null: endless.")
    claimable: bool = strawberry.field(description="Whether the member could have one now.")
    refusal: Refusal | None = strawberry.field(description="Why not.")

    @classmethod
    def of(cls, found: Offered, info: Info) -> "ClaimableCoupon":
        context = info.context
        return cls(
            template=CouponTemplate.of(found.template, context.locale),
            stock_left=found.stock_left,
            claimable=found.refusal is None and context.viewer.role == "member",
            refusal=refusal_or_none(found.refusal, context.locale),
        )


@strawberry.type
class MemberCoupons:
    @strawberry.field(
        description="Usable ones in the order in which they expire, others the latest change"
        " first; without a group all of them, the newest first."
    )
    async def coupons(
        self,
        info: Info,
        state: CouponGroup | None = strawberry.UNSET,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Coupon]:
        seen = cast("Seen", cast("Any", self).seen)
        group = model.Group(state.value) if state else None
        page = await coupons.wallet(info.context, seen, group, page_arguments(first, after))
        return Connection(
            nodes=[Coupon.of(owned, info) for owned in page.items],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
        )


@strawberry.type
class CouponQueries:
    @strawberry.field(
        extensions=allow_everybody(),
        description="What may be claimed, as it stands now for the viewer.",
        metadata=cap(_TEMPLATES_MAX),
    )
    async def coupon_templates(self, info: Info) -> list[ClaimableCoupon]:
        found = await coupons.claimable(info.context)
        return [ClaimableCoupon.of(offered, info) for offered in found]

    @strawberry.field(
        extensions=allow("staff", "service", scope=Scope.MEMBERS_READ),
        description="The coupon of a code; null for what is none.",
    )
    async def coupon_by_code(self, info: Info, code: str) -> Coupon | None:
        found = await coupons.by_code(info.context, code)
        return found and Coupon.of(found, info)
