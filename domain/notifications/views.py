"""What was a member told, how do they want to be told, and what became of it?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx, reader
from db.queries import members
from db.queries import notifications as queries
from domain.members.model import Member
from domain.members.rules import zone_at
from domain.notifications import rules, steps
from domain.notifications.model import (
    NEVER_SHOWN,
    Channel,
    Delivery,
    Preference,
    Shown,
    Template,
)
from domain.programme.model import Programme
from domain.programme.model.messages import EVERYWHERE, KINDS
from domain.programme.views import versions
from kit.errors import InvalidInput, NotFound
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size

UNREAD_COUNTED_MAX = 1_000
FRESH_MAX = 200


@dataclass(frozen=True, slots=True)
class DeliveryView:
    delivery: Delivery
    template: str


async def inbox(
    member_id: UUID,
    *,
    locale: str,
    now: datetime,
    first: int = 20,
    after: str | None = None,
    is_unread_only: bool = False,
) -> Page[Shown]:
    """What the member is told in the app, the newest first; what they muted there is left out.

    Refuses INVALID_INPUT, NOT_FOUND.
    """
    size = page_size(first)
    before = None if after is None else _position(after)
    programme = (await versions()).at(now).programme
    async with reader() as tx:
        member, preference = await _member(tx, member_id), await steps.preference(tx, member_id)
        rows = await queries.inbox(
            tx,
            member_id,
            before=before,
            is_unread_only=is_unread_only,
            hidden=_hidden(preference),
            limit=size + 1,
        )
    one = _reader(member, locale, now)
    found = [rules.shown(steps.notification(row), programme, one) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(str(shown.notification.id)) for shown in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


async def fresh(
    member_id: UUID,
    *,
    after: UUID,
    known: Collection[UUID],
    locale: str,
    now: datetime,
) -> list[Shown]:
    """What was made after that id and isn't known, the oldest first; at most 200."""
    async with reader() as tx:
        preference = await steps.preference(tx, member_id)
        rows = await queries.since(
            tx, member_id, after, known=known, hidden=_hidden(preference), limit=FRESH_MAX
        )
        if not rows:
            return []
        one = _reader(await _member(tx, member_id), locale, now)
    programme = (await versions()).at(now).programme
    return [rules.shown(steps.notification(row), programme, one) for row in rows]


async def unread(member_id: UUID) -> int:
    """How many wait to be read; 1,000 stands for 1,000 and more."""
    async with reader() as tx:
        hidden = _hidden(await steps.preference(tx, member_id))
        return await queries.unread(tx, member_id, hidden=hidden, limit=UNREAD_COUNTED_MAX)


async def preference(member_id: UUID) -> Preference:
    async with reader() as tx:
        return await steps.preference(tx, member_id)


async def deliveries(
    member_id: UUID, *, first: int = 20, after: str | None = None
) -> Page[DeliveryView]:
    """What became of each notification by each channel, the newest first.

    Refuses INVALID_INPUT.
    """
    size = page_size(first)
    before = None if after is None else _place(after)
    async with reader() as tx:
        rows = await queries.deliveries(tx, member_id, before=before, limit=size + 1)
    found = [_delivery(dict(row)) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[
            encode_cursor(str(one.delivery.notification_id), one.delivery.channel) for one in found
        ],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


def preview(
    template: str,
    channel: Channel,
    programme: Programme,
    *,
    locale: str,
    facts: dict[str, Any] | None = None,
) -> rules.Text:
    """What a template would say in the programme's zone; `facts` replace those of the example.

    Refuses INVALID_INPUT for a template or a fact that isn't there.
    """
    if template not in set(Template):
        choices = ", ".join(Template)
        raise InvalidInput(["template"], f"one of {choices}", f"须为以下之一：{choices}")
    example = KINDS[Template(template)].example
    unknown = sorted(set(facts or ()) - set(example))
    if unknown:
        choices = ", ".join(example)
        raise InvalidInput(["facts", unknown[0]], f"one of {choices}", f"须为以下之一：{choices}")
    one = rules.Reader(str(EVERYWHERE["nickname"]), programme.zone, locale)
    return rules.text(template, {**example, **(facts or {})}, channel, programme, one)


def _hidden(preference: Preference) -> list[str]:
    return [
        template.value
        for template in Template
        if template in NEVER_SHOWN or preference.mutes(rules.class_of(template), Channel.IN_APP)
    ]


async def _member(tx: Tx, member_id: UUID) -> Member:
    rows = await members.by_ids(tx, [member_id])
    if not rows:
        raise NotFound("member")
    return Member(**rows[0])


def _reader(member: Member, locale: str, now: datetime) -> rules.Reader:
    return rules.Reader(member.nickname, zone_at(member, now), locale)


def _delivery(row: dict[str, Any]) -> DeliveryView:
    template = row.pop("template")
    return DeliveryView(Delivery(**row), template)


def _position(cursor: str) -> UUID:
    (text,) = decode_cursor(cursor, str)
    return _uuid(text)


def _place(cursor: str) -> tuple[UUID, str]:
    text, channel = decode_cursor(cursor, str, str)
    return _uuid(text), str(channel)


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise foreign_cursor() from None
