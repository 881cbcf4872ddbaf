"""How do members come to coupons, and how do staff give and take them?"""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.coupons.model import BulkAsked, Owned, VouchersAsked
from resolvers import coupons
from resolvers.answers import Answer
from schema.answers import MemberPayload, member_parts
from schema.batches import BatchPayload
from schema.coupons import Coupon
from schema.guards import Info, allow
from schema.limits.catalogue import once
from schema.members import member_or_none
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points


@strawberry.type
class CouponPayload(MemberPayload):
    coupon: Coupon | None = None

    @classmethod
    def of(cls, made: Answer[Owned], info: Info) -> "CouponPayload":
        return cls(
            coupon=made.value and Coupon.of(made.value, info),
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.input
class ClaimCouponInput:
    template: str
    idempotency_key: str


@strawberry.input
class RedeemCouponCodeInput:
    code: str
    idempotency_key: str


@strawberry.input(description="Until `expiresAt` the codes can be turned into coupons.")
class MakeVouchersInput:
    template: str
    quantity: int
    idempotency_key: str
    expires_at: datetime | None = strawberry.UNSET


@strawberry.input(description="Who has one of each list that isn't empty.")
class AudienceInput:
    tiers: list[str] = strawberry.field(default_factory=list)
    stages: list[str] = strawberry.field(default_factory=list)
    tags: list[str] = strawberry.field(default_factory=list)
    segments: list[str] = strawberry.field(default_factory=list)


@strawberry.input(
    description="To everybody in the audience, or to the shop's customers `externalIds` (at most"
    " 5,000); in both cases as far as the template's own terms admit them."
)
class IssueCouponsInput:
    template: str
    idempotency_key: str
    audience: AudienceInput | None = strawberry.UNSET
    external_ids: list[str] | None = strawberry.UNSET

    def asked(self) -> BulkAsked:
        audience = self.audience or AudienceInput()
        return BulkAsked(
            template=self.template,
            key=self.idempotency_key,
            tiers=tuple(audience.tiers),
            stages=tuple(audience.stages),
            tags=tuple(audience.tags),
            segments=tuple(audience.segments),
            external_ids=tuple(self.external_ids) if self.external_ids else None,
        )


@strawberry.type
class MakeVouchersPayload:
    batch_id: strawberry.ID | None = None
    quantity: Points | None = None
    csv: str | None = strawberry.field(
        default=None, description="The codes, this once; null where the request is repeated."
    )
    refusal: Refusal | None = None


@strawberry.type
class RevokeVouchersPayload:
    revoked: Points | None = strawberry.field(
        default=None, description="Codes that nobody had used."
    )
    refusal: Refusal | None = None


@strawberry.type
class CouponMutations:
    @strawberry.mutation(
        extensions=allow("member"), description="Have a coupon that may be claimed; once a key."
    )
    async def claim_coupon(
        self, info: Info, asked: Annotated[ClaimCouponInput, strawberry.argument(name="input")]
    ) -> CouponPayload:
        made = await coupons.claim(
            info.context, asked.template, key=asked.idempotency_key, parts=member_parts(info)
        )
        return CouponPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="Turn a printed or public code into a coupon. All codes that don't work are"
        " answered alike, and only so many are looked at; one field a document.",
        metadata=once(),
    )
    async def redeem_coupon_code(
        self,
        info: Info,
        asked: Annotated[RedeemCouponCodeInput, strawberry.argument(name="input")],
    ) -> CouponPayload:
        made = await coupons.redeem_code(
            info.context, asked.code, key=asked.idempotency_key, parts=member_parts(info)
        )
        return CouponPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Take a coupon away; one in use goes when it comes back.",
    )
    async def revoke_coupon(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        reason: str,
    ) -> CouponPayload:
        made = await coupons.revoke(info.context, id_, reason, member_parts(info))
        return CouponPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="A coupon each for many members: a batch, which can be stopped and resumed.",
    )
    async def issue_coupons(
        self, info: Info, asked: Annotated[IssueCouponsInput, strawberry.argument(name="input")]
    ) -> BatchPayload:
        return BatchPayload.of(await coupons.issue_in_bulk(info.context, asked.asked()), info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Make codes for print or mail, at most 10,000 at once, shown this once.",
    )
    async def make_vouchers(
        self, info: Info, asked: Annotated[MakeVouchersInput, strawberry.argument(name="input")]
    ) -> MakeVouchersPayload:
        wanted = VouchersAsked(
            asked.template, asked.quantity, asked.idempotency_key, asked.expires_at or None
        )
        made, csv = await coupons.make_vouchers(info.context, wanted)
        return MakeVouchersPayload(
            batch_id=made.value and strawberry.ID(coupons.voucher_batch_id(made.value)),
            quantity=made.value and made.value.batch.quantity,
            csv=csv,
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow("staff"), description="Codes of a batch that nobody used work no more."
    )
    async def revoke_vouchers(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> RevokeVouchersPayload:
        made = await coupons.revoke_vouchers(info.context, id_)
        return RevokeVouchersPayload(
            revoked=made.value, refusal=refusal_or_none(made.refusal, info.context.locale)
        )
