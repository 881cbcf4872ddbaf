"""What is a member told, how do they want to be told, and what became of it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.members import aliases
from domain.notifications import operations, views
from domain.notifications.model import Channel, Preference, Shown
from domain.notifications.operations import Changed
from domain.notifications.rules import Text
from domain.notifications.views import DeliveryView
from kit.errors import Forbidden
from kit.paging import Page
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context

_NOTIFICATION = "Notification"


@dataclass(frozen=True, slots=True)
class Pages:
    """Which of a member's notifications are asked for."""

    first: int
    after: str | None
    is_unread_only: bool


async def inbox(context: Context, member_id: UUID, asked: Pages) -> Page[Shown]:
    _require_private(context, member_id)
    await context.speak()
    return await views.inbox(
        member_id,
        locale=context.locale,
        now=context.now,
        first=asked.first,
        after=asked.after,
        is_unread_only=asked.is_unread_only,
    )


async def unread(context: Context, member_id: UUID) -> int:
    _require_private(context, member_id)
    return await views.unread(member_id)


async def preference(context: Context, member_id: UUID) -> Preference:
    _require_private(context, member_id)
    return await views.preference(member_id)


async def mark_read(
    context: Context, wanted: Sequence[str], up_to: str | None
) -> Answer[tuple[int, int]]:
    """How many were marked now, and how many are left to be read."""
    me = context.viewer.own_member_id()

    async def verb() -> tuple[int, int]:
        marked = await operations.mark_read(
            me,
            [_own(me, text) for text in wanted],
            up_to=None if up_to is None else _own(me, up_to),
            now=context.now,
        )
        return marked, await views.unread(me)

    return await answer(context, verb())


async def update_preference(context: Context, changed: Changed) -> Answer[Preference]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.update_preference(me, changed, now=context.now))


async def register_push(context: Context, token: str) -> Answer[None]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.register_push(me, token, now=context.now))


async def remove_push(context: Context, token: str) -> Answer[None]:
    me = context.viewer.own_member_id()
    return await answer(context, operations.remove_push(me, token))


async def preview(
    context: Context, template: str, channel: Channel, locale: str, facts: dict[str, Any] | None
) -> Text:
    return views.preview(template, channel, context.programme, locale=locale, facts=facts)


async def deliveries(member: str, first: int, after: str | None) -> Page[DeliveryView]:
    return await views.deliveries(ids.member_id(member), first=first, after=after)


def _own(me: UUID, text: str) -> UUID:
    """Another member's is looked for among one's own, and not found."""
    member_id, found = ids.uuids(text, _NOTIFICATION, 2, "notification")
    return found if aliases.current(member_id) == me else member_id


def _require_private(context: Context, member_id: UUID) -> None:
    if not context.viewer.may_read(member_id):
        raise Forbidden
