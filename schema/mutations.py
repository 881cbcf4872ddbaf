"""What may one do? Every verb answers with its result or a refusal; both can't be."""

import strawberry

from schema.intake import EventMutations
from schema.member_mutations import CheckInMutations, MemberMutations, SigningInMutations
from schema.referrals import ReferralMutations
from schema.value_mutations import PointsMutations, RewardMutations


@strawberry.type
class Mutation(
    SigningInMutations,
    CheckInMutations,
    RewardMutations,
    ReferralMutations,
    EventMutations,
    PointsMutations,
    MemberMutations,
):
    pass
