"""How does a shop tell what happened, and what became of it?"""

from datetime import datetime
from enum import StrEnum

import strawberry

from domain.intake.model import Fact, InboxEvent, Recorded
from domain.members.model import Scope
from kit.ids import global_id
from resolvers import intake
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_of
from schema.scalars import Json

_EVENTS_MAX = 500


@strawberry.input(
    description="CloudEvents-shaped: (source, id) is unique for ever; type is order.paid |"
    " order.completed | order.refunded | review.approved | share.opened | …; data is JSON."
)
class EventInput:
    id: str
    source: str
    type: str
    time: datetime
    subject: str = strawberry.field(description="The shop's customer id: Member.externalId.")
    data: Json

    def fact(self) -> Fact:
        return Fact(
            id=self.id,
            source=self.source,
            type=self.type,
            time=self.time,
            subject=self.subject,
            data=self.data,
        )


@strawberry.type
class RefusedEvent:
    id: str = strawberry.field(description="As the event has it.")
    refusal: Refusal


@strawberry.type
class RecordEventsPayload:
    accepted: int
    duplicates: int = strawberry.field(description="Were recorded before with the same content.")
    refused: list[RefusedEvent] = strawberry.field(metadata=cap(_EVENTS_MAX))

    @classmethod
    def of(cls, recorded: Recorded, locale: str) -> "RecordEventsPayload":
        return cls(
            accepted=recorded.accepted,
            duplicates=recorded.duplicates,
            refused=[
                RefusedEvent(id=event_id, refusal=refusal_of(refusal, locale))
                for event_id, refusal in recorded.refused
            ],
        )


@strawberry.type
class ReplayEventsPayload:
    replayed: int


@strawberry.enum
class EventState(StrEnum):
    """Why an event had no effect."""

    DEAD = "DEAD"
    PARKED = "PARKED"
    REFUSED = "REFUSED"


@strawberry.type(description="An event without effect: set aside, waiting, or refused.")
class Event:
    id: str = strawberry.field(description="As the shop gave it; unique in its source.")
    source: str
    type: str
    subject: str
    member_id: strawberry.ID
    data: Json
    occurred_at: datetime
    received_at: datetime
    state: EventState
    attempts: int
    waits_for: str | None = strawberry.field(description="The order that it overtook.")
    note: str | None = strawberry.field(description="What went wrong.")

    @classmethod
    def of(cls, found: InboxEvent) -> "Event":
        return cls(
            id=found.event_id,
            source=found.source,
            type=found.type,
            subject=found.subject,
            member_id=strawberry.ID(global_id("Member", found.member_id)),
            data=found.data,
            occurred_at=found.occurred_at,
            received_at=found.received_at,
            state=EventState(found.state.upper()),
            attempts=found.attempts,
            waits_for=found.waits_for,
            note=found.note,
        )


@strawberry.type
class EventQueries:
    @strawberry.field(
        extensions=allow("staff"), description="What had no effect, the last received first."
    )
    async def events(
        self,
        info: Info,
        state: EventState | None = strawberry.UNSET,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Event]:
        del info
        page = await intake.set_aside(state or None, *page_arguments(first, after))
        return Connection(
            nodes=[Event.of(found) for found in page.items],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
        )


@strawberry.type
class EventMutations:
    @strawberry.mutation(
        extensions=allow("service", scope=Scope.EVENTS_WRITE),
        description="Facts from the shop, at most 500 at once; each is accepted or refused on its"
        " own and processed by workers.",
    )
    async def record_events(self, info: Info, events: list[EventInput]) -> RecordEventsPayload:
        recorded = await intake.record(info.context, [event.fact() for event in events])
        return RecordEventsPayload.of(recorded, info.context.locale)

    @strawberry.mutation(
        extensions=allow("staff"), description="Try the events that were set aside again."
    )
    async def replay_events(self, info: Info) -> ReplayEventsPayload:
        return ReplayEventsPayload(replayed=await intake.replay_dead(info.context))
