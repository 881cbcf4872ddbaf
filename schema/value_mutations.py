"""How do points become rewards and come back, and how do staff change a balance?"""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.dashboard.model import Entry, RedemptionView
from domain.rewards.model import Adjusted, Operation
from resolvers import points, rewards
from resolvers.answers import Answer
from schema.answers import MemberPayload, member_parts
from schema.batches import BatchPayload
from schema.credit import CreditEntry
from schema.guards import Info, allow
from schema.members import member_or_none
from schema.points import PointsEntry
from schema.refusals import Refusal, refusal_or_none
from schema.rewards import Redemption
from schema.scalars import Points

REASON_CODE = (
    "One of the programme's `adjustments.reasons`, for staff; its `reason_default` where it is"
    " left out. `reason` is what the member reads."
)
ALONE = " What the staff member may not do alone is proposed: APPROVAL_REQUIRED."


@strawberry.input
class RedeemRewardInput:
    reward_code: str
    quantity: int = 1
    idempotency_key: str
    from_expiring: bool = strawberry.field(
        default=False,
        description="Pay `expiringPricePoints`, from points that expire within 30 days only.",
    )
    client_seed: str = strawberry.field(
        default="",
        description="Your own part of a draw's chance: at most 64 printable ASCII characters.",
    )

    def asked(self) -> rewards.Asked:
        return rewards.Asked(
            self.reward_code,
            self.quantity,
            self.idempotency_key,
            self.from_expiring,
            self.client_seed,
        )


@strawberry.input
class AdjustPointsInput:
    member_id: strawberry.ID
    amount: Points
    reason: str
    idempotency_key: str
    expires_at: datetime | None = strawberry.UNSET
    reason_code: str | None = strawberry.field(default=strawberry.UNSET, description=REASON_CODE)

    def adjustment(self) -> points.Asked:
        return points.Asked(
            self.amount,
            self.reason,
            self.idempotency_key,
            self.expires_at or None,
            reason_code=self.reason_code or None,
        )


@strawberry.input
class GrantCreditInput:
    """`amountMinor`: in minor units (fen, cents) of the programme's currency."""

    member_id: strawberry.ID
    amount_minor: Points
    reason: str
    idempotency_key: str
    expires_at: datetime | None = strawberry.UNSET
    reason_code: str | None = strawberry.field(default=strawberry.UNSET, description=REASON_CODE)

    def asked(self, operation: Operation) -> points.Asked:
        return points.Asked(
            self.amount_minor,
            self.reason,
            self.idempotency_key,
            self.expires_at or None,
            operation,
            self.reason_code or None,
        )


@strawberry.input
class AdjustCreditInput(GrantCreditInput):
    pass


@strawberry.type
class RedeemRewardPayload(MemberPayload):
    redemption: Redemption | None = None

    @classmethod
    def of(cls, made: Answer[RedemptionView], info: Info) -> "RedeemRewardPayload":
        locale = info.context.locale
        return cls(
            redemption=made.value and Redemption.of(made.value, locale),
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, locale),
        )


@strawberry.type
class AdjustPointsPayload(MemberPayload):
    entry: PointsEntry | None = None


@strawberry.type
class CreditPayload(MemberPayload):
    entry: CreditEntry | None = None


@strawberry.type
class ImportRewardCodesPayload:
    added: int = 0
    duplicates: int = strawberry.field(default=0, description="Were there, or came twice.")
    refusal: Refusal | None = None


@strawberry.type
class RewardMutations:
    @strawberry.mutation(extensions=allow("member"), description="Once for each idempotency key.")
    async def redeem_reward(
        self, info: Info, asked: Annotated[RedeemRewardInput, strawberry.argument(name="input")]
    ) -> RedeemRewardPayload:
        made = await rewards.redeem(info.context, asked.asked(), member_parts(info))
        return RedeemRewardPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("member", "staff"),
        description="The very lots come back, and stock and limit. Staff may cancel anybody's.",
    )
    async def cancel_redemption(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> RedeemRewardPayload:
        made = await rewards.cancel(info.context, id_, member_parts(info))
        return RedeemRewardPayload.of(made, info)

    @strawberry.mutation(extensions=allow("staff"), description="The parcel has left.")
    async def ship_redemption(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> RedeemRewardPayload:
        made = await rewards.ship(info.context, id_, member_parts(info))
        return RedeemRewardPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"), description="The parcel has arrived, the service is done."
    )
    async def deliver_redemption(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> RedeemRewardPayload:
        made = await rewards.deliver(info.context, id_, member_parts(info))
        return RedeemRewardPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"), description="It can't be delivered: everything comes back."
    )
    async def fail_redemption(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        reason: str,
    ) -> RedeemRewardPayload:
        made = await rewards.fail(info.context, id_, reason, member_parts(info))
        return RedeemRewardPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff"), description="Stock the pool of a VIRTUAL reward."
    )
    async def import_reward_codes(
        self, info: Info, pool: str, codes: list[str]
    ) -> ImportRewardCodesPayload:
        made = await rewards.import_codes(info.context, pool, codes)
        return ImportRewardCodesPayload(
            added=made.value.added if made.value else 0,
            duplicates=made.value.duplicates if made.value else 0,
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Stock a pool from a CSV file with a column `code`. A batch that workers do:"
        " it says how far it is, and which rows were duplicates. The same file is the same batch.",
    )
    async def load_reward_codes(self, info: Info, pool: str, csv: str) -> BatchPayload:
        return BatchPayload.of(await rewards.load_codes(info.context, pool, csv), info)


@strawberry.type
class PointsMutations:
    @strawberry.mutation(
        extensions=allow("staff"),
        description="Add points, or take them; once for each key." + ALONE,
    )
    async def adjust_points(
        self, info: Info, asked: Annotated[AdjustPointsInput, strawberry.argument(name="input")]
    ) -> AdjustPointsPayload:
        made, entry = await points.adjust(
            info.context, asked.member_id, asked.adjustment(), member_parts(info)
        )
        return _adjusted(made, entry, info)


@strawberry.type
class CreditMutations:
    @strawberry.mutation(
        extensions=allow("staff"),
        description="Give a red packet, of which the member is told; once for each key." + ALONE,
    )
    async def grant_credit(
        self, info: Info, asked: Annotated[GrantCreditInput, strawberry.argument(name="input")]
    ) -> CreditPayload:
        return await _changed(info, asked, Operation.GRANT_CREDIT)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="Correct a balance, up or down; once for each key." + ALONE,
    )
    async def adjust_credit(
        self, info: Info, asked: Annotated[AdjustCreditInput, strawberry.argument(name="input")]
    ) -> CreditPayload:
        return await _changed(info, asked, Operation.ADJUST_CREDIT)


async def _changed(info: Info, asked: GrantCreditInput, operation: Operation) -> CreditPayload:
    context = info.context
    made, entry = await points.adjust(
        context, asked.member_id, asked.asked(operation), member_parts(info)
    )
    return CreditPayload(
        entry=entry and CreditEntry.of(entry, context.locale),
        member=member_or_none(made.member),
        refusal=refusal_or_none(made.refusal, context.locale),
    )


def _adjusted(made: Answer[Adjusted], entry: Entry | None, info: Info) -> AdjustPointsPayload:
    return AdjustPointsPayload(
        entry=entry and PointsEntry.of(entry),
        member=member_or_none(made.member),
        refusal=refusal_or_none(made.refusal, info.context.locale),
    )
