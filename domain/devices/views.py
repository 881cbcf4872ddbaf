"""With which devices was a member seen?"""

from datetime import datetime
from uuid import UUID

from db.connection import reader
from db.queries import devices as queries
from domain.devices import rules
from domain.devices.model import Device, Presence, Shown
from domain.programme.views import versions

SHOWN_MAX = 50


async def devices(member_id: UUID, *, now: datetime, current: UUID | None = None) -> list[Shown]:
    """Those seen last come first; at most 50. `current`: from which one it is asked."""
    policy = (await versions()).at(now).programme.security
    async with reader() as tx:
        rows = await queries.devices(tx, member_id, SHOWN_MAX)
        found = await queries.presence(tx, member_id)
    presence = Presence(member_id) if found is None else Presence(**found)
    return [
        Shown(
            device,
            is_trusted=rules.is_trusted(device, presence, now, policy),
            is_current=device.id == current,
        )
        for device in (Device(**row) for row in rows)
    ]
