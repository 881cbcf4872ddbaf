"""How do staff make one member of two, and what comes of it?"""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.merging.model import Balance, Outcome
from kit.ids import global_id
from resolvers import merging
from resolvers.answers import Answer
from resolvers.merging import Pair
from schema.answers import MemberPayload, member_parts
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.members import member_or_none
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points

_CURRENCIES_MAX = 10


@strawberry.input
class MergeMembersInput:
    survivor_id: strawberry.ID = strawberry.field(description="Who goes on.")
    absorbed_id: strawberry.ID = strawberry.field(description="Whose ids lead to the survivor.")
    reason: str
    idempotency_key: str

    def pair(self) -> Pair:
        return Pair(self.survivor_id, self.absorbed_id, self.reason, self.idempotency_key)


@strawberry.input
class UnmergeMembersInput(MergeMembersInput):
    pass


@strawberry.type
class MergeBalance:
    currency: str
    pending: Points
    available: Points
    debt: Points = strawberry.field(description="Zero or less.")

    @classmethod
    def of(cls, found: Balance) -> "MergeBalance":
        return cls(
            currency=found.currency,
            pending=found.pending,
            available=found.available,
            debt=found.debt,
        )


@strawberry.type(description="Tier and balances are the survivor's; the counts say what went over.")
class MergeOutcome:
    survivor_id: strawberry.ID
    absorbed_id: strawberry.ID
    at: datetime
    tier: str = strawberry.field(description="Its code.")
    balances: list[MergeBalance] = strawberry.field(metadata=cap(_CURRENCIES_MAX))
    lots: int
    orders: int
    coupons: int
    check_in_days: int
    coupons_revoked: int = strawberry.field(description="Unused ones that one member gets once.")
    referral_reversed: bool = strawberry.field(description="One had invited the other.")

    @classmethod
    def of(cls, found: Outcome) -> "MergeOutcome":
        return cls(
            survivor_id=strawberry.ID(global_id("Member", found.survivor_id)),
            absorbed_id=strawberry.ID(global_id("Member", found.absorbed_id)),
            at=found.at,
            tier=found.tier,
            balances=[MergeBalance.of(balance) for balance in found.balances],
            lots=found.lots,
            orders=found.orders,
            coupons=found.coupons,
            check_in_days=found.check_in_days,
            coupons_revoked=found.coupons_revoked,
            referral_reversed=found.referral_reversed,
        )


@strawberry.type
class MergeMembersPayload(MemberPayload):
    outcome: MergeOutcome | None = None

    @classmethod
    def of(cls, made: Answer[Outcome], info: Info) -> "MergeMembersPayload":
        return cls(
            outcome=made.value and MergeOutcome.of(made.value),
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class MergePreview:
    outcome: MergeOutcome | None = None
    refusal: Refusal | None = None


@strawberry.type
class MergingQueries:
    @strawberry.field(
        extensions=allow("staff"), description="What mergeMembers would do now; nothing is done."
    )
    async def merge_preview(
        self, info: Info, survivor_id: strawberry.ID, absorbed_id: strawberry.ID
    ) -> MergePreview:
        made = await merging.preview(info.context, Pair(survivor_id, absorbed_id))
        return MergePreview(
            outcome=made.value and MergeOutcome.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class MergingMutations:
    @strawberry.mutation(
        extensions=allow("staff"),
        description="Make one member of two who are one person; can be undone for 30 days.",
    )
    async def merge_members(
        self, info: Info, asked: Annotated[MergeMembersInput, strawberry.argument(name="input")]
    ) -> MergeMembersPayload:
        made = await merging.merge(info.context, asked.pair(), member_parts(info))
        return MergeMembersPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Part them again: each lot goes back with what is left of it.",
    )
    async def unmerge_members(
        self, info: Info, asked: Annotated[UnmergeMembersInput, strawberry.argument(name="input")]
    ) -> MergeMembersPayload:
        made = await merging.unmerge(info.context, asked.pair(), member_parts(info))
        return MergeMembersPayload.of(made, info)
