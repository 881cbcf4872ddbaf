"""Which endpoints are there, and what became of what they were to be told?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.connection import reader
from db.queries import webhooks as queries
from domain.webhooks.model import Delivery, Endpoint, Event, State
from kit.errors import NotFound
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery with its event."""

    delivery: Delivery
    event: Event


async def endpoints() -> list[Endpoint]:
    """All of them, disabled ones too, the oldest first."""
    async with reader() as tx:
        return [Endpoint(**row) for row in await queries.endpoints(tx)]


async def deliveries(
    endpoint_id: UUID, state: State | None = None, *, first: int = 20, after: str | None = None
) -> Page[Sent]:
    """What went or goes to an endpoint, the newest first. Refuses INVALID_INPUT, NOT_FOUND."""
    size = page_size(first)
    before = None if after is None else _position(after)
    async with reader() as tx:
        if await queries.endpoint(tx, endpoint_id) is None:
            raise NotFound("webhook endpoint")
        rows = await queries.deliveries(tx, endpoint_id, state=state, before=before, limit=size + 1)
    found = [_sent(row) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[_cursor(one.delivery) for one in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


def _sent(row: dict[str, object]) -> Sent:
    of_event = {name: row.pop(name) for name in ("type", "data", "occurred_at")}
    delivery = Delivery(**row)  # pyright: ignore[reportArgumentType]  the table's columns
    event = Event(
        **of_event,  # pyright: ignore[reportArgumentType]  the table's columns
        member_id=delivery.member_id,
        id=delivery.event_id,
        created_at=delivery.created_at,
    )
    return Sent(delivery, event)


def _cursor(delivery: Delivery) -> str:
    return encode_cursor(delivery.created_at.isoformat(), str(delivery.event_id))


def _position(cursor: str) -> tuple[datetime, UUID]:
    created_at, event_id = decode_cursor(cursor, str, str)
    try:
        at = datetime.fromisoformat(str(created_at))
        return at.astimezone(), UUID(str(event_id))
    except (ValueError, OverflowError):
        raise foreign_cursor() from None
