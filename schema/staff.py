"""What waits for a second of the staff, what becomes of it, and what did they do?"""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.rewards.model import Operation
from domain.staff import model
from kit.ids import global_id
from resolvers import staff
from resolvers.answers import Answer
from resolvers.staff import Decided
from schema.credit import CreditEntry
from schema.guards import Info, allow
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.points import PointsEntry
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Json, Points

_Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
strawberry.enum(model.State, name="ProposalState", description="EXPIRED: nobody decided in time.")
strawberry.enum(
    model.Act, name="StaffActKind", description="What was done, or what became of a proposal."
)
strawberry.enum(
    model.Unit, name="StaffUnit", description="CREDIT: minor units of the programme's currency."
)


@strawberry.type(description="What one of the staff may not do alone.")
class StaffProposal:
    id: strawberry.ID
    act: model.Act
    member_id: strawberry.ID | None = strawberry.field(description="Whose balance it is about.")
    unit: model.Unit
    amount: Points = strawberry.field(
        description="Negative: to be taken. Of coupons for an audience as many as it can be."
    )
    reason: str
    reason_code: str | None
    terms: Json = strawberry.field(description="What else was asked.")
    programme_version: int = strawberry.field(description="In force when it was proposed.")
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    state: model.State
    decided_by: str | None
    decided_at: datetime | None
    note: str | None

    @classmethod
    def of(cls, found: model.Proposal, info: Info) -> "StaffProposal":
        return cls(
            id=strawberry.ID(global_id("StaffProposal", found.id)),
            act=model.Act(found.verb),
            member_id=found.member_id and strawberry.ID(global_id("Member", found.member_id)),
            unit=model.Unit(found.unit),
            amount=found.amount,
            reason=found.reason,
            reason_code=found.reason_code,
            terms=found.terms,
            programme_version=found.programme_version,
            proposed_by=found.proposed_by,
            proposed_at=found.proposed_at,
            expires_at=found.expires_at,
            state=found.state_at(info.context.now),
            decided_by=found.decided_by,
            decided_at=found.decided_at,
            note=found.note,
        )


@strawberry.type(description="What one of the staff did; kept for ever, and chained by hashes.")
class StaffAct:
    actor: str
    act: model.Act
    number: Points = strawberry.field(description="Among the acts of this person, from 1.")
    member_id: strawberry.ID | None
    proposal_id: strawberry.ID | None = strawberry.field(
        description="Of what was proposed, approved, rejected or withdrawn."
    )
    unit: model.Unit | None
    amount: Points | None
    alone: bool = strawberry.field(description="It counts for what they may do without a second.")
    reason_code: str | None
    programme_version: int
    recorded_at: datetime
    hash: str = strawberry.field(description="Over the act and the hash of the one before.")

    @classmethod
    def of(cls, found: model.StaffAct) -> "StaffAct":
        return cls(
            actor=found.actor,
            act=model.Act(found.act),
            number=found.seq,
            member_id=found.member_id and strawberry.ID(global_id("Member", found.member_id)),
            proposal_id=strawberry.ID(global_id("StaffProposal", found.subject))
            if found.act in model.ABOUT_PROPOSALS
            else None,
            unit=None if found.unit is None else model.Unit(found.unit),
            amount=found.amount,
            alone=found.alone_total is not None,
            reason_code=found.reason_code,
            programme_version=found.programme_version,
            recorded_at=found.recorded_at,
            hash=found.hash,
        )


@strawberry.type(description="An entry where it was approved and changed a balance.")
class StaffProposalPayload:
    proposal: StaffProposal | None = None
    points_entry: PointsEntry | None = None
    credit_entry: CreditEntry | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[Decided], info: Info) -> "StaffProposalPayload":
        locale = info.context.locale
        if made.value is None:
            return cls(refusal=refusal_or_none(made.refusal, locale))
        found, entry = made.value
        is_points = found.verb == Operation.ADJUST_POINTS
        return cls(
            proposal=StaffProposal.of(found, info),
            points_entry=PointsEntry.of(entry) if entry and is_points else None,
            credit_entry=CreditEntry.of(entry, locale) if entry and not is_points else None,
        )


@strawberry.type
class StaffQueries:
    @strawberry.field(extensions=allow("staff"), description="The oldest first.")
    async def staff_proposals(
        self,
        info: Info,
        state: model.State = model.State.PENDING,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[StaffProposal]:
        page = await staff.proposals(info.context, state, page_arguments(first, after))
        nodes = [StaffProposal.of(found, info) for found in page.items]
        return Connection(nodes=nodes, page_info=PageInfo.of(page), cursors=page.cursors)

    @strawberry.field(extensions=allow("staff"))
    async def staff_proposal(self, info: Info, id_: _Id) -> StaffProposal | None:
        found = await staff.proposal(info.context, id_)
        return found and StaffProposal.of(found, info)

    @strawberry.field(
        extensions=allow("staff"),
        description="Of one of the staff, about one member, or all; the newest first.",
    )
    async def staff_acts(
        self,
        info: Info,
        actor: str | None = strawberry.UNSET,
        member_id: strawberry.ID | None = strawberry.UNSET,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[StaffAct]:
        paging = page_arguments(first, after)
        page = await staff.acts(info.context, actor or None, member_id or None, paging)
        nodes = [StaffAct.of(found) for found in page.items]
        return Connection(nodes=nodes, page_info=PageInfo.of(page), cursors=page.cursors)


@strawberry.type
class StaffMutations:
    @strawberry.mutation(
        extensions=allow("staff"),
        description="Let happen what another of the staff proposed: it is posted now, once."
        " Coupons, vouchers and merges are done by who proposed them, asking again with that key.",
    )
    async def approve_proposal(self, info: Info, id_: _Id, note: str) -> StaffProposalPayload:
        return StaffProposalPayload.of(await staff.approve(info.context, id_, note), info)

    @strawberry.mutation(
        extensions=allow("staff"), description="Nothing of it is done; not by who proposed it."
    )
    async def reject_proposal(self, info: Info, id_: _Id, note: str) -> StaffProposalPayload:
        return StaffProposalPayload.of(await staff.reject(info.context, id_, note), info)

    @strawberry.mutation(extensions=allow("staff"), description="By who proposed it.")
    async def withdraw_proposal(self, info: Info, id_: _Id, note: str) -> StaffProposalPayload:
        return StaffProposalPayload.of(await staff.withdraw(info.context, id_, note), info)
