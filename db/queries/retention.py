"""SQL for what time will change of members' tiers."""

from datetime import datetime
from uuid import UUID

from db.connection import Tx


async def members_due(tx: Tx, as_of: datetime, after: UUID, *, limit: int) -> list[UUID]:
    """Members whose standing time may have changed, in the order of their ids."""
    rows = await tx.fetch(
        "SELECT member_id FROM standing WHERE retention_at <= $1 AND member_id > $2"
        " ORDER BY member_id LIMIT $3",
        as_of,
        after,
        limit,
    )
    return [row["member_id"] for row in rows]
