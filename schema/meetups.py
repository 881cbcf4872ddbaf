"""Which meetups are there, how does one get a seat, and who comes in?"""

from datetime import datetime

import strawberry

from domain.meetups import model
from domain.members.model import Scope
from kit.ids import global_id
from resolvers import meetups
from resolvers.answers import Answer
from schema.gives import Gives
from schema.guards import Info, allow, allow_everybody
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none

_MEETUPS_MAX = 100
strawberry.enum(model.State, name="SignUpState")


@strawberry.type(description="The viewer's own.")
class MeetupSignUp:
    state: model.State
    ticket: str = strawberry.field(description="To be shown at the door, good with a seat.")
    signed_up_at: datetime
    attended_at: datetime | None
    found: strawberry.Private[model.SignUp]
    place: strawberry.Private[int | None]

    @strawberry.field(description="Of who waits, from 1.")
    async def place_in_line(self) -> int | None:
        return self.place or await meetups.place_in_line(self.found)

    @strawberry.field(description="The ticket as SVG.")
    def ticket_qr_code(self) -> str:
        return meetups.ticket_qr_code(self.found)

    @classmethod
    def of(cls, found: model.SignUp, place: int | None = None) -> "MeetupSignUp":
        return cls(
            state=model.State(found.state),
            ticket=found.ticket,
            signed_up_at=found.signed_up_at,
            attended_at=found.attended_at,
            found=found,
            place=place,
        )


@strawberry.type(description="An event that members sign up for and come to.")
class Meetup:
    code: str
    name: str
    details: str | None
    place: str
    starts_at: datetime
    ends_at: datetime
    sign_up_until: datetime
    capacity: int
    taken: int
    waiting: int = strawberry.field(description="Who stands in line for a seat.")
    tier_min: str | None
    level_min: str | None
    gives: Gives
    called_off: str | None = strawberry.field(
        description="Why it doesn't take place after all; null: it does."
    )
    my_sign_up: MeetupSignUp | None

    @classmethod
    def of(cls, shown: model.ShownMeetup, info: Info) -> "Meetup":
        found, context = shown.meetup, info.context
        return cls(
            code=found.code,
            name=found.name.in_(context.locale),
            details=found.details and found.details.in_(context.locale),
            place=found.place.in_(context.locale),
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            sign_up_until=found.sign_up_until or found.starts_at,
            capacity=found.capacity,
            taken=shown.taken,
            waiting=shown.waiting,
            tier_min=found.access.tier_min,
            level_min=found.access.level_min,
            gives=Gives.of(found.gives, context.programme, context.locale),
            called_off=found.called_off and found.called_off.in_(context.locale),
            my_sign_up=shown.mine and MeetupSignUp.of(shown.mine, shown.place),
        )


@strawberry.type(description="Who has signed up, for the staff.")
class MeetupAttendee:
    member_id: strawberry.ID
    nickname: str
    state: model.State
    position: int = strawberry.field(description="In the order in which members asked.")
    attended_at: datetime | None
    checked_in_by: str | None

    @classmethod
    def of(cls, found: model.Attendee) -> "MeetupAttendee":
        one = found.sign_up
        return cls(
            member_id=strawberry.ID(global_id("Member", one.member_id)),
            nickname=found.nickname,
            state=model.State(one.state),
            position=one.position,
            attended_at=one.attended_at,
            checked_in_by=one.checked_in_by,
        )


@strawberry.type
class SignUpPayload:
    sign_up: MeetupSignUp | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[model.SignUp], info: Info) -> "SignUpPayload":
        return cls(
            sign_up=made.value and MeetupSignUp.of(made.value),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class MeetupDoorPayload:
    member_id: strawberry.ID | None = None
    meetup: str | None = strawberry.field(default=None, description="Its code.")
    refusal: Refusal | None = None


@strawberry.type
class MeetupQueries:
    @strawberry.field(
        extensions=allow_everybody(), description="Not over yet.", metadata=cap(_MEETUPS_MAX)
    )
    async def meetups(self, info: Info) -> list[Meetup]:
        return [Meetup.of(found, info) for found in await meetups.meetups(info.context)]

    @strawberry.field(extensions=allow("staff"), description="In the order in which they asked.")
    async def meetup_attendees(
        self,
        info: Info,
        code: str,
        first: int | None = PAGE_SIZE,
        after: str | None = strawberry.UNSET,
    ) -> Connection[MeetupAttendee]:
        page = await meetups.attendees(info.context, code, page_arguments(first, after))
        nodes = [MeetupAttendee.of(found) for found in page.items]
        return Connection(nodes=nodes, page_info=PageInfo.of(page), cursors=page.cursors)


@strawberry.type
class MeetupMutations:
    @strawberry.mutation(
        extensions=allow("member"), description="A seat, or a place in line; once for each meetup."
    )
    async def sign_up_for_meetup(self, info: Info, code: str) -> SignUpPayload:
        return SignUpPayload.of(await meetups.sign_up(info.context, code), info)

    @strawberry.mutation(
        extensions=allow("member"), description="The seat goes to who has waited longest."
    )
    async def cancel_meetup_sign_up(self, info: Info, code: str) -> SignUpPayload:
        return SignUpPayload.of(await meetups.cancel(info.context, code), info)

    @strawberry.mutation(
        extensions=allow("staff", "service", scope=Scope.EVENTS_WRITE),
        description="Let the bearer of a ticket in, once; what the meetup gives is given then.",
    )
    async def check_in_at_meetup(self, info: Info, ticket: str) -> MeetupDoorPayload:
        made = await meetups.check_in(info.context, ticket)
        found = made.value
        return MeetupDoorPayload(
            member_id=found and strawberry.ID(global_id("Member", found.member_id)),
            meetup=found and found.meetup,
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )
