"""Will a member keep their tier, and what may staff decide about it?"""

from datetime import datetime

import strawberry

from domain.members.model import Member as MemberRow
from domain.retention.model import FloorAsked
from resolvers import retention
from resolvers.answers import Answer
from schema.answers import MemberPayload, member_parts
from schema.guards import Info, allow
from schema.members import member_or_none
from schema.refusals import refusal_or_none


@strawberry.type
class RetentionMutations:
    @strawberry.mutation(
        extensions=allow("staff"),
        description="Let a member have at least this tier, until then or until it is ended.",
    )
    async def set_tier_floor(
        self,
        info: Info,
        member_id: strawberry.ID,
        tier: str,
        reason: str,
        until: datetime | None = None,
    ) -> MemberPayload:
        made = await retention.set_floor(
            info.context, member_id, FloorAsked(tier, until), reason, member_parts(info)
        )
        return _payload(made, info)

    @strawberry.mutation(
        extensions=allow("staff"), description="Let a member have the tier that they earned."
    )
    async def end_tier_floor(
        self, info: Info, member_id: strawberry.ID, reason: str
    ) -> MemberPayload:
        made = await retention.end_floor(info.context, member_id, reason, member_parts(info))
        return _payload(made, info)


def _payload(made: Answer[MemberRow], info: Info) -> MemberPayload:
    return MemberPayload(
        member=member_or_none(made.member),
        refusal=refusal_or_none(made.refusal, info.context.locale),
    )
