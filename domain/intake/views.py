"""Which events had no effect, and why?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson

from db.connection import reader
from db.queries import observing
from domain.intake.model import InboxEvent
from kit.errors import InvalidInput
from kit.paging import Page, decode_cursor, encode_cursor, page_size

SetAside = Literal["dead", "parked", "refused"]
SET_ASIDE: tuple[SetAside, ...] = ("dead", "parked", "refused")


async def set_aside(
    states: Sequence[SetAside] = SET_ASIDE, *, first: int = 20, after: str | None = None
) -> Page[InboxEvent]:
    """Events that were set aside, wait for their order, or were refused; the last received first.

    Refuses INVALID_INPUT.
    """
    size = page_size(first)
    before = None if after is None else _position(after)
    async with reader() as tx:
        rows = await observing.events_set_aside(tx, states, before=before, limit=size + 1)
    found = [InboxEvent(**{**row, "data": orjson.loads(row["data"])}) for row in rows[:size]]
    return Page(
        items=found,
        cursors=[encode_cursor(one.received_at.isoformat(), str(one.id)) for one in found],
        has_next=len(rows) > size,
        has_previous=after is not None,
    )


def _position(cursor: str) -> tuple[datetime, UUID]:
    received_at, event_id = decode_cursor(cursor, str, str)
    try:
        at = datetime.fromisoformat(str(received_at))
        return at.astimezone(), UUID(str(event_id))
    except (ValueError, OverflowError):
        raise InvalidInput(["after"], "not a cursor of this list", "不是此列表的游标") from None
