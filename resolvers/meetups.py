"""How are meetups read, signed up for and come to?"""

from domain.meetups import operations, views
from domain.meetups.model import Attendee, ShownMeetup, SignUp
from kit import qr
from kit.paging import Page
from resolvers.answers import Answer, answer
from resolvers.context import Context


async def meetups(context: Context) -> list[ShownMeetup]:
    await context.speak()
    return await views.meetups(context.viewer.member_id, now=context.now)


async def attendees(context: Context, code: str, page: tuple[int, str | None]) -> Page[Attendee]:
    """Refuses NOT_FOUND, INVALID_INPUT."""
    first, after = page
    return await views.attendees(code, first=first, after=after, now=context.now)


async def sign_up(context: Context, code: str) -> Answer[SignUp]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.sign_up(me, code, now=context.now))


async def cancel(context: Context, code: str) -> Answer[SignUp]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.cancel(me, code, now=context.now))


async def check_in(context: Context, ticket: str) -> Answer[SignUp]:
    actor = context.viewer.subject
    return await answer(context, operations.check_in(ticket, actor=actor, now=context.now))


async def place_in_line(found: SignUp) -> int | None:
    return await views.place_in_line(found)


def ticket_qr_code(found: SignUp) -> str:
    """As SVG."""
    return qr.svg(found.ticket)
