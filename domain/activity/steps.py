"""What did these members do since then?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.connection import Tx
from db.queries import activity as queries
from domain.activity.model import BoughtLine, Deed, DeedKind

_EVENTS: dict[str, DeedKind] = {"review.approved": "review", "share.opened": "share"}


async def deeds(tx: Tx, member_ids: Sequence[UUID], since: datetime) -> dict[UUID, list[Deed]]:
    """Of each member what still stands, the earliest first."""
    found: dict[UUID, list[Deed]] = {member_id: [] for member_id in member_ids}
    for row in await queries.deeds(tx, member_ids, since, list(_EVENTS)):
        deed = _deed(row)
        if deed.kind != "order" or deed.lines:
            found[UUID(row["member_id"])].append(deed)
    for told in found.values():
        told.sort(key=lambda deed: (deed.at, deed.reference))
    return found


def _deed(row: dict[str, Any]) -> Deed:
    settles_at, day = row.get("settles_at"), row.get("day")
    return Deed(
        kind=_EVENTS[row["kind"]] if row["kind"] in _EVENTS else row["kind"],
        at=datetime.fromisoformat(row["at"]),
        reference=str(row["reference"]),
        settles_at=settles_at and datetime.fromisoformat(settles_at),
        lines=tuple(line for line in map(_line, row.get("lines") or ()) if line.left_minor),
        day=day and date.fromisoformat(day),
        streak_days=row.get("streak_days", 0),
        data=row.get("data") or {},
    )


def _line(row: dict[str, Any]) -> BoughtLine:
    net, left = row["net_minor"], row["net_minor"] - row["refunded_minor"]
    return BoughtLine(
        sku=row.get("sku", ""),
        category=row.get("category"),
        brand=row.get("brand"),
        left_minor=left,
        base_left_minor=row["base_minor"] * left // net if net else row["base_minor"],
    )
