"""How do members invite, name their inviter, and what are staff asked to look at?"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

from domain.dashboard import model
from domain.referrals.model import Arrival, ShownReview, Suspicion
from domain.referrals.rules import MEMBERS_SHOWN_MAX, REASONS_MAX
from domain.referrals.words import reason
from kit.ids import global_id
from resolvers import referrals
from resolvers.answers import Answer
from resolvers.referrals import Landed
from schema.guards import Info, allow, allow_everybody
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points

ADDRESS = "Where they live, in a line. Kept as a keyed hash."
PAYMENT = "As the payment provider tells one card from another; kept as a keyed hash."
TOUCH = "What landReferral answered: the first link that was opened counts, before referralCode."


@strawberry.type
class ReferralSummary:
    code: str = strawberry.field(description="The member's own, to be given to friends.")
    bound: int = strawberry.field(description="Invitees who entered the code.")
    qualified: int = strawberry.field(description="Of these, whose first order counted.")
    rewarded: int
    points_earned: Points = strawberry.field(description="Net of what was taken back.")

    @strawberry.field(description="Where friends are sent; null where the programme names none.")
    def link(self, info: Info) -> str | None:
        return referrals.link(info.context, self.code)

    @strawberry.field(description="The link as a QR code: one SVG element.")
    def qr_code(self, info: Info) -> str | None:
        return referrals.qr_code(info.context, self.code)

    @classmethod
    def of(cls, found: model.ReferralView) -> "ReferralSummary":
        return cls(
            code=found.code,
            bound=found.bound,
            qualified=found.qualified,
            rewarded=found.rewarded,
            points_earned=found.points_earned,
        )


@strawberry.type
class BindReferralPayload:
    referral: ReferralSummary | None = None
    refusal: Refusal | None = None


@strawberry.input(description="How somebody came, as far as the app knows.")
class ArrivalInput:
    device_id: str | None = strawberry.UNSET
    address: str | None = strawberry.field(default=strawberry.UNSET, description=ADDRESS)
    payment_fingerprint: str | None = strawberry.field(
        default=strawberry.UNSET, description=PAYMENT
    )
    touch: str | None = strawberry.field(default=strawberry.UNSET, description=TOUCH)

    def arrival(self) -> Arrival:
        return Arrival(
            self.device_id or None,
            self.address or None,
            self.payment_fingerprint or None,
            self.touch or None,
        )


@strawberry.type(description="Whose link counts for who opened it, and until when.")
class LandReferralPayload:
    code: str | None = strawberry.field(
        default=None, description="Another than was asked for where an earlier link still counts."
    )
    touch: str | None = strawberry.field(
        default=None, description="To be kept by the client and given when they register."
    )
    expires_at: datetime | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[Landed], info: Info) -> "LandReferralPayload":
        found = made.value
        return cls(
            code=found and found.code,
            touch=found and found.touch,
            expires_at=found and found.expires_at,
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.enum(description="While it is OPEN, neither side is paid.")
class ReviewState(StrEnum):
    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@strawberry.enum(description="How far the invitation has come. QUALIFIED: its order counts.")
class ReferralState(StrEnum):
    BOUND = "BOUND"
    QUALIFIED = "QUALIFIED"
    REWARDED = "REWARDED"
    REVERSED = "REVERSED"
    LAPSED = "LAPSED"
    REJECTED = "REJECTED"


@strawberry.type(description="Why staff should look, with what it was seen by.")
class ReviewReason:
    code: str = strawberry.field(description="Stable; docs/guides/referrals.md lists them.")
    message: str
    count: int | None
    limit: int | None = strawberry.field(description="So many pass.")
    member_ids: list[strawberry.ID] = strawberry.field(
        description=f"Who is part of it, {MEMBERS_SHOWN_MAX} at most."
    )

    @classmethod
    def of(cls, found: Suspicion, locale: str) -> "ReviewReason":
        return cls(
            code=found.code,
            message=reason(found, locale),
            count=found.count,
            limit=found.limit,
            member_ids=[strawberry.ID(global_id("Member", member)) for member in found.members],
        )


@strawberry.type(description="An invitation that staff are asked to look at, or that was rejected.")
class ReferralReview:
    id: strawberry.ID
    state: ReviewState
    invitee_id: strawberry.ID
    inviter_id: strawberry.ID
    referral_state: ReferralState
    bound_at: datetime
    reasons: list[ReviewReason] = strawberry.field(metadata=cap(REASONS_MAX))
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None = strawberry.field(description='Who of the staff; or "rules".')
    note: str | None

    @classmethod
    def of(cls, shown: ShownReview, locale: str) -> "ReferralReview":
        found = shown.review
        return cls(
            id=strawberry.ID(global_id("ReferralReview", found.member_id)),
            state=ReviewState(found.state),
            invitee_id=strawberry.ID(global_id("Member", found.member_id)),
            inviter_id=strawberry.ID(global_id("Member", found.inviter_id)),
            referral_state=ReferralState(shown.referral_state),
            bound_at=shown.bound_at,
            reasons=[ReviewReason.of(one, locale) for one in found.reasons],
            opened_at=found.opened_at,
            resolved_at=found.resolved_at,
            resolved_by=found.resolved_by,
            note=found.note,
        )


@strawberry.type
class ReferralReviewPayload:
    review: ReferralReview | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[ShownReview], info: Info) -> "ReferralReviewPayload":
        locale = info.context.locale
        return cls(
            review=made.value and ReferralReview.of(made.value, locale),
            refusal=refusal_or_none(made.refusal, locale),
        )


@strawberry.type
class ReferralQueries:
    @strawberry.field(
        extensions=allow("staff"),
        description="The oldest first; of open ones those that can still be decided.",
    )
    async def referral_reviews(
        self,
        info: Info,
        state: ReviewState = ReviewState.OPEN,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[ReferralReview]:
        page = await referrals.reviews(info.context, state.value, *page_arguments(first, after))
        return Connection(
            nodes=[ReferralReview.of(found, info.context.locale) for found in page.items],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
        )


@strawberry.type
class ReferralMutations:
    @strawberry.mutation(extensions=allow("member"), description="Name who invited you, once.")
    async def bind_referral(
        self, info: Info, code: str, arrival: ArrivalInput | None = strawberry.UNSET
    ) -> BindReferralPayload:
        came = replace(arrival.arrival(), within="arrival") if arrival else Arrival()
        made = await referrals.bind(info.context, code, came)
        return BindReferralPayload(
            referral=made.value and ReferralSummary.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow_everybody(),
        description="Somebody opened a member's link. `touch`: what they carry of an earlier one,"
        " which counts while its days last.",
    )
    async def land_referral(
        self, info: Info, code: str, touch: str | None = strawberry.UNSET
    ) -> LandReferralPayload:
        made = await referrals.land(info.context, code, touch or None)
        return LandReferralPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"), description="Let it go on: what has qualified is paid."
    )
    async def approve_referral(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        note: str,
    ) -> ReferralReviewPayload:
        return ReferralReviewPayload.of(await referrals.approve(info.context, id_, note), info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Never pay it, and take back from both sides what was paid.",
    )
    async def reject_referral(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        note: str,
    ) -> ReferralReviewPayload:
        return ReferralReviewPayload.of(await referrals.reject(info.context, id_, note), info)
