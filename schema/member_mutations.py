"""What can be done by, for and to a member?"""

from datetime import date, datetime
from typing import Annotated, cast

import strawberry

from domain.checkins.operations import CheckedIn
from domain.members.model import Enrolment, Locale, Registration, Scope
from domain.members.model import Member as MemberRow
from domain.referrals.model import Arrival, EnrolledByCode
from resolvers import badges, checkins, members, signing_in
from resolvers.answers import Answer
from resolvers.members import Profile
from resolvers.signing_in import SignedIn
from schema.answers import MemberPayload, member_parts
from schema.checkins import CheckIn
from schema.guards import Info, allow, allow_everybody
from schema.members import Member, member_or_none
from schema.referrals import ADDRESS, TOUCH, ArrivalInput
from schema.refusals import Refusal, refusal_or_none


@strawberry.input(description="email or phone, one of them; referralCode binds the inviter.")
class RegisterInput:
    nickname: str
    email: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    password: str
    timezone: str | None = strawberry.UNSET
    referral_code: str | None = strawberry.UNSET
    device_id: str | None = strawberry.UNSET
    locale: str | None = strawberry.UNSET
    address: str | None = strawberry.field(default=strawberry.UNSET, description=ADDRESS)
    touch: str | None = strawberry.field(default=strawberry.UNSET, description=TOUCH)

    def arrival(self) -> Arrival:
        return Arrival(self.device_id or None, self.address or None, None, self.touch or None)

    def registration(self) -> Registration:
        return Registration(
            nickname=self.nickname,
            password=self.password,
            email=self.email or None,
            phone=self.phone or None,
            timezone=self.timezone or None,
            locale=cast("Locale | None", self.locale or None),
            device_id=self.device_id or None,
        )


@strawberry.input
class SignInInput:
    email: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    password: str


@strawberry.input
class EnrolMemberInput(ArrivalInput):
    external_id: str
    nickname: str
    email: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    timezone: str | None = strawberry.UNSET
    referral_code: str | None = strawberry.UNSET
    joined_at: datetime | None = strawberry.UNSET
    locale: str | None = strawberry.UNSET
    birthday: date | None = strawberry.UNSET

    def enrolment(self) -> Enrolment:
        return Enrolment(
            external_id=self.external_id,
            nickname=self.nickname,
            email=self.email or None,
            phone=self.phone or None,
            timezone=self.timezone or None,
            locale=cast("Locale | None", self.locale or None),
            joined_at=self.joined_at or None,
            birthday=self.birthday or None,
        )


@strawberry.input
class UpdateProfileInput:
    nickname: str | None = strawberry.UNSET
    locale: str | None = strawberry.UNSET
    birthday: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="The first one may be changed at any time, then once in 365 days.",
    )

    def profile(self) -> Profile:
        return Profile(self.nickname or None, self.locale or None, self.birthday or None)


@strawberry.type
class SignInPayload:
    access_token: str | None = None
    expires_at: datetime | None = None
    member: Member | None = None
    refusal: Refusal | None = strawberry.field(
        default=None,
        description="With a member: only the referral code was refused, and they are in.",
    )

    @classmethod
    def of(cls, made: Answer[SignedIn], info: Info) -> "SignInPayload":
        signed_in = made.value
        refusal = signed_in.refusal if signed_in else made.refusal
        return cls(
            access_token=signed_in and signed_in.access_token,
            expires_at=signed_in and signed_in.expires_at,
            member=member_or_none(made.member),
            refusal=refusal_or_none(refusal, info.context.locale),
        )


@strawberry.type
class CheckInPayload(MemberPayload):
    check_in: CheckIn | None = None

    @classmethod
    def of(cls, made: Answer[CheckedIn], info: Info) -> "CheckInPayload":
        return cls(
            check_in=made.value and CheckIn.of(made.value),
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )


@strawberry.type
class EnrolMemberPayload(MemberPayload):
    created: bool = strawberry.field(default=False, description="False: was there already.")

    @classmethod
    def of(cls, made: Answer[EnrolledByCode], info: Info) -> "EnrolMemberPayload":
        """A refused referral code stands beside the member, who was made all the same."""
        enrolled = made.value
        refusal = made.refusal if enrolled is None else enrolled.refusal
        return cls(
            member=member_or_none(made.member),
            created=enrolled is not None and enrolled.created,
            refusal=refusal_or_none(refusal, info.context.locale),
        )


def _payload(made: Answer[MemberRow], info: Info) -> MemberPayload:
    return MemberPayload(
        member=member_or_none(made.member),
        refusal=refusal_or_none(made.refusal, info.context.locale),
    )


@strawberry.type
class SigningInMutations:
    @strawberry.mutation(extensions=allow_everybody())
    async def register(
        self, info: Info, asked: Annotated[RegisterInput, strawberry.argument(name="input")]
    ) -> SignInPayload:
        code = asked.referral_code or None
        made = await signing_in.register(
            *(info.context, asked.registration(), code, asked.arrival()), member_parts(info)
        )
        return SignInPayload.of(made, info)

    @strawberry.mutation(extensions=allow_everybody())
    async def sign_in(
        self, info: Info, asked: Annotated[SignInInput, strawberry.argument(name="input")]
    ) -> SignInPayload:
        made = await signing_in.sign_in(
            info.context,
            email=asked.email or None,
            phone=asked.phone or None,
            password=asked.password,
            parts=member_parts(info),
        )
        return SignInPayload.of(made, info)

    @strawberry.mutation(
        extensions=allow("staff", "service", scope=Scope.MEMBERS_WRITE),
        description="Create or find the member of a shop's customer.",
    )
    async def enrol_member(
        self, info: Info, asked: Annotated[EnrolMemberInput, strawberry.argument(name="input")]
    ) -> EnrolMemberPayload:
        code = asked.referral_code or None
        made = await signing_in.enrol(
            *(info.context, asked.enrolment(), code, asked.arrival()), member_parts(info)
        )
        return EnrolMemberPayload.of(made, info)


@strawberry.type
class CheckInMutations:
    @strawberry.mutation(extensions=allow("member"), description="Once a day of the member.")
    async def check_in(self, info: Info) -> CheckInPayload:
        return CheckInPayload.of(await checkins.check_in(info.context, member_parts(info)), info)

    @strawberry.mutation(
        extensions=allow("member"), description="Restore a missed day with a make-up card."
    )
    async def make_up_check_in(self, info: Info, day: date) -> CheckInPayload:
        made = await checkins.make_up(info.context, day, member_parts(info))
        return CheckInPayload.of(made, info)


@strawberry.type
class MemberMutations:
    @strawberry.mutation(extensions=allow("member"), description="At most once in 30 days.")
    async def change_timezone(self, info: Info, timezone: str) -> MemberPayload:
        made = await members.change_timezone(info.context, timezone, member_parts(info))
        return _payload(made, info)

    @strawberry.mutation(extensions=allow("member"), description="What is left out stays.")
    async def update_profile(
        self, info: Info, asked: Annotated[UpdateProfileInput, strawberry.argument(name="input")]
    ) -> MemberPayload:
        made = await members.update_profile(info.context, asked.profile(), member_parts(info))
        return _payload(made, info)

    @strawberry.mutation(
        extensions=allow("staff"), description="Correct a birthday, whenever it was changed."
    )
    async def correct_birthday(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        birthday: date,
        reason: str,
    ) -> MemberPayload:
        found = member_parts(info)
        made = await members.correct_birthday(info.context, id_, birthday, reason, found)
        return _payload(made, info)

    @strawberry.mutation(
        extensions=allow("member"),
        description="Go by the title of a badge that one has; null: by none.",
    )
    async def choose_title(self, info: Info, badge: str | None = strawberry.UNSET) -> MemberPayload:
        made = await badges.choose_title(info.context, badge or None, member_parts(info))
        return MemberPayload(
            member=member_or_none(made.member),
            refusal=refusal_or_none(made.refusal, info.context.locale),
        )

    @strawberry.mutation(
        extensions=allow("staff"), description="Bar a member from everything but reading."
    )
    async def suspend_member(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        reason: str,
    ) -> MemberPayload:
        made = await members.suspend(info.context, id_, reason, member_parts(info))
        return _payload(made, info)

    @strawberry.mutation(extensions=allow("staff"), description="End a suspension.")
    async def resume_member(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, strawberry.argument(name="id")],
        reason: str,
    ) -> MemberPayload:
        made = await members.resume(info.context, id_, reason, member_parts(info))
        return _payload(made, info)
