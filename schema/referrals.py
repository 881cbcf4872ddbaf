"""How do a member's invitations look, and how does one name their inviter?"""

import strawberry

from domain.dashboard import model
from resolvers import referrals
from schema.guards import Info, allow
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points


@strawberry.type
class ReferralSummary:
    code: str = strawberry.field(description="The member's own, to be given to friends.")
    bound: int = strawberry.field(description="Invitees who entered the code.")
    qualified: int = strawberry.field(description="Of these, whose first order counted.")
    rewarded: int
    points_earned: Points = strawberry.field(description="Net of what was taken back.")

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


@strawberry.type
class ReferralMutations:
    @strawberry.mutation(extensions=allow("member"), description="Name who invited you, once.")
    async def bind_referral(self, info: Info, code: str) -> BindReferralPayload:
        made = await referrals.bind(info.context, code)
        return BindReferralPayload(
            referral=made.value and ReferralSummary.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )
