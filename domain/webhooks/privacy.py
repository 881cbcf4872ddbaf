"""What is told of who was erased?"""

from typing import cast

from db.changes import value_of
from domain.webhooks.model import EventType
from domain.webhooks.telling import Told, Written


def erasure(row: object, written: Written) -> Told | None:
    """Of the one for whom it was asked: the customer ids are said here once, and kept nowhere."""
    del written
    if not (isinstance(row, dict) and "external_ids" in row):
        return None
    row = cast("dict[str, object]", row)
    data = {
        "externalIds": value_of(row, "external_ids"),
        "requestId": value_of(row, "request_id"),
        "content": value_of(row, "content"),
    }
    at = value_of(row, "erased_at")
    return Told(EventType.MEMBER_ERASED, value_of(row, "member_id"), "", at, data)
