"""How does somebody become a member or sign in?"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.members import operations, rules
from domain.members.model import Enrolment, Registration
from domain.referrals import operations as referrals
from domain.referrals.model import Arrival, EnrolledByCode
from kit.errors import Refusal
from resolvers.answers import Answer, Parts, answer
from resolvers.context import Context, Viewer
from resolvers.devices import arrive
from resolvers.seeing import see


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`refusal`: why the inviter wasn't bound; the member is in all the same."""

    member_id: UUID
    access_token: str
    expires_at: datetime
    refusal: Refusal | None = None


async def register(
    context: Context,
    asked: Registration,
    referral_code: str | None,
    arrival: Arrival,
    parts: Parts,
) -> Answer[SignedIn]:
    async def verb() -> SignedIn:
        await context.attempts.register()
        found = await referrals.register(
            asked,
            referral_code=referral_code,
            arrival=arrival,
            now=context.now,
            secret=context.device_secret,
        )
        if context.device is not None:
            await arrive(context, found.member.member_id)
        return _signed_in(context, found.member.member_id, found.refusal)

    return await _as_themselves(context, verb(), parts)


async def sign_in(
    context: Context, *, email: str | None, phone: str | None, password: str, parts: Parts
) -> Answer[SignedIn]:
    async def verb() -> SignedIn:
        contact = ":".join(rules.sign_in_contact(email, phone, context.programme))
        await context.attempts.sign_in(contact)
        member = await operations.sign_in(
            email=email, phone=phone, password=password, now=context.now
        )
        await context.attempts.signed_in(contact)
        await arrive(context, member.member_id)
        return _signed_in(context, member.member_id)

    return await _as_themselves(context, verb(), parts)


async def enrol(
    context: Context, asked: Enrolment, referral_code: str | None, arrival: Arrival, parts: Parts
) -> Answer[EnrolledByCode]:
    verb = referrals.enrol(
        asked,
        referral_code=referral_code,
        arrival=arrival,
        now=context.now,
        secret=context.device_secret,
    )
    made = await answer(context, verb, parts, shows=lambda found: found.member.member_id)
    if made.value is not None and made.value.refusal is not None:
        context.count_refusal(made.value.refusal.code)
    return made


def _signed_in(context: Context, member_id: UUID, refusal: Refusal | None = None) -> SignedIn:
    if refusal is not None:
        context.count_refusal(refusal.code)
    token, expires_at = context.issue_token(member_id, context.now)
    return SignedIn(member_id, token, expires_at, refusal)


async def _as_themselves(
    context: Context, verb: Awaitable[SignedIn], parts: Parts
) -> Answer[SignedIn]:
    """The answer with the member as the bearer of the new token sees them."""
    made = await answer(context, verb)
    if made.value is None or parts is None:
        return made
    member_id = made.value.member_id
    viewer = Viewer("member", subject=str(member_id), member_id=member_id)
    return Answer(made.value, member=await see(context, member_id, parts, viewer=viewer))
