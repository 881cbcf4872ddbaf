"""How do members invite, name who invited them, and how do staff look at what is doubtful?"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.dashboard.model import Part, ReferralView
from domain.referrals import operations, rules, views
from domain.referrals.model import Arrival, ShownReview
from kit import qr
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context

_REFERRAL = Part("referral")


class Landed(NamedTuple):
    """`touch`: to be carried along until registration, `expires_at`: as long as it counts."""

    code: str
    touch: str
    expires_at: datetime


async def bind(context: Context, code: str, arrival: Arrival) -> Answer[ReferralView]:
    me = context.viewer.own_member_id()
    verb = operations.bind(me, code, arrival=arrival, now=context.now, secret=context.device_secret)
    made = await answer(context, verb, frozenset({_REFERRAL}), shows=lambda _: me)
    if made.member is None:
        return Answer(refusal=made.refusal)
    found = made.member.view.parts[_REFERRAL]
    assert isinstance(found, ReferralView)
    return Answer(found)


def link(context: Context, code: str) -> str | None:
    """Null where the programme names no place to send friends to."""
    return rules.link_of(code, context.programme)


def qr_code(context: Context, code: str) -> str | None:
    """The link as SVG."""
    found = link(context, code)
    return None if found is None else qr.svg(found)


async def land(context: Context, code: str, touch: str | None) -> Answer[Landed]:
    async def verb() -> Landed:
        await context.attempts.landing()
        programme, secret = context.programme, context.device_secret
        found = await views.land(code, touch, now=context.now, secret=secret, programme=programme)
        return Landed(found.code, found.token, rules.counts_until(found, programme))

    return await answer(context, verb())


async def reviews(context: Context, state: str, first: int, after: str | None) -> Page[ShownReview]:
    await context.speak()
    return await views.reviews(state, first=first, after=after)


async def approve(context: Context, review: str, note: str) -> Answer[ShownReview]:
    return await _decide(context, review, note, operations.approve)


async def reject(context: Context, review: str, note: str) -> Answer[ShownReview]:
    return await _decide(context, review, note, operations.reject)


async def _decide(
    context: Context, review: str, note: str, operation: Callable[..., Awaitable[ShownReview]]
) -> Answer[ShownReview]:
    async def verb() -> ShownReview:
        found = await operation(
            _invitee_id(review), staff=context.viewer.subject, note=note, now=context.now
        )
        await context.speak()
        return found

    return await answer(context, verb())


def _invitee_id(review: str) -> UUID:
    """Refuses NOT_FOUND."""
    (found,) = ids.uuids(review, "ReferralReview", 1, "referral review")
    return found
