"""How does a shop tell what happened, and what became of it?"""

from datetime import datetime

import strawberry

from domain.intake.model import Fact, Recorded
from domain.members.model import Scope
from kit.errors import Refusal as DomainRefusal
from resolvers import intake
from schema.guards import Info, allow
from schema.limits.catalogue import cap
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
                if isinstance(refusal, DomainRefusal)
            ],
        )


@strawberry.type
class ReplayEventsPayload:
    replayed: int


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
